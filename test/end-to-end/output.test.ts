import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/cli/output/summary.js';
import { CONSENTS, DATE, event, events, idOf } from './events.js';
import { handMadeServer, json, takesAll } from './hand-made-server.js';
import { arrived, BINARY, counts, expectBalanced, importArgs, Place, sandbox } from './harness.js';

/** `import` into a server without `--json`. */
const plainArgs = (url: string, args: readonly string[]): readonly string[] =>
  importArgs(url, args).filter((arg) => arg !== '--json');

const summaryIn = (place: Place, name: string): Summary => JSON.parse(place.read(name)) as Summary;

describe('stdout and stderr', () => {
  it('hold the summary, and where it goes from and to: nothing else', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('events.jsonl', [...events(3), '{}']);

    const run = await place.run(plainArgs(server.url, ['events.jsonl', '--rejects', 'r.jsonl']));

    expect(run.exitCode).toBe(1);
    const ledger = join(place.home, '.local/state/consent-import/didomi_127.0.0.1_acme_');
    expect(run.stderr).toMatch(
      /^Importing into didomi, organization acme, at http:\/\/127\.0\.0\.1:\d+\/v1\. Ledger: .*, 0 ids\b.*\n$/,
    );
    expect(run.stderr).toContain(`Ledger: ${ledger}`);
    expect(run.stdout.replace(/\d+\.\d s, .*/, 'TIMES').split('\n')).toEqual([
      'Finished, but 1 event was rejected.',
      '',
      '  read       4',
      '  delivered  3',
      '  duplicate  0',
      '  rejected   1',
      '  TIMES',
      '',
      'Rejected:',
      '  1 × /user: must have id or organization_user_id, at events.jsonl:4',
      '',
      `Rejects file: ${join(place.cwd, 'r.jsonl')}`,
      '',
      'Repair the events in the rejects file, then:',
      `  ${commandThatRepairs(place, server.url)}`,
      '',
    ]);
  });

  it('are silent with --quiet when all went well, and say what went wrong', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('good.jsonl', events(3));
    place.write('bad.jsonl', ['{}']);

    const good = await place.run(plainArgs(server.url, ['good.jsonl', '--quiet']));
    const asJson = await place.import(server.url, ['good.jsonl', '--quiet']);
    const bad = await place.run(plainArgs(server.url, ['bad.jsonl', 'missing.jsonl', '--quiet']));

    expect({ code: good.exitCode, out: good.stdout, err: good.stderr }).toEqual({ code: 0, out: '', err: '' });
    expect(asJson.stderr).toBe('');
    expect(asJson.summary.events).toEqual(counts({ read: 3, duplicate: 3 }));
    expect(bad.exitCode).toBe(3);
    expect(bad.stderr).toContain('error[input_missing]: missing.jsonl does not exist. Check the path.\n');
    expect(bad.stdout).toContain('Finished, but not every input could be read to its end.\n');
  });

  it.each([
    ['whose readers are gone', undefined] as const,
    ['that were closed from the start', '>&- 2>&-'] as const,
    // A device that is always full; not every system has it.
    ...(existsSync('/dev/full') ? [['on a full disk', '>/dev/full 2>/dev/full'] as const] : []),
  ])('%s stop no import', async (_, redirection) => {
    const place = new Place();
    const server = await handMadeServer({ events: takesAll });
    place.write('events.jsonl', [...events(300), '{}', 'x']);
    const args = plainArgs(server.url, ['events.jsonl', '--summary-file', 'summary.json', '--debug']);

    const exitCode =
      redirection === undefined
        ? (await place.run(args, { closed: ['stdout', 'stderr'] })).exitCode
        : await place.shell(`exec "$@" ${redirection}`, args);

    expect(exitCode).toBe(1);
    expect(summaryIn(place, 'summary.json').events).toEqual(counts({ read: 302, delivered: 300, rejected: 2 }));
  });

  it('answer --help and --version', () => {
    for (const args of [['--version'], ['--help'], ['import', '--help'], ['sandbox', '--help']]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [BINARY, ...args], { encoding: 'utf8' });
      expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' });
      expect(stdout).not.toBe('');
    }
  });
});

