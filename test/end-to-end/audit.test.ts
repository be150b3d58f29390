import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { demoToken } from '../../src/sandbox/sandbox.js';
import { CONSENTS, event, events, idOf, userOf } from './events.js';
import { handMadeServer, json } from './hand-made-server.js';
import { arrived, counts, importArgs, Place, sandbox } from './harness.js';
import { typed } from './typed.js';

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function linesOf(place: Place, name: string): Record<string, unknown>[] {
  const text = place.read(name);
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function dated(n: number, person: string, date: string): string {
  return `{"id":"${idOf(n)}","created_at":"${date}",${userOf(person)},${CONSENTS}}`;
}

describe('--delivered', () => {
  it('has a line for each event that this run delivered, with its id also where the record has none, and nothing of others', async () => {
    const place = new Place();
    const server = await sandbox();
    const withoutId = event(3).replace(`"id":"${idOf(3)}",`, '');
    place.write('a.jsonl', [event(1), '{', event(2), event(1), withoutId]);
    const run = await place.import(server.url, ['a.jsonl', '--delivered', 'd.jsonl']);

    expect(run.summary.events).toEqual(counts({ read: 5, delivered: 3, duplicate: 1, rejected: 1 }));
    expect(statSync(join(place.cwd, 'd.jsonl')).mode & 0o777).toBe(0o600);
    const lines = linesOf(place, 'd.jsonl').sort((a, b) => Number(a['line']) - Number(b['line']));
    const given = JSON.parse(arrived(server).find((text) => !text.includes(idOf(1)) && !text.includes(idOf(2)))!);
    expect(lines.map(({ file, line, id }) => [file, line, id])).toEqual([
      ['a.jsonl', 1, idOf(1)],
      ['a.jsonl', 3, idOf(2)],
      ['a.jsonl', 5, given.id],
    ]);
    for (const { time } of lines) {
      expect(Date.parse(time as string)).toBeGreaterThanOrEqual(Date.parse(run.summary.startedAt));
      expect(Date.parse(time as string)).toBeLessThanOrEqual(Date.parse(run.summary.finishedAt));
    }

    const again = await place.import(server.url, ['a.jsonl', '--delivered', 'd.jsonl']);
    expect(again.summary.events.delivered).toBe(0);
    expect(linesOf(place, 'd.jsonl')).toHaveLength(3);
  });

  it('has of a OneTrust receipt its id, and link tokens where they were asked for, but no token as a whole', async () => {
    const place = new Place();
    const server = await sandbox();
    const token = demoToken();
    const purposes = [{ Id: 'a0000000-0000-4000-8000-000000000001', TransactionType: 'CONFIRMED' }];
    const receipt = (identifier: string, more: object): string =>
      JSON.stringify({ identifier, interactionDate: '2024-05-14T01:34:33Z', purposes, ...more });
    const asks = [{}, { generateInstantLinkToken: true }, { shortLinkToken: true }];
    place.write(
      'r.jsonl',
      asks.map((more, i) => receipt(`p${i}@example.org`, more)),
    );
    const { exitCode } = await place.run(
      [
        ...['import', '--target', 'onetrust', '--api-url', server.oneTrustUrl, '--new-ledger'],
        ...['r.jsonl', '--delivered', 'd.jsonl'],
      ],
      { env: { ONETRUST_COLLECTION_POINT_TOKEN: token } },
    );

    expect(exitCode).toBe(0);
    const returned = linesOf(place, 'd.jsonl')
      .sort((a, b) => Number(a['line']) - Number(b['line']))
      .map((line) => line['returned'] as Record<string, string>);
    expect(returned.map((each) => Object.keys(each))).toEqual([
      ['receipt'],
      ['receipt', 'instantLinkToken'],
      ['receipt', 'linkToken'],
    ]);
    expect(new Set(returned.map((each) => each['receipt'])).size).toBe(3);
    for (const each of returned) expect(each['receipt']).toMatch(/^[\w-]{8,64}$/);
    expect(place.read('d.jsonl')).not.toContain(token.split('.')[1]);
  });

  it('that can not be opened is exit 2 before anything is sent; so is one that is the rejects file, or an input', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('a.jsonl', events(2));
    mkdirSync(join(place.cwd, 'folder'));
    for (const [more, said] of [
      [
        ['--delivered', 'folder'],
        `error[cant_write_output]: --delivered ${join(place.cwd, 'folder')}: can't write there (EISDIR).`,
      ],
      [
        ['--delivered', 'no/d.jsonl'],
        `error[cant_write_output]: --delivered ${join(place.cwd, 'no/d.jsonl')}: can't write there (ENOENT).`,
      ],
      [
        ['--delivered', 'x', '--rejects', 'x'],
        `error[same_output]: --delivered and --rejects both name ${join(place.cwd, 'x')}.`,
      ],
      [
        ['--delivered', 'a.jsonl'],
        'error[delivered_is_input]: --delivered a.jsonl is also an input: it would grow while it is read.',
      ],
    ] as const) {
      const run = await place.import(server.url, ['a.jsonl', ...more]);
      expect(run.exitCode).toBe(2);
      expect(run.stderr).toContain(said);
    }
    expect(arrived(server)).toEqual([]);
    expect(place.exists('x')).toBe(false);
  });

  it('that fails later is a warning: everything is delivered all the same', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('a.jsonl', events(30));
    const run = await place.import(server.url, ['a.jsonl', '--delivered', '/dev/full']);
    expect(run.exitCode).toBe(0);
    expect(run.summary.events).toEqual(counts({ read: 30, delivered: 30 }));
    expect(run.said).toEqual([
      'warning[output_failed]: --delivered /dev/full was not written to its end (ENOSPC). The import itself is not affected.',
    ]);
  });

  it('is not an input where its folder is imported, and is not made by a dry run', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('in/a.jsonl', events(2));
    await place.import(server.url, ['in', '--delivered', 'in/d.jsonl', '--dry-run']);
    expect(place.exists('in/d.jsonl')).toBe(false);
    await place.import(server.url, ['in', '--delivered', 'in/d.jsonl']);
    const again = await place.import(server.url, ['in', '--delivered', 'in/d.jsonl']);
    expect(again.summary.files.map(({ path }) => path)).toEqual(['in/a.jsonl']);
  });
});

