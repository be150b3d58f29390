import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { CONSENTS, idOf, userOf } from './events.js';
import { arrived, counts, type Ended, Place, sandbox, until } from './harness.js';

/** Two organizations, one machine, one folder of ledgers. */
type Organization = 'acme' | 'globex';

/** An event of one of twenty people, a minute after the one before. */
function event(n: number): string {
  const date = new Date(Date.UTC(2025, 0, 1) + n * 60_000).toISOString();
  return `{"id":"${idOf(n)}","created_at":"${date}",${userOf(`person${n % 20}`)},${CONSENTS}}`;
}

function eventsFrom(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => event(first + i));
}

class Year {
  readonly place = new Place();
  readonly server: Sandbox;

  constructor(server: Sandbox) {
    this.server = server;
  }

  args(organization: Organization): readonly string[] {
    return ['--target', 'didomi', '--organization-id', organization, '--api-url', this.server.url];
  }

  import(organization: Organization, args: readonly string[]): Promise<Ended> {
    return this.place.run(['import', ...args, ...this.args(organization), '--json']);
  }

  /** Asks the ledger, as text. */
  async ask(organization: Organization, args: readonly string[], ids = ''): Promise<string> {
    const { exitCode, stdout } = await this.place.run(['ledger', ...args, ...this.args(organization)], {
      input: Buffer.from(ids),
    });
    expect(exitCode, args.join(' ')).toBe(0);
    return stdout;
  }

  /** What an organization has at the platform. */
  has(organization: Organization): string[] {
    return this.server
      .events()
      .filter((each) => each.organization === organization)
      .map(({ bytes }) => Buffer.from(bytes).toString('utf8'))
      .sort();
  }

  /** All bytes below a folder. */
  bytesBelow(folder: string): Buffer {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
    return Buffer.concat(names.filter((name) => statSync(name).isFile()).map((name) => readFileSync(name)));
  }
}

const JANUARY = eventsFrom(1, 200);
const MARCH = eventsFrom(1_001, 400);