describe('--summary-file', () => {
  it('holds the summary of --json on every way out', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('good.jsonl', events(3));
    place.write('bad.jsonl', ['{}']);
    place.write('file', '');
    const gone = await handMadeServer({ events: takesAll });
    await gone.close();
    const cases: readonly (readonly [number, string, readonly string[], Record<string, string>?])[] = [
      [0, 'completed', ['good.jsonl']],
      [1, 'rejects', ['bad.jsonl']],
      [2, 'usage', ['good.jsonl', '--batch-size', '101']],
      [2, 'usage', ['bad.jsonl', '--rejects', 'bad.jsonl']],
      [3, 'input', ['missing.jsonl']],
      [4, 'auth', ['good.jsonl', '--ledger', 'other'], { DIDOMI_API_KEY: 'bad' }],
      [5, 'unavailable', ['good.jsonl', '--ledger', 'other', '--give-up-after', '300ms', '--api-url', gone.url]],
      [8, 'limit', ['good.jsonl', '--ledger', 'third', '--limit', '1']],
      [9, 'too_many_rejects', ['bad.jsonl', '--max-rejects', '0']],
      [10, 'storage', ['good.jsonl', '--ledger', 'file/below']],
    ];
    for (const [i, [exitCode, reason, args, env = {}]] of cases.entries()) {
      const name = `summary-${i}.json`;

      const run = await place.import(server.url, [...args, '--summary-file', name], { env });

      expect({ args, exitCode: run.exitCode, stderr: run.stderr }).toMatchObject({ args, exitCode });
      expect(place.read(name)).toBe(run.stdout);
      expect(run.summary).toMatchObject({ version: 1, command: 'import', exitCode, reason });
      expectBalanced(run.summary);
    }
    expect(statSync(join(place.cwd, 'summary-0.json')).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  it('that can not be written is found out at the start: exit 2, nothing sent', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('good.jsonl', events(3));

    const run = await place.import(server.url, ['good.jsonl', '--summary-file', 'no/such/folder.json']);

    expect(run.exitCode).toBe(2);
    const path = join(place.cwd, 'no/such/folder.json');
    expect(run.stderr.trimEnd().split('\n')).toEqual([
      `error[cant_write_output]: --summary-file ${path}: can't write there (ENOENT). Check the folder and its permissions.`,
    ]);
    expect(server.stats().requests.total).toBe(0);
  });
});

describe('wrong usage', () => {
  it.each([
    [
      ['import', 'events.jsonl', '--targt', 'didomi'],
      `error[unknown_option]: unknown option '--targt'. Did you mean '--target'? See PROGRAM import --help`,
    ],
    [
      ['imprt', 'events.jsonl'],
      `error[unknown_command]: unknown command 'imprt'. Did you mean 'import'? See PROGRAM --help`,
    ],
    [['import', '--secret=MARKER'], `error[unknown_option]: unknown option '--secret'. See PROGRAM import --help`],
    [['import', '--sandbox'], `error[missing_argument]: missing required argument 'input'. See PROGRAM import --help`],
    [
      ['import', 'a.jsonl', '--sandbox', '--concurrency', '0'],
      'error[bad_value]: --concurrency is "0": expected a whole number from 1 to 1000.',
    ],
    [
      ['import', 'a.jsonl', '--target', 'didomi', '--organization-id', 'a', '--api-url', 'http://example.com/v1'],
      'error[bad_value]: --api-url is "http://example.com/v1": expected https (plain http is for loopback addresses only).',
    ],
  ])('%j ends with exit 2', async (args, message) => {
    const place = new Place();

    const run = await place.run(args);

    expect(run.exitCode).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr.replace(/See .*consent-import\.js/, 'See PROGRAM')).toBe(`${message}\n`);
  });

  it('names everything that is missing at once', async () => {
    const place = new Place();
    const env = { DIDOMI_API_KEY: undefined, DIDOMI_API_SECRET: undefined, HOME: undefined };

    const run = await place.run(['import', 'events.jsonl'], { env });

    expect(run.exitCode).toBe(2);
    expect(run.said.map((line) => /^error\[(\w+)\]/.exec(line)?.[1])).toEqual([
      'no_ledger_folder',
      'missing_option',
      'missing_option',
      'credentials_missing',
    ]);
  });
});