describe('--exclude-subjects', () => {
  it('never sends what is about these people: rejected as excluded, without the event', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('gone.txt', `ann@example.com\r\n${sha256('ben@example.com')}\n`);
    const broken = `{"id":"${idOf(4)}",${userOf('ann')}}`;
    place.write('a.jsonl', [event(1, 'ann'), event(2, 'ben'), event(3, 'cleo'), broken]);
    const run = await place.import(server.url, ['a.jsonl', '--exclude-subjects', 'gone.txt', '--max-rejects', 'none']);

    expect(run.exitCode).toBe(1);
    expect(run.summary.events).toEqual(counts({ read: 4, delivered: 1, rejected: 3 }));
    expect(run.summary.rejectedByReason).toEqual({ excluded: 3 });
    expect(arrived(server)).toEqual([event(3, 'cleo')]);
    expect(place.rejects()).toEqual(
      [1, 2, 4].map((line) => ({
        rejected: {
          ...{ file: 'a.jsonl', line, reason: 'excluded' },
          errors: [{ path: '', message: 'is about a person of --exclude-subjects' }],
        },
      })),
    );
    expect(run.stdout + run.stderr).not.toMatch(/ann|ben/);
  });

  it('holds for OneTrust, for validate, and for the events in a rejects file', async () => {
    const place = new Place();
    place.write('gone.txt', 'ann@example.com\n');
    place.write('a.jsonl', [
      `{"rejected":{"file":"x.jsonl","line":9,"reason":"refused","errors":[]},"event":${event(1, 'ann')}}`,
    ]);
    place.write('r.jsonl', ['{"identifier":"ann@example.com"}']);
    for (const [target, file, line] of [
      ['didomi', 'a.jsonl', 9],
      ['onetrust', 'r.jsonl', 1],
    ] as const) {
      const rejects = `${target}.rejects.jsonl`;
      const { exitCode } = await place.run(
        ['validate', '--target', target, file, '--exclude-subjects', 'gone.txt', '--rejects', rejects],
        { env: { ONETRUST_COLLECTION_POINT_TOKEN: demoToken() } },
      );
      expect(exitCode).toBe(1);
      expect(place.rejectsIn(rejects)).toMatchObject([{ rejected: { line, reason: 'excluded' } }]);
      expect(place.read(rejects)).not.toContain('ann');
    }
  });

  it('that can not be read is exit 2: better nothing than somebody who must not be sent', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('a.jsonl', events(1));
    const run = await place.import(server.url, ['a.jsonl', '--exclude-subjects', 'missing.txt']);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(
      `error[bad_subject_list]: --exclude-subjects ${join(place.cwd, 'missing.txt')}: can't read it (ENOENT). Give a file with one subject id, or its SHA-256, per line; nothing was sent.`,
    );
    place.write('utf16.txt', Buffer.from('person-1@example.com\n', 'utf16le'));
    const other = await place.import(server.url, ['a.jsonl', '--exclude-subjects', 'utf16.txt']);
    expect(other.exitCode).toBe(2);
    expect(other.stderr).toContain("utf16.txt: can't read it (it is no text in UTF-8). Give a file");
    expect(arrived(server)).toEqual([]);
  });
});