it('a year: two organizations, rejects repaired and accepted, a kill, a wrong file undone, an audit, a person erased, retention', async () => {
  const year = new Year(await sandbox({ latencyMs: 10 }));
  const { place } = year;

  // January. Both organizations import a file; the ids are the same in both, and each keeps its own account of them.
  const broken = JANUARY.map((line, i) => (i === 49 ? line.replace('true', '"yes"') : line));
  place.write('acme-january.jsonl.gz', gzipSync(`${broken.join('\n')}\n`));
  place.write('globex-january.jsonl', JANUARY);
  const files = ['--rejects', 'rejects.jsonl', '--delivered', 'delivered.jsonl'];
  const january = await year.import('acme', ['acme-january.jsonl.gz', ...files]);
  expect([january.exitCode, january.summary.events]).toEqual([1, counts({ read: 200, delivered: 199, rejected: 1 })]);
  const globex = await year.import('globex', ['globex-january.jsonl']);
  expect([globex.exitCode, globex.summary.events]).toEqual([0, counts({ read: 200, delivered: 200 })]);
  expect(year.has('acme')).toEqual(JANUARY.filter((_, i) => i !== 49).sort());
  expect(year.has('globex')).toEqual([...JANUARY].sort());

  // The reject is corrected and imported. The nightly run over the old file stays red until someone says that it is
  // dealt with.
  place.write('corrected.jsonl', place.read('rejects.jsonl').replace('"yes"', 'true'));
  expect((await year.import('acme', ['corrected.jsonl', '--delivered', 'delivered.jsonl'])).exitCode).toBe(0);
  expect(year.has('acme')).toEqual([...JANUARY].sort());
  expect((await year.import('acme', ['acme-january.jsonl.gz'])).exitCode).toBe(1);
  await year.ask('acme', ['accept', 'acme-january.jsonl.gz', '--yes']);
  const nightly = await year.import('acme', ['acme-january.jsonl.gz']);
  expect([nightly.exitCode, nightly.summary.requests.sent]).toEqual([0, 0]);

  // March. The machine goes down in the middle; the same command finishes the job, and nothing arrives twice.
  place.write('acme-march.jsonl', MARCH);
  const march = ['acme-march.jsonl', '--batch-size', '10', '--concurrency', '1'];
  const killed = place.start(['import', ...march, ...year.args('acme'), '--json']);
  await until(() => year.has('acme').length >= 300, killed);
  killed.signal('SIGKILL');
  expect((await killed.ended).exitCode).toBeUndefined();
  const marchRun = await year.import('acme', march);
  expect(marchRun.exitCode).toBe(0);
  expect(marchRun.summary.events.duplicate).toBeGreaterThan(0);
  expect(year.has('acme')).toEqual([...JANUARY, ...MARCH].sort());
  const [, , , , cutShort] = ((await json(year, 'acme', ['runs'])) as { runs: Record<string, unknown>[] }).runs;
  expect(cutShort).toMatchObject({ command: 'import', exitCode: null });
  expect(await year.ask('acme', ['run', cutShort!['run'] as string])).toContain('did not come to its end.');

  // April. A file of somebody else's is imported for globex, and taken back.
  place.write('not-ours.jsonl', eventsFrom(3_001, 60));
  const wrong = await year.import('globex', ['not-ours.jsonl']);
  expect(year.has('globex')).toHaveLength(260);
  const undo = ['undo', 'not-ours.jsonl', '--run', wrong.summary.run, ...year.args('globex'), '--yes'];
  expect((await place.run(undo)).exitCode).toBe(0);
  expect(year.has('globex')).toEqual([...JANUARY].sort());
  const takenBack = await year.ask('globex', ['check', 'not-ours.jsonl', '--line', '60']);
  expect(takenBack).toMatch(
    new RegExp(
      `^not-ours\\.jsonl:60  undone \\S+ by run \\S+; delivered \\S+ by run ${wrong.summary.run}\n1 record: 1 undone\\.\n$`,
    ),
  );
  expect(await year.ask('globex', ['show', idOf(3_001)])).toMatch(
    new RegExp(
      `^Undone .*\nBefore, it was delivered .*\n  record  not-ours\\.jsonl:1\n  run     ${wrong.summary.run}\n$`,
    ),
  );

  // Summer: an audit. Is it really there?
  const verified = await place.run(['verify', 'acme-march.jsonl', '--sample', '50', ...year.args('acme')]);
  expect(verified.exitCode).toBe(0);

  // The audit goes on. What did we import for this person, when, from which file?
  const byEvent = await year.ask('acme', ['show', idOf(7)]);
  expect(byEvent).toMatch(/^Delivered \d{4}-\d\d-\d\dT/);
  expect(byEvent).toContain(`  record  acme-january.jsonl.gz:7\n  run     ${january.summary.run}\n`);
  const byLine = await year.ask('acme', ['check', 'acme-january.jsonl.gz', '--line', '50']);
  expect(byLine).toContain('acme-january.jsonl.gz:50  no event (schema_violation)');
  const other = await year.ask('globex', ['check', 'globex-january.jsonl', '--line', '50']);
  expect(other).toContain(`globex-january.jsonl:50  delivered`);
  expect(other).toContain(`by run ${globex.summary.run}\n`);
  const inputs = ['acme-january.jsonl.gz', 'corrected.jsonl', 'acme-march.jsonl'];
  const bySubject = await year.ask('acme', ['check', ...inputs, '--subjects', '-'], 'person7@example.com\n');
  expect(bySubject).toContain('30 records: 30 delivered.\n');
  expect(bySubject).not.toContain('person7');
  for (const line of bySubject.trimEnd().split('\n').slice(0, -1)) expect(line).toMatch(/ {2}delivered .* by run /);
  // And what was imported in January, by whom, from which bytes: as the run said itself.
  const { rejectsSha256, ...told } = (await json(year, 'acme', ['run', january.summary.run])) as Record<
    string,
    unknown
  >;
  expect(told).toEqual(january.summary);
  expect(rejectsSha256).toMatch(/^[0-9a-f]{64}$/);

  // Autumn: a person asks to be forgotten, as README tells it. The platform deletes her; here she goes onto the list of
  // those who are never sent, and out of the files that hold events. The ledger may stay: nothing in it names her.
  const her = 'person7@example.com';
  place.write('excluded.txt', [her]);
  for (const name of ['rejects.jsonl', 'corrected.jsonl', 'delivered.jsonl']) {
    const kept = place
      .read(name)
      .split('\n')
      .filter((line) => !line.includes(her));
    writeFileSync(join(place.cwd, name), kept.join('\n'));
  }
  place.write('acme-october.jsonl', eventsFrom(2_001, 40));
  const excluding = ['--exclude-subjects', 'excluded.txt', '--rejects', 'october.rejects.jsonl'];
  const october = await year.import('acme', ['acme-october.jsonl', ...excluding]);
  expect([october.exitCode, october.summary.rejectedByReason]).toEqual([1, { excluded: 2 }]);
  expect(arrived(year.server).filter((line) => line.includes(her))).toHaveLength(10 + 20 + 10);
  for (const name of ['rejects.jsonl', 'delivered.jsonl', 'october.rejects.jsonl']) {
    expect(place.read(name), name).not.toContain(her);
  }
  expect(place.read('delivered.jsonl').trimEnd().split('\n')).toHaveLength(200 - 10);
  expect(year.bytesBelow(place.home).includes(her)).toBe(false);
  await year.ask('acme', ['accept', october.summary.run, '--yes']);
  expect((await year.import('acme', ['acme-october.jsonl', ...excluding])).exitCode).toBe(0);

  // December: retention. What was delivered before March is forgotten. The runs are still told of; its file would be sent
  // again, and the platform takes nothing twice.
  const before = nightly.summary.startedAt;
  const pruned = await year.ask('acme', ['prune', '--before', before, '--yes']);
  expect(pruned).toContain(`  199 of acme-january.jsonl.gz (run ${january.summary.run})\n`);
  expect(pruned).toContain('Forgotten: 200 events; 438 left as delivered, 0 in doubt.');
  expect(await year.ask('acme', ['show', idOf(7)])).toMatch(/^Unknown: /);
  expect(await year.ask('acme', ['show', idOf(1_007)])).toMatch(/^Delivered /);
  expect(await year.ask('globex', ['show', idOf(7)])).toMatch(/^Delivered /);
  expect(await year.ask('acme', ['runs'])).toContain(january.summary.run);
  const again = await year.import('acme', ['acme-january.jsonl.gz', '--exclude-subjects', 'excluded.txt']);
  expect(again.summary.rejectedByReason).toEqual({ schema_violation: 1, excluded: 10 });
  expect(year.server.stats().events).toMatchObject({ resentAltered: 0 });
  expect(year.has('acme')).toHaveLength(200 + 400 + 38);
}, 300_000);

/** Asks the ledger with `--json`; of that flag the harness expects an import's summary. */
async function json(year: Year, organization: Organization, args: readonly string[]): Promise<unknown> {
  const env = { CONSENT_IMPORT_JSON: '1' };
  const { stdout } = await year.place.run(['ledger', ...args, ...year.args(organization)], { env });
  return JSON.parse(stdout);
}
