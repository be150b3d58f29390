import { existsSync, linkSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { event, events } from './events.js';
import { handMadeServer, takesAll } from './hand-made-server.js';
import { arrived, counts, Place, sandbox, until } from './harness.js';

const NEXT =
  'Make sure that the disk has room and that the folder can be written, then run the same command again: what was delivered and recorded is not sent again.';

describe('a second run at the same time', () => {
  it('into the same destination ends at once: exit 6; into another one it runs', async () => {
    const place = new Place();
    let answer: () => void = () => undefined;
    const slow = await handMadeServer({
      events: (request, response) => {
        answer = () => takesAll(request, response);
      },
    });
    const server = await sandbox();
    const input = place.write('events.jsonl', events(3));
    const first = place.startImport(slow.url, [input]);
    await until(() => slow.events.length === 1, first);

    const second = await place.import(server.url, [input]);
    const elsewhere = await place.import(server.url, [input, '--organization-id', 'other']);
    answer();
    const { exitCode, summary } = await first.ended;

    expect(second.exitCode).toBe(6);
    const { pid } = first.process;
    expect(second.said).toEqual([
      `error[ledger_in_use]: Run ${summary.run} holds the ledger ${summary.ledger} since ${startOf(summary.run, second.said)} (process ${pid} on ${hostname()}: import). Wait until it has ended, then run the same command again.`,
    ]);
    expect(second.summary).toMatchObject({ reason: 'ledger_in_use', complete: false, events: counts({}) });
    expect(elsewhere.exitCode).toBe(0);
    expect(exitCode).toBe(0);
    expect(summary.events).toEqual(counts({ read: 3, delivered: 3 }));
    expect(arrived(server)).toEqual(events(3));
  });
});

describe('a ledger', () => {
  it('that can not be made ends the run before anything is sent: exit 10', async () => {
    const place = new Place();
    const server = await sandbox();
    const input = place.write('events.jsonl', events(3));
    place.write('file', '');

    const run = await place.import(server.url, [input, '--ledger', 'file/ledger']);

    expect(run.exitCode).toBe(10);
    expect(run.said).toHaveLength(1);
    expect(run.said[0]).toMatch(
      /^error\[ledger\]: The ledger \/.*\/file\/ledger\/didomi_\S+ can't be opened: ENOTDIR: /,
    );
    expect(run.said[0]).toContain(NEXT);
    expect(run.summary).toMatchObject({ reason: 'storage', complete: false, events: counts({}) });
    expect(server.stats().requests.total).toBe(0);
  });

  it('that is damaged ends the run before anything is sent: exit 10', async () => {
    const place = new Place();
    const server = await sandbox();
    const input = place.write('events.jsonl', events(50));
    await place.import(server.url, [input]);
    damage(ledgerFolder(place));

    const run = await place.import(server.url, [input]);

    expect(run.exitCode).toBe(10);
    expect(run.said[0]).toMatch(
      /^error\[ledger_damaged\]: The ledger \/.* is damaged: its file \d+\.log was altered\. Without it, events that were delivered would be sent again\. /,
    );
    expect(server.stats().events).toMatchObject({ accepted: 50, resent: 0 });
  });

  it('holds ids as hashes: neither ids nor persons nor credentials can be read in it', async () => {
    const place = new Place();
    const server = await sandbox();
    const line = event(1, 'MARKER').replace('"id":"', '"id":"MARKER');
    const env = { DIDOMI_API_KEY: 'MARKER-key', DIDOMI_API_SECRET: 'MARKER-secret' };

    const run = await place.import(server.url, [place.write('events.jsonl', [line])], { env });

    expect(run.exitCode).toBe(0);
    const files = filesBelow(place.home);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files)
      expect({ file, found: readFileSync(file).includes('MARKER') }).toEqual({ file, found: false });
  });
});