describe('`ledger accept`', () => {
  it('makes a file whose rejects are dealt with one that later runs pass over, and the run green', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('a.jsonl', [event(1), '{', event(2)]);
    const first = await place.import(server.url, ['a.jsonl']);
    const second = await place.import(server.url, ['a.jsonl']);
    expect([first.exitCode, second.exitCode]).toEqual([1, 1]);

    const accepted = await typed(place, server.url, ['accept', 'a.jsonl', '--yes']);
    expect(accepted.json['accepted']).toEqual([
      {
        ...{ file: 'a.jsonl', run: second.summary.run, sha256: sha256(place.read('a.jsonl')), records: 3, rejected: 1 },
      },
    ]);
    const green = await place.import(server.url, ['a.jsonl']);
    expect(green.exitCode).toBe(0);
    expect(green.summary.files).toMatchObject([{ state: 'skipped', read: 3, duplicate: 3 }]);
    const text = await place.run(importArgs(server.url, ['a.jsonl']).filter((each) => each !== '--json'));
    expect(text.stdout).toMatch(
      /^Done: every event was delivered, now or before, but for rejects that were accepted \(ledger accept\)\.\n/,
    );
    const { changes } = (await typed(place, server.url, ['runs'])).json;
    expect(changes).toMatchObject([{ what: 'accept a.jsonl', ids: 1 }]);
  });

  it('takes the id of a run, also of an earlier one that read the same file', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('a.jsonl', [event(1), '{']);
    place.write('b.jsonl.gz', gzipSync(`${event(2)}\n{\n`));
    place.write('c.jsonl', [event(3)]);
    const inputs = ['a.jsonl', 'b.jsonl.gz', 'c.jsonl', '--max-rejects', 'none'];
    const first = await place.import(server.url, inputs);
    await place.import(server.url, ['a.jsonl']);
    const accepted = await typed(place, server.url, ['accept', first.summary.run, '--yes']);
    expect((accepted.json['accepted'] as { file: string }[]).map(({ file }) => file).sort()).toEqual([
      'a.jsonl',
      'b.jsonl.gz',
    ]);
    expect((await place.import(server.url, inputs)).exitCode).toBe(0);
  });

  it('accepts no file that is not whole at the target but for its rejects, and no other content', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('whole.jsonl', [event(1)]);
    place.write('half.jsonl', [event(2), '{', event(3)]);
    await place.import(server.url, ['whole.jsonl']);
    await place.import(server.url, ['half.jsonl', '--limit', '1']);
    for (const name of ['whole.jsonl', 'half.jsonl', 'no-such-run']) {
      const refused = await typed(place, server.url, ['accept', name, '--yes']);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toContain(
        `error[nothing_to_accept]: "${name}" names no file that was read to its end and has nothing left but rejects, and no run with one. There is no such file.\n`,
      );
    }
    await place.import(server.url, ['half.jsonl']);
    expect((await typed(place, server.url, ['accept', 'half.jsonl', '--yes'])).exitCode).toBe(0);
    place.write('half.jsonl', [event(2), '[', event(3)]);
    expect((await place.import(server.url, ['half.jsonl'])).exitCode).toBe(1);
  });
});

describe('`ledger run`', () => {
  it('gives the summary of a run again, with the rejects file as it was', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('a.jsonl', [event(1), '{', event(2)]);
    const run = await place.import(server.url, ['a.jsonl', '--rejects', 'r.jsonl', '--batch-size', '7']);
    const rejectsSha256 = sha256(place.read('r.jsonl'));
    writeFileSync(join(place.cwd, 'r.jsonl'), 'tidied');

    const { json: told } = await typed(place, server.url, ['run', run.summary.run]);
    expect(told).toEqual({ ...run.summary, rejectsSha256 });
    expect(told).toMatchObject({
      settings: { batchSize: 7, organizationId: 'acme', order: 'strict' },
      files: [{ path: 'a.jsonl', sha256: sha256(place.read('a.jsonl')) }],
    });
    expect(JSON.stringify(told)).not.toMatch(/a-key|a-secret/);
  });
});

