import { describe, expect, it } from 'vitest';
import * as confirmations from '../../../src/cli/output/messages/confirmation-messages.js';
import * as messages from '../../../src/cli/output/messages/run-messages.js';

const DESTINATION = {
  target: 'didomi',
  owner: 'organization acme',
  apiUrl: 'https://api.didomi.io/v1',
  integrationsOff: false,
};

describe('messages about a run', () => {
  it('name the destination, and the ledger with how many ids, first', () => {
    expect(messages.firstLine(DESTINATION, { path: '/state/l', ids: 1204 })).toBe(
      'Importing into didomi, organization acme, at https://api.didomi.io/v1. Ledger: /state/l, 1,204 ids.',
    );
    const sandbox = { ...DESTINATION, apiUrl: undefined, integrationsOff: true };
    expect(messages.firstLine(sandbox, { path: '/state/l', ids: 1 })).toBe(
      'Importing into didomi, organization acme, at an embedded sandbox, without integrations. Ledger: /state/l, 1 id.',
    );
  });

  it('ask with target, organization, address, ledger, files, sizes and what happens to integrations', () => {
    const files = [
      { path: 'a.jsonl.gz', bytes: 12_345 },
      { path: 'b.jsonl', bytes: 900 },
    ];
    expect(
      confirmations.confirmationQuestion(DESTINATION, { path: '/state/l', isNew: false, doubles: false }, files),
    ).toBe(
      [
        'This import goes into didomi, organization acme, at https://api.didomi.io/v1.',
        "  Events are forwarded to the organization's integrations.",
        '  Ledger: /state/l',
        '  2 files, 13 KiB:',
        '    a.jsonl.gz  12 KiB',
        '    b.jsonl  900 B',
        'Go on? [y/N] ',
      ].join('\n'),
    );
    const off = { ...DESTINATION, integrationsOff: true };
    const many = Array.from({ length: 30 }, (_, i) => ({ path: `${i}.jsonl`, bytes: i === 0 ? undefined : 1 }));
    const question = confirmations.confirmationQuestion(off, { path: '/state/l', isNew: true, doubles: false }, many);
    expect(question).toContain(
      '\n  Events are not forwarded to integrations.\n  Ledger: /state/l (new)\n  30 files:\n    0.jsonl\n    1.jsonl  1 B\n',
    );
    expect(question).toContain('\n    7.jsonl  1 B\n    and 22 more files\nGo on? [y/N] ');
  });

  it('ask about OneTrust without a word on integrations, and say when the ledger is a new one', () => {
    const destination = {
      ...DESTINATION,
      target: 'onetrust',
      owner: 'collection point p',
      apiUrl: 'https://ot.example',
    };
    expect(
      confirmations.confirmationQuestion(destination, { path: '/state/l', isNew: true, doubles: true }, [
        { path: 'a.jsonl', bytes: 10 },
      ]),
    ).toBe(
      [
        'This import goes into onetrust, collection point p, at https://ot.example.',
        '  Nothing that is sent can be taken back.',
        '  Ledger: /state/l (a new one: what was imported with another ledger would be imported twice)',
        '  1 file, 10 B:',
        '    a.jsonl  10 B',
        'Go on? [y/N] ',
      ].join('\n'),
    );
  });

  it.each([
    [
      confirmations.confirmationNeeded(),
      'confirmation_needed',
      'this import must be confirmed, and --no-input forbids to ask. Confirm it with --yes; nothing was sent.',
    ],
    [
      confirmations.knownToTarget(12, 1_100),
      'known_to_target',
      "the target had 12 of 1,100 events before this ledger ever sent them; whether with the same content is not checked. If you don't know what sent them (another ledger, or another program), stop the import and find out.",
    ],
    [confirmations.notConfirmed(), 'not_confirmed', 'not confirmed; nothing was sent.'],
    [
      messages.outputIsInput('--rejects', 'r.jsonl'),
      'rejects_is_input',
      '--rejects r.jsonl is also an input: it would grow while it is read. Name another file.',
    ],
    [
      messages.outputIsInput('--summary-file', 's.json'),
      'output_is_input',
      '--summary-file s.json is also an input: it would be replaced. Name another file.',
    ],
    [messages.damagedInput({ code: 'cut_off', message: 'a.gz: cut off.' }), 'input_cut_off', 'a.gz: cut off.'],
    [messages.stopped({ reason: 'auth', message: 'No.' }), 'auth', 'No.'],
    [
      messages.draining('SIGINT', 8, 25_000),
      'draining',
      'SIGINT: taking nothing new, finishing 8 requests in flight, for at most 25s. A second signal stops at once.',
    ],
    [
      messages.stoppingNow('SIGTERM', 'didomi'),
      'stopping_now',
      'second signal (SIGTERM): stopping now. The next run sends again what was not answered.',
    ],
    [
      messages.stoppingNow('SIGTERM', 'onetrust'),
      'stopping_now',
      'second signal (SIGTERM): stopping now. What was not answered is in doubt.',
    ],
    [
      messages.newLedgerNeeded('/state'),
      'new_ledger_needed',
      'there is no ledger of this destination below /state, and onetrust keeps a receipt that is sent again twice. If nothing was imported there before: --new-ledger. If there is a ledger elsewhere, name it with --ledger; nothing was sent.',
    ],
    [
      messages.newLedgerLater('/state'),
      'new_ledger_needed',
      'there is no ledger of this destination below /state, so nothing is known of what was imported before. If nothing was: the import needs --new-ledger. If there is a ledger elsewhere, name it with --ledger.',
    ],
    [
      messages.rejectsArriveLate('r.jsonl'),
      'rejects_arrive_late',
      'r.jsonl is a rejects file: its events now arrive after later ones of the same people.',
    ],
    [
      messages.lastRejectTorn('r.jsonl'),
      'last_reject_torn',
      'r.jsonl is a rejects file whose last line is torn, which was left out. Run the command that wrote it again, which brings that record anew; if the file was cut off since, get it again.',
    ],
    [
      messages.inDoubt(1, 'consent-import ledger resolve --target onetrust'),
      'in_doubt',
      '1 event is in doubt: sent, but never answered. Nothing sends them again by itself; to settle them: consent-import ledger resolve --target onetrust',
    ],
    [
      messages.cantOpenOutput('--summary-file', 's.json', 'ENOENT'),
      'cant_write_output',
      "--summary-file s.json: can't write there (ENOENT). Check the folder and its permissions.",
    ],
    [
      messages.outputFailed('--summary-file', 's.json', 'ENOSPC'),
      'output_failed',
      '--summary-file s.json was not written (ENOSPC). The import itself is not affected.',
    ],
    [
      messages.accountsOff('read: the files hold 3, the run 4'),
      'accounts_off',
      'a bug: read: the files hold 3, the run 4. Run the same command again, and report this.',
    ],
  ])('say what, where and what to do: %j', (made, code, text) => {
    expect(made).toEqual({ code, text });
  });
});

describe('the message of an unexpected error', () => {
  it('tells where it came from, and not what it says, which may be an event', () => {
    const error = Object.assign(new TypeError('Unexpected token in ada@example.org'), { code: 'E_ODD' });
    const { code, text } = messages.unexpectedError(error);
    const lines = text.split('\n');
    expect(code).toBe('bug');
    expect(lines[0]).toBe(
      'a bug: an unexpected error ended the program. The ledger is safe: run the same command again, and report this.',
    );
    expect(lines[1]).toBe('TypeError E_ODD');
    expect(lines[2]).toMatch(/^ +at .*messages\.test\.ts:\d+/);
    expect(text).not.toContain('ada@');
  });

  it('leaves out every line of an error’s own text', () => {
    const error = new Error('first ada@example.org\n    at ada@example.org\nthird');
    expect(messages.unexpectedError(error).text).not.toContain('ada@');
    expect(messages.unexpectedError('ada@example.org').text).not.toContain('ada@');
  });
});