describe('a rejects file that can not be written', () => {
  it.each([
    { what: 'a folder', path: 'folder', code: 'EISDIR' },
    { what: 'below a file', path: 'file/below', code: 'ENOTDIR' },
    // A device that is always full; not every system has it.
    ...(existsSync('/dev/full') ? [{ what: 'on a full disk', path: '/dev/full', code: 'ENOSPC' }] : []),
  ])('ends the run: exit 10 ($what)', async ({ path, code }) => {
    const place = new Place();
    const server = await sandbox();
    place.write('folder/x', '');
    place.write('file', '');
    const input = place.write('events.jsonl', [event(1), '{}', event(2)]);

    const run = await place.import(server.url, [input, '--rejects', path]);

    expect(run.exitCode).toBe(10);
    const full = path.startsWith('/') ? path : join(place.cwd, path);
    expect(run.said).toEqual([
      `error[storage]: can't write the rejects file ${full} (${code}). Make room or correct the permissions there, or name another file with --rejects; then run the same command again.`,
    ]);
    expect(run.summary).toMatchObject({ reason: 'storage', events: { read: 3, rejected: 1 } });
  });

  it('is written by the next run: what was rejected is not forgotten', async () => {
    const place = new Place();
    const server = await sandbox();
    const input = place.write('events.jsonl', [event(1), '{}', event(2)]);
    await place.import(server.url, [input, '--rejects', 'events.jsonl/below']);

    const next = await place.import(server.url, [input]);

    expect(next.exitCode).toBe(1);
    expect(place.rejects().map(({ rejected }) => rejected.line)).toEqual([2]);
    expect(arrived(server).sort()).toEqual(events(2));
  });

  it('because it is an input too is found out at the start: exit 2', async () => {
    const place = new Place();
    const server = await sandbox();
    const input = place.write('events.jsonl', events(3));

    const run = await place.import(server.url, [input, '--rejects', './events.jsonl']);

    expect(run.exitCode).toBe(2);
    expect(run.said).toEqual([
      'error[rejects_is_input]: --rejects events.jsonl is also an input: it would grow while it is read. Name another file.',
    ]);
    expect(place.read('events.jsonl')).toBe(`${events(3).join('\n')}\n`);
    expect(server.stats().requests.total).toBe(0);
  });

  it('because it is an input under another name, or the summary would replace one, is found out too', async () => {
    const place = new Place();
    const server = await sandbox();
    const input = place.write('events.jsonl', events(3));
    symlinkSync('events.jsonl', join(place.cwd, 'link'));
    linkSync(join(place.cwd, input), join(place.cwd, 'twin'));

    const runs = [
      await place.import(server.url, [input, '--rejects', 'link']),
      await place.import(server.url, [input, '--rejects', 'twin']),
      await place.import(server.url, [input, '--summary-file', 'link']),
      await place.import(server.url, [input, '--concurrency', 'none', '--summary-file', input]),
      await place.import(server.url, [input, '--no-such-option', '--summary-file', input]),
    ];

    expect(runs.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2, 2]);
    expect(runs[1]!.said).toEqual(runs[0]!.said);
    expect(runs[2]!.said).toEqual([
      'error[output_is_input]: --summary-file events.jsonl is also an input: it would be replaced. Name another file.',
    ]);
    expect(place.read('events.jsonl')).toBe(`${events(3).join('\n')}\n`);
    expect(server.stats().requests.total).toBe(0);
  });
});

/** The one ledger in the home folder. */
function ledgerFolder(place: Place): string {
  const parent = join(place.home, '.local', 'state', 'consent-import');
  const [name, ...more] = readdirSync(parent);
  expect(more).toEqual([]);
  return join(parent, name!);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Flips a bit in the middle of what was written last. */
function damage(folder: string): void {
  const logs = filesBelow(folder).filter((file) => file.endsWith('.log'));
  const [largest] = logs.sort((a, b) => statSync(b).size - statSync(a).size);
  const bytes = readFileSync(largest!);
  const middle = bytes.length >> 1;
  bytes[middle] = bytes[middle]! ^ 0x10;
  writeFileSync(largest!, bytes);
}

/** When a run began: its id tells the second, and the message the milliseconds. */
function startOf(run: string, said: readonly string[]): string {
  const told = / since (\S+) /.exec(said[0] ?? '')?.[1] ?? '';
  expect(told.replace(/[-:]|\.\d+/g, '')).toBe(run.split('-')[0]);
  return told;
}