describe('`ledger check`', () => {
  it('tells of each record, also of repeats: delivered, in doubt, never seen, other content, no event', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('old.jsonl', [event(1), event(2), event(3)]);
    const { summary } = await place.import(server.url, ['old.jsonl']);
    place.write('new.jsonl', [event(9), event(2), '', event(2), '{', event(3, 'other')]);
    const sent = server.stats().requests;

    const { exitCode, json: told } = await typed(place, server.url, ['check', 'new.jsonl']);
    expect(exitCode).toBe(0);
    const records = told['records'] as Record<string, unknown>[];
    expect(records.map(({ line, state, reason, run }) => [line, state, reason, run])).toEqual([
      [1, 'unknown', null, null],
      [2, 'delivered', null, summary.run],
      [4, 'delivered', null, summary.run],
      [5, 'invalid', 'invalid_json', null],
      [6, 'otherContent', null, summary.run],
    ]);
    expect(records[1]!['recorded']).toMatchObject({ file: 'old.jsonl', line: 2, hadBefore: false });
    expect(told['counts']).toEqual({
      delivered: 2,
      inDoubt: 0,
      otherContent: 1,
      undone: 0,
      undoing: 0,
      unknown: 1,
      invalid: 1,
    });
    expect(server.stats().requests).toEqual(sent);
  });

  it('as text, with --line, and exit 3 where an input could not be read', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('a.jsonl', [event(1), event(2)]);
    const { summary } = await place.import(server.url, ['a.jsonl']);
    const text = { env: { CONSENT_IMPORT_JSON: '' } };
    const args = ['ledger', 'check', '--target', 'didomi', '--organization-id', 'acme', '--api-url', server.url];
    const one = await place.run([...args, 'a.jsonl', '--line', '2'], text);
    expect(one.stdout).toMatch(
      new RegExp(`^a\\.jsonl:2  delivered \\d{4}-\\S+Z by run ${summary.run}\n1 record: 1 delivered\\.\n$`),
    );
    const none = await place.run([...args, 'a.jsonl', '--line', '3'], text);
    expect([none.exitCode, none.stdout]).toEqual([0, 'No such record was found.\n']);
    const missing = await place.run([...args, 'a.jsonl', 'gone.jsonl'], text);
    expect(missing.exitCode).toBe(3);
    expect(missing.stdout).toMatch(/NOT READ: some of the inputs\n2 records: 2 delivered\.\n$/);
    expect(missing.stderr).toContain('gone.jsonl');
    expect((await place.run([...args, 'a.jsonl', '--line', 'x'], text)).exitCode).toBe(2);
    expect((await place.run(args, text)).exitCode).toBe(2);
  });

  it('knows OneTrust receipts, also those in doubt, where records bring their own tokens too', async () => {
    const place = new Place();
    const server = await sandbox({
      faults: { rules: [{ when: { route: 'events', requests: 1 }, do: { dropAfter: true } }] },
    });
    const purposes = [{ Id: 'a0000000-0000-4000-8000-000000000001', TransactionType: 'CONFIRMED' }];
    const receipt = (i: number, more: object = {}): string =>
      JSON.stringify({ identifier: `p${i}`, interactionDate: '2024-05-14T01:34:33Z', purposes, ...more });
    place.write(
      'r.jsonl',
      Array.from({ length: 6 }, (_, i) => receipt(i)),
    );
    const own = demoToken({ processId: 'another' });
    place.write('own.jsonl', [receipt(1, { requestInformation: own })]);
    const to = ['--target', 'onetrust', '--api-url', server.oneTrustUrl];
    const run = async (args: readonly string[], token: string) => {
      const env = { ONETRUST_COLLECTION_POINT_TOKEN: token, CONSENT_IMPORT_JSON: '1' };
      const { exitCode, stdout } = await place.run([...args, ...to], { env });
      return { exitCode, json: JSON.parse(stdout) as Record<string, unknown> };
    };
    const options = ['--new-ledger', '--batch-size', '2', '--concurrency', '1'];
    expect((await run(['import', 'r.jsonl', ...options], demoToken())).exitCode).toBe(7);
    expect((await run(['import', 'own.jsonl', '--new-ledger'], '')).exitCode).toBe(0);

    const none = { delivered: 0, inDoubt: 0, otherContent: 0, undone: 0, undoing: 0, unknown: 0, invalid: 0 };
    const checked = await run(['ledger', 'check', 'r.jsonl'], demoToken());
    expect([checked.exitCode, checked.json['counts']]).toEqual([0, { ...none, delivered: 4, inDoubt: 2 }]);
    const bringing = await run(['ledger', 'check', 'own.jsonl'], '');
    expect(bringing.json['counts']).toEqual({ ...none, delivered: 1 });
  });

  it('finds the events of people whose ids it is told on standard input, and never shows the ids', async () => {
    const place = new Place();
    const server = await sandbox();
    const broken = `{"id":"${idOf(4)}",${userOf('ann')}}`;
    place.write('a.jsonl', [event(1, 'ann'), event(2, 'ben'), event(3, 'ann'), broken, '{', event(5, 'cleo')]);
    await place.import(server.url, ['a.jsonl', '--max-rejects', 'none']);
    const ids = Buffer.from(`ann@example.com\n${sha256('cleo@example.com')}\nnobody\n`);
    const found = await typed(place, server.url, ['check', 'a.jsonl', '--subjects', '-'], { input: ids });

    const records = found.json['records'] as Record<string, unknown>[];
    expect(records.map(({ line, state }) => [line, state])).toEqual([
      [1, 'delivered'],
      [3, 'delivered'],
      [4, 'invalid'],
      [6, 'delivered'],
    ]);
    // Of what can't be parsed nobody knows whose it is.
    expect(found.json['unparsed']).toBe(1);
    expect(found.stdout + found.stderr).not.toMatch(/ann|cleo|nobody/);
    const wrong = await typed(place, server.url, ['check', 'a.jsonl', '--subjects', 'ann@example.com']);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).not.toContain('ann');
    // Nobody at all is most likely a mistake, and `no such record` would be a wrong answer.
    for (const [input, why] of [
      [' \n', 'standard input names nobody'],
      [Buffer.from('ann@example.com', 'utf16le'), "standard input can't be read: it is no text in UTF-8"],
    ] as const) {
      const none = await typed(place, server.url, ['check', 'a.jsonl', '--subjects', '-'], {
        input: Buffer.from(input),
      });
      expect(none.exitCode).toBe(2);
      expect(none.stderr).toContain(
        `error[bad_subjects]: --subjects -: ${why}. Give one subject id, or its SHA-256, per line.\n`,
      );
    }
  });
});

