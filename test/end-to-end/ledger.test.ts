import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONSENTS, DATE, event, events, idOf } from './events.js';
import { handMadeServer, takesAll } from './hand-made-server.js';
import { arrived, counts, importArgs, Place, sandbox, until } from './harness.js';
import { type Typed, typed } from './typed.js';

const firstRow = ({ json }: Typed): Record<string, unknown> => (json['ledgers'] as Record<string, unknown>[])[0]!;

interface Holder {
  readonly run: string;
  readonly since: string;
  readonly pid: number;
  readonly progress: { readonly events: { readonly delivered: number } } | null;
}

const holderIn = (row: Record<string, unknown>): Holder | null => row['holder'] as Holder | null;

/** Asks until the run that holds the ledger says that it delivered so many: it says so every second. */
async function rowWith(place: Place, url: string, delivered: number): Promise<Record<string, unknown>> {
  for (;;) {
    const row = firstRow(await typed(place, url, ['status']));
    if (holderIn(row)?.progress?.events.delivered === delivered) return row;
  }
}

/** Everything below a folder. */
function filesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.map((name) => join(folder, name));
}

describe('while an import runs', () => {
  it('`ledger status` tells how far it is, and a second import ends with exit 6 and names run, start and process', async () => {
    const place = new Place();
    const waiting: (() => void)[] = [];
    let open = false;
    const server = await handMadeServer({
      events: (request, response) => {
        if (request.number === 1 || open) takesAll(request, response);
        else waiting.push(() => takesAll(request, response));
      },
    });
    place.write('events.jsonl', events(50));
    place.write('other.jsonl', events(1));

    const first = place.startImport(server.url, ['events.jsonl', '--batch-size', '10', '--concurrency', '1']);
    await until(() => waiting.length > 0, first);
    const row = await rowWith(place, server.url, 10);
    const text = await place.run(['ledger', 'status']);
    const second = await place.import(server.url, ['other.jsonl']);
    const show = await typed(place, server.url, ['show', idOf(1)]);
    open = true;
    for (const answer of waiting) answer();
    const ended = await first.ended;

    expect(row).toMatchObject({ state: 'held', ids: null, error: null, holder: { command: 'import' } });
    expect(holderIn(row)).toMatchObject({ run: ended.summary.run, pid: first.process.pid });
    expect(text.exitCode).toBe(0);
    expect(text.stdout).toContain(`  held         by run ${ended.summary.run} since `);
    expect(text.stdout).toMatch(/^ {2}progress {5}importing: .* 10 delivered, 1\/1 in flight/m);
    expect([second.exitCode, second.summary.reason]).toEqual([6, 'ledger_in_use']);
    const { run, since, pid } = holderIn(row)!;
    expect(second.said[0]).toContain(
      `error[ledger_in_use]: Run ${run} holds the ledger ${row['folder']} since ${since} (process ${pid} on `,
    );
    expect(show.exitCode).toBe(6);
    expect(JSON.parse(show.stdout)).toMatchObject({ version: 1, error: { code: 'ledger_in_use' }, exitCode: 6 });
    expect([ended.exitCode, ended.summary.events]).toEqual([0, counts({ read: 50, delivered: 50 })]);
    expect(firstRow(await typed(place, server.url, ['status']))).toMatchObject({
      ...{ state: 'free', holder: null, ids: { delivered: 50, inDoubt: 0 }, runs: 1 },
      lastRun: { run, command: 'import', exitCode: 0 },
    });
  });

  it('and is killed, the ledger is free at once, and `ledger status` says that the run did not come to its end', async () => {
    const place = new Place();
    let seen = 0;
    const server = await handMadeServer({
      events: (request, response) => {
        seen = request.number;
        if (seen === 1) takesAll(request, response);
      },
    });
    place.write('events.jsonl', events(30));
    const run = place.startImport(server.url, ['events.jsonl', '--batch-size', '10', '--concurrency', '1']);
    await until(() => seen === 2, run);
    await rowWith(place, server.url, 10);
    run.signal('SIGKILL');
    await run.ended;

    const row = firstRow(await typed(place, server.url, ['status']));

    expect(row).toMatchObject({ state: 'free', ids: { delivered: 10, inDoubt: 0 }, lastRun: { exitCode: null } });
  });
});

describe("every run's first line", () => {
  it('names the ledger, how many ids it holds and when it was used last', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('events.jsonl', events(3));

    const first = await place.import(server.url, ['events.jsonl']);
    const second = await place.import(server.url, ['events.jsonl']);

    const head = `Importing into didomi, organization acme, at ${server.url}. Ledger: ${first.summary.ledger}`;
    const start = first.summary.startedAt.replace(/\.\d+Z$/, 'Z');
    expect(first.stderr).toBe(`${head} (new), 0 ids.\n`);
    expect(second.stderr).toBe(`${head}, 3 ids, last used ${start}.\n`);
  });
});