describe('what is said', () => {
  it('holds no content of events, no id of a person or event, and no credential, at any level', async () => {
    const place = new Place();
    const server = await handMadeServer({
      sessions: (_, response) => json(response, 200, { access_token: 'MARKER-token' }),
      events: (request, response) => {
        if (!request.body.includes('refuse-me')) return takesAll(request, response);
        json(response, 400, { code: 400, name: 'BadRequest', message: `can't take ${request.body}`, errors: {} });
      },
    });
    const person = '"user":{"organization_user_id":"MARKER-person@example.com","id":"MARKER-user"}';
    const marked = (id: string, more = ''): string =>
      `{"id":"MARKER-${id}",${DATE},${person},${CONSENTS},"metadata":{"MARKER-key":"MARKER-value"}${more}}`;
    const lines = [
      marked('good'),
      marked('good').replace('true', 'false'),
      marked('refuse-me'),
      marked('cut').slice(0, -3),
      marked('bad').replace('true', '"MARKER-choice"'),
      marked('bad', ',"proofs":[7],"MARKER-field":1,"status":"MARKER-status"'),
      marked('twice').replace('"enabled"', '"MARKER-double":1,"MARKER-double":2,"enabled"'),
      marked('elsewhere', ',"organization_id":"MARKER-organization"'),
      marked('preference').replace('"enabled":true', '"values":{"MARKER-preference":7}'),
      'MARKER: no JSON',
      `{${person},${CONSENTS}}`,
    ];
    place.write('events.jsonl', lines);
    const env = { DIDOMI_API_KEY: 'MARKER-api-key', DIDOMI_API_SECRET: 'MARKER-api-secret' };
    const options = ['--debug', '--order', 'batch', '--summary-file', 'summary.json'];

    const text = await place.run(plainArgs(server.url, ['events.jsonl', ...options, '--rejects', 'r.jsonl']), { env });
    const asJson = await place.import(server.url, ['events.jsonl', ...options, '--rejects', 'r2.jsonl'], { env });

    expect(text.exitCode).toBe(1);
    expect(asJson.exitCode).toBe(1);
    expect(text.stdout).toContain('10 events were rejected');
    for (const said of [text.stdout, text.stderr, asJson.stdout, asJson.stderr, place.read('summary.json')]) {
      expect(said).not.toMatch(/MARKER/);
    }
    // What was said of them verbatim, and they themselves, are for the rejects file alone, which nobody else may read.
    expect(place.read('r.jsonl')).toMatch(/can't take .*MARKER-refuse-me/);
    expect(statSync(join(place.cwd, 'r.jsonl')).mode & 0o777).toBe(0o600);
  });

  it('is nothing of the events in the rejects file either, with --rejects-content none', async () => {
    const place = new Place();
    const server = await sandbox({
      faults: { rules: [{ when: { events: { ids: [idOf(1)] } }, do: { refuse: true } }] },
    });
    place.write('events.jsonl', [event(1, 'MARKER'), 'MARKER', '{"MARKER":1}', `"${'MARKER'.repeat(300)}"`]);

    const args = ['events.jsonl', '--rejects-content', 'none', '--max-line-bytes', '1KiB', '--rejects', 'r.jsonl'];
    const run = await place.import(server.url, args);

    expect(run.exitCode).toBe(1);
    expect(
      place
        .rejectsIn('r.jsonl')
        .map(({ rejected }) => rejected.reason)
        .sort(),
    ).toEqual(['invalid_json', 'line_too_long', 'refused', 'schema_violation']);
    expect(place.read('r.jsonl')).not.toMatch(/MARKER|TUFSS/);
    expect(arrived(server)).toEqual([]);
  });
});

/** The command that the summary shows, as a person would type it in this folder. */
function commandThatRepairs(place: Place, url: string): string {
  const folder = realpathSync(place.cwd);
  const destination = `--target didomi --organization-id acme --api-url ${url}`;
  return `node ${relative(folder, BINARY)} import ${destination} ${join(folder, 'r.jsonl')}`;
}