describe('an event that is dated before an earlier one of the same person', () => {
  it('is a warning with its first lines', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('a.jsonl', [dated(1, 'ann', '2024-05-02T00:00:00Z'), dated(2, 'ann', '2024-05-01T00:00:00Z')]);
    const args = importArgs(server.url, ['a.jsonl']).filter((each) => each !== '--json');
    const { exitCode, stdout } = await place.run(args);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      'Warnings:\n  1 × dated before an earlier event of the same person: which of them counts, the platform decides (older_than_previous), first at a.jsonl:2\n',
    );
  });

  it('is one in OneTrust too', async () => {
    const place = new Place();
    const lines = ['2024-05-02T00:00:00Z', '2024-05-01T00:00:00Z'].map((interactionDate) =>
      JSON.stringify({
        identifier: 'ann',
        interactionDate,
        purposes: [{ Id: 'a0000000-0000-4000-8000-000000000001' }],
      }),
    );
    place.write('r.jsonl', lines);
    const { summary } = await place.run(['validate', '--target', 'onetrust', 'r.jsonl', '--json'], {
      env: { ONETRUST_COLLECTION_POINT_TOKEN: demoToken() },
    });
    expect(summary.warnings).toEqual({ older_than_previous: 1 });
  });
});

describe('what a Didomi answer returns', () => {
  it('stands in the delivered file as it came', async () => {
    const place = new Place();
    const server = await handMadeServer({
      events: ({ body }, response) =>
        json(
          response,
          200,
          (JSON.parse(body) as { id: string }[]).map(({ id }) => ({ id, status: 'confirmed' })),
        ),
    });
    place.write('a.jsonl', events(2));
    await place.import(server.url, ['a.jsonl', '--delivered', 'd.jsonl']);
    expect(linesOf(place, 'd.jsonl').map(({ returned }) => returned)).toEqual(
      [1, 2].map((n) => ({ id: idOf(n), status: 'confirmed' })),
    );
    expect(readFileSync(join(place.cwd, 'd.jsonl'), 'utf8')).not.toContain('person-1');
  });
});