describe('a ledger', () => {
  it('answers what became of an event, and lets it be sent again', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('events.jsonl', events(20));
    const run = await place.import(server.url, ['events.jsonl']);

    const shown = await typed(place, server.url, ['show', idOf(7)]);
    const refused = await typed(place, server.url, ['resend', '--id', idOf(7)]);
    const resent = await typed(place, server.url, ['resend', '--id', idOf(7), '--yes']);
    const again = await place.import(server.url, ['events.jsonl']);

    expect(shown.json).toMatchObject({ state: 'delivered', run: run.summary.run, file: 'events.jsonl', line: 7 });
    expect(refused.exitCode).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      version: 1,
      error: { code: 'confirmation_needed' },
      exitCode: 2,
    });
    expect(resent.json).toMatchObject({ forgotten: 1, delivered: 19 });
    expect(again.summary.events).toEqual(counts({ read: 20, delivered: 1, duplicate: 19 }));
    expect((await typed(place, server.url, ['show', idOf(7)])).json).toMatchObject({ run: again.summary.run, line: 7 });
    expect(arrived(server)).toHaveLength(20);
  });

  it('is carried by one file to a machine without one, where the next import sends nothing', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('events.jsonl', events(250));
    await place.import(server.url, ['events.jsonl', '--ledger', 'one']);

    const exported = await typed(place, server.url, ['export', 'moved.ledger', '--ledger', 'one']);
    const restored = await typed(place, server.url, ['restore', 'moved.ledger', '--ledger', 'two', '--yes']);
    const sent = server.stats().requests.total;
    const there = await place.import(server.url, ['events.jsonl', '--ledger', 'two']);

    expect([exported.exitCode, restored.exitCode]).toEqual([0, 0]);
    expect(restored.json).toMatchObject({ delivered: 250, inDoubt: 0, sha256: exported.json['sha256'] });
    expect([there.exitCode, there.summary.events]).toEqual([0, counts({ read: 250, duplicate: 250 })]);
    expect(server.stats().requests.total).toBe(sent);

    // The ledger in `two` has gone on: the file is older now.
    place.write('more.jsonl', [event(999)]);
    await place.import(server.url, ['more.jsonl', '--ledger', 'two']);
    const older = await typed(place, server.url, ['restore', 'moved.ledger', '--ledger', 'two', '--yes']);
    expect(older.exitCode).toBe(2);
    expect(JSON.parse(older.stdout)).toMatchObject({ version: 1, error: { code: 'ledger' }, exitCode: 2 });
    expect(older.stderr).toMatch(/^error\[ledger\]: .* is not restored over the ledger .*: that one is newer\. /m);
    expect((await typed(place, server.url, ['show', idOf(999), '--ledger', 'two'])).json['state']).toBe('delivered');
  });

  it('that is damaged ends an import with exit 10, which names the command that repairs it', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('events.jsonl', events(40));
    const { summary } = await place.import(server.url, ['events.jsonl']);
    rmSync(join(summary.ledger!, 'data-1', 'level', 'CURRENT'));

    const refused = await place.import(server.url, ['events.jsonl']);
    const repair = refused.said.at(-1)!;
    const repaired = await place.shell(`${repair.trim()} --yes`, []);
    const after = await place.import(server.url, ['events.jsonl']);

    expect([refused.exitCode, refused.summary.reason]).toEqual([10, 'storage']);
    expect(repair).toMatch(/^ {2}node \S+ ledger repair --target didomi --organization-id acme --api-url http:\S+$/);
    expect(repaired).toBe(0);
    expect(after.summary.events).toEqual(counts({ read: 40, duplicate: 40 }));
    expect(arrived(server)).toHaveLength(40);
  });

  it('holds no id, person, content or credential in plain, and nobody else can read it or the files beside it', async () => {
    const place = new Place();
    const server = await sandbox({
      faults: { rules: [{ when: { events: { ids: ['MARKER-refused'] } }, do: { refuse: true } }] },
    });
    const marked = (id: string): string =>
      `{"id":"MARKER-${id}",${DATE},"user":{"organization_user_id":"MARKER-${id}@example.com"},${CONSENTS},"metadata":{"MARKER":"MARKER"}}`;
    place.write('events.jsonl', [
      ...Array.from({ length: 400 }, (_, i) => marked(String(i))),
      marked('refused'),
      marked('0'),
    ]);
    const env = { DIDOMI_API_KEY: 'MARKER-key', DIDOMI_API_SECRET: 'MARKER-secret' };
    const args = importArgs(server.url, ['events.jsonl', '--ledger', 'l', '--rejects', 'r.jsonl']);

    const exitCode = await place.shell(
      `umask 0; DIDOMI_API_KEY=MARKER-key DIDOMI_API_SECRET=MARKER-secret exec "$@"`,
      args,
    );
    await typed(place, server.url, ['show', 'MARKER-1', '--ledger', 'l'], { env });
    await typed(place, server.url, ['resend', '--id', 'MARKER-1', '--yes', '--ledger', 'l'], { env });
    await typed(place, server.url, ['export', 'l.export', '--ledger', 'l'], { env });

    expect(exitCode).toBe(1);
    const all = [join(place.cwd, 'l'), ...filesBelow(join(place.cwd, 'l'))];
    const files = all.filter((path) => statSync(path).isFile());
    expect(files.length).toBeGreaterThan(8);
    for (const path of files)
      expect({ path, marked: readFileSync(path).includes('MARKER') }).toEqual({ path, marked: false });
    for (const path of [...all, join(place.cwd, 'l.export')]) {
      expect({ path, others: statSync(path).mode & 0o077 }).toEqual({ path, others: 0 });
    }
  });
});

describe('a summary file', () => {
  it.each([
    ['022', 0o644],
    ['027', 0o640],
    ['002', 0o664],
  ])("has the mode that the user's umask %s leaves, though the ledger's files are private", async (umask, mode) => {
    const place = new Place();
    const server = await sandbox();
    place.write('events.jsonl', events(3));

    const args = importArgs(server.url, ['events.jsonl', '--summary-file', 's.json']);
    expect(await place.shell(`umask ${umask}; exec "$@"`, args)).toBe(0);

    expect(statSync(join(place.cwd, 's.json')).mode & 0o777).toBe(mode);
  });
});
