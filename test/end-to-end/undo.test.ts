import { describe, expect, it } from 'vitest';
import { demoToken, type Sandbox } from '../../src/sandbox/sandbox.js';
import { event, events, idOf } from './events.js';
import { arrived, counts, Place, sandbox, until } from './harness.js';
import { places, recall, startRecall, told } from './recall.js';
import { typed } from './typed.js';

/** Imports a file, each line of which is delivered. @returns the run's id */
async function importFile(place: Place, server: Sandbox, name: string, more: readonly string[] = []): Promise<string> {
  const { exitCode, summary } = await place.import(server.url, [name, ...more]);
  expect([0, 8]).toContain(exitCode);
  return summary.run;
}

const NONE = {
  ...{ created: 0, deleted: 0, gone: 0, refused: 0, unsent: 0, hadBefore: 0, maybeHadBefore: 0, otherRun: 0 },
  changed: 0,
  ...{ otherContent: 0, undoneBefore: 0, notDelivered: 0, repeated: 0, rejected: 0 },
};

describe('undo', () => {
  it('deletes what the run created of these inputs, and lets a later import send it again', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('right.jsonl', events(30));
    place.write('wrong.jsonl', events(50, 101));
    await importFile(place, server, 'right.jsonl');
    const run = await importFile(place, server, 'wrong.jsonl');
    const undone = await recall(place, 'undo', server.url, ['wrong.jsonl', '--run', run]);
    expect(undone.told).toMatchObject({
      ...{ command: 'undo', undoneRun: run, exitCode: 0, reason: 'completed', complete: true, findings: [] },
      records: { ...NONE, read: 50, created: 50, deleted: 50 },
    });
    expect(arrived(server)).toEqual(events(30));

    // The file is not passed over, although it was complete.
    const again = await place.import(server.url, ['wrong.jsonl']);
    expect(again.summary.events).toEqual(counts({ read: 50, delivered: 50 }));
    expect(arrived(server)).toHaveLength(80);
  });

  it('leaves alone what other runs delivered, and what is not known; of what has other content now it is red', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('e.jsonl', events(3));
    const first = await importFile(place, server, 'e.jsonl');
    place.write('e.jsonl', events(6));
    const run = await importFile(place, server, 'e.jsonl');
    place.write('e.jsonl', [
      ...[event(1, 'someone-else'), event(2), event(3), event(4), event(5, 'someone-else')],
      ...[event(7), event(4), 'no event'],
    ]);
    const undone = await recall(place, 'undo', server.url, ['e.jsonl', '--run', run]);
    expect(undone.told).toMatchObject({
      ...{ exitCode: 1, reason: 'rejects' },
      records: {
        ...{ ...NONE, read: 8, created: 1, deleted: 1, changed: 1, otherRun: 2, otherContent: 1, notDelivered: 1 },
        ...{ repeated: 1, rejected: 1 },
      },
      otherRuns: { [first]: 2 },
    });
    expect(places(undone)).toEqual(['changed e.jsonl:5']);
    expect(server.events().map(({ id }) => id)).toEqual([1, 2, 3, 5, 6].map(idOf));
  });

  it('tells people what stays because its line has changed, until it is given the file as it was', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('e.jsonl', events(2));
    const run = await importFile(place, server, 'e.jsonl');
    const undo = async (...lines: string[]): Promise<readonly [number | undefined, string]> => {
      place.write('e.jsonl', lines);
      const args = ['--target', 'didomi', '--organization-id', 'acme', '--api-url', server.url];
      const { exitCode, stdout } = await place.run(['undo', 'e.jsonl', '--run', run, ...args]);
      return [exitCode, stdout.replaceAll(/\d{4}-\d\d-\d\dT\S+Z/g, 'THEN')];
    };
    const stays = `
  still there, with other content than these lines  1

Still there, for the line has changed since. Undo it with the file as it was imported:
  e.jsonl:2, delivered THEN
`;
    expect(await undo(event(1), event(2, 'else'))).toEqual([
      1,
      `Undone in part: 1 of 2 events. The lines of the others have changed since.

  created by the run                                1
  deleted                                           1${stays}
What integrations did with these events is not undone.
`,
    ]);
    expect(await undo('', event(2, 'else'))).toEqual([
      1,
      `Nothing was undone: as far as the ledger knows, run ${run} created none of these events as they are now.

  created by the run                                0
  deleted                                           0${stays}`,
    ]);
    expect(arrived(server)).toEqual([event(2)]);
    expect((await undo(...events(2)))[0]).toBe(0);
    expect((await undo(event(1), event(2, 'else')))[0]).toBe(0);
    expect(arrived(server)).toEqual([]);
  });

  it('never touches what the target said it had before, or may have had before, and lists it', async () => {
    const faults = {
      answers: { duplicates: { status: 409, where: 'batch' } },
      // The first request with event 3 is taken, and not answered: the target says later that it has it.
      rules: [{ when: { events: { ids: [idOf(3)] }, times: 1 }, do: { dropAfter: true } }],
    };
    const server = await sandbox({ faults });
    const [elsewhere, place] = [new Place(), new Place()];
    elsewhere.write('e.jsonl', events(2));
    await importFile(elsewhere, server, 'e.jsonl');
    place.write('e.jsonl', events(4));
    const run = await importFile(place, server, 'e.jsonl', ['--batch-size', '1', '--concurrency', '1']);
    const undone = await recall(place, 'undo', server.url, ['e.jsonl', '--run', run]);
    expect(undone.told.records).toEqual({
      ...{ ...NONE, read: 4, created: 1, deleted: 1, hadBefore: 2, maybeHadBefore: 1 },
    });
    expect(places(undone)).toEqual(['hadBefore e.jsonl:1', 'hadBefore e.jsonl:2', 'maybeHadBefore e.jsonl:3']);
    expect(server.events().map(({ id }) => id)).toEqual([1, 2, 3].map(idOf));
  });

  it('goes on where it was killed, and a later import misses nothing', async () => {
    const server = await sandbox({ latencyMs: 5 });
    const place = new Place();
    place.write('e.jsonl', events(300));
    const run = await importFile(place, server, 'e.jsonl');
    const killed = startRecall(place, 'undo', server.url, ['e.jsonl', '--run', run]);
    await until(() => (server.stats().events.deleted ?? 0) >= 40, killed);
    killed.signal('SIGKILL');
    await killed.ended;
    const left = server.stats().events.accepted;
    expect(left).toBeGreaterThan(0);
    // Nobody says of an event that it is undone while it may still be there.
    const { counts: checked } = (await typed(place, server.url, ['check', 'e.jsonl'])).json as {
      counts: Record<string, number>;
    };
    expect(checked['undone']).toBeLessThanOrEqual(300 - left);
    expect(checked['undone']! + checked['undoing']! + checked['delivered']!).toBe(300);
    expect(checked['undoing']).toBeGreaterThan(0);

    const rest = await recall(place, 'undo', server.url, ['e.jsonl', '--run', run]);
    const { created, deleted, gone, undoneBefore } = rest.told.records as Record<string, number>;
    expect(rest.exitCode).toBe(0);
    expect(created).toBe(deleted! + gone!);
    expect(created! + undoneBefore!).toBe(300);
    expect(arrived(server)).toEqual([]);
    expect((await recall(place, 'undo', server.url, ['e.jsonl', '--run', run])).told.records).toEqual({
      ...{ ...NONE, read: 300, undoneBefore: 300 },
    });
  });

  it('killed and not gone on with: the next import brings everything back that was deleted', async () => {
    const server = await sandbox({ latencyMs: 5 });
    const place = new Place();
    place.write('e.jsonl', events(200));
    const run = await importFile(place, server, 'e.jsonl');
    const killed = startRecall(place, 'undo', server.url, ['e.jsonl', '--run', run]);
    await until(() => (server.stats().events.deleted ?? 0) >= 30, killed);
    killed.signal('SIGKILL');
    await killed.ended;
    expect((await place.import(server.url, ['e.jsonl'])).exitCode).toBe(0);
    expect(new Set(arrived(server))).toEqual(new Set(events(200)));
  });

  it('stopped by a signal, finishes what is on its way, and leaves the rest delivered', async () => {
    const server = await sandbox({ latencyMs: 5 });
    const place = new Place();
    place.write('e.jsonl', events(300));
    const run = await importFile(place, server, 'e.jsonl');
    const running = startRecall(place, 'undo', server.url, ['e.jsonl', '--run', run]);
    await until(() => (server.stats().events.deleted ?? 0) >= 20, running);
    running.signal('SIGTERM');
    const stopped = told(await running.ended);
    expect(stopped.exitCode).toBe(143);
    const { deleted, unsent } = stopped.told.records as Record<string, number>;
    expect(deleted! + unsent!).toBe(300);
    expect(server.stats().events.deleted).toBe(deleted);
    const verified = await recall(place, 'verify', server.url, ['e.jsonl', '--all']);
    expect(verified.told).toMatchObject({
      ...{ exitCode: 0, verdicts: { match: unsent }, records: { delivered: unsent, notDelivered: deleted } },
    });
  });

  it('counts what was not there any more as undone', async () => {
    const server = await sandbox({ faults: { rules: [{ when: { events: { ids: [idOf(2)] } }, do: { drop: true } }] } });
    const place = new Place();
    place.write('e.jsonl', events(3));
    const run = await importFile(place, server, 'e.jsonl');
    const undone = await recall(place, 'undo', server.url, ['e.jsonl', '--run', run]);
    expect(undone.told).toMatchObject({ exitCode: 0, records: { created: 3, deleted: 2, gone: 1 } });
  });

  it('with --dry-run deletes nothing, forgets nothing, and tells what it would do', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('e.jsonl', events(12));
    const run = await importFile(place, server, 'e.jsonl');
    const args = ['--target', 'didomi', '--organization-id', 'acme', '--api-url', server.url];
    const { exitCode, stdout } = await place.run(['undo', 'e.jsonl', '--run', run, '--dry-run', ...args]);
    expect(exitCode).toBe(0);
    expect(stdout.replaceAll(/\d{4}-\S+Z/g, 'THEN')).toMatch(
      /^Dry run: nothing was deleted; 12 events would be\.\n\n {2}created by the run {2}12\n\nCreated by the run:\n {2}e\.jsonl:1, delivered THEN\n[\s\S]* {2}e\.jsonl:10, delivered THEN\n {2}and 2 more in these inputs\n\nWhat integrations did with these events is not undone\.\n$/,
    );
    expect(arrived(server)).toHaveLength(12);
    expect((await place.import(server.url, ['e.jsonl'])).summary.files[0]!.state).toBe('skipped');
  });

  it('tells people what it did', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('e.jsonl', events(2));
    const run = await importFile(place, server, 'e.jsonl');
    const args = ['--target', 'didomi', '--organization-id', 'acme', '--api-url', server.url];
    const { stdout } = await place.run(['undo', 'e.jsonl', '--run', run, ...args]);
    expect(stdout).toBe(`Undone: 2 events of run ${run}. A later import sends them again.

  created by the run  2
  deleted             2

What integrations did with these events is not undone.
`);
    const status = await place.run(['ledger', 'status', ...args]);
    expect(status.stdout).toMatch(/last run +\S+ at \S+: undo, exit code 0\n {2}completed files {2}0\n/);
  });
});

it('the ledger tells of what was undone: by id, by record, by run, and prunes it', async () => {
  const server = await sandbox();
  const place = new Place();
  place.write('e.jsonl', events(2));
  const run = await importFile(place, server, 'e.jsonl');
  const { run: by } = (await recall(place, 'undo', server.url, ['e.jsonl', '--run', run])).told;
  const ask = async (...verb: string[]): Promise<string> => {
    const args = ['--target', 'didomi', '--organization-id', 'acme', '--api-url', server.url];
    return (await place.run(['ledger', ...verb, ...args])).stdout.replaceAll(/\d{4}-\d\d-\d\dT\S+Z/g, 'THEN');
  };
  expect(await ask('show', idOf(1))).toBe(
    `Undone THEN by run ${by}: deleted at the platform.\nBefore, it was delivered THEN.\n  record  e.jsonl:1\n  run     ${run}\n`,
  );
  expect(await ask('check', 'e.jsonl')).toBe(
    [1, 2].map((n) => `e.jsonl:${n}  undone THEN by run ${by}; delivered THEN by run ${run}\n`).join('') +
      '2 records: 2 undone.\n',
  );
  const runs = await ask('runs');
  expect(runs).toMatch(new RegExp(`\\n${by}  THEN  undo by .*: exit code 0, 2 read, 2 undone\\n`));
  expect(runs).toMatch(new RegExp(`  THEN  undo --run ${run}.*: 2 events\\n$`));
  expect(await ask('run', by)).toContain(`Undone: 2 events of run ${run}. A later import sends them again.\n`);
  await importFile(place, server, 'e.jsonl', ['--limit', '1']);
  await ask('prune', '--before', '2100-01-01', '--yes');
  expect(await ask('check', 'e.jsonl')).toContain('2 records: 2 never seen.\n');
});

describe('what can go wrong while undoing', () => {
  it('is tried again, with a new token, and nothing is deleted that is not meant', async () => {
    const rules = [
      { when: { route: 'other', every: 7 }, do: { status: 503 } },
      { when: { route: 'other', every: 5 }, do: { dropAfter: true } },
      { when: { route: 'other', requests: 20 }, do: { expireToken: true } },
    ];
    const server = await sandbox({ faults: { rules } });
    const place = new Place();
    place.write('e.jsonl', events(40));
    const run = await importFile(place, server, 'e.jsonl');
    const undone = await recall(place, 'undo', server.url, ['e.jsonl', '--run', run]);
    expect(undone.told).toMatchObject({ exitCode: 0, records: { created: 40, deleted: 40, gone: 0 } });
    expect(arrived(server)).toEqual([]);
  });

  it('is an event that the target refuses to delete: exit 1, and it stays delivered', async () => {
    // The first one asked for the organization's purposes, at the import.
    const rules = [{ when: { route: 'other', requests: 3 }, do: { status: 400 } }];
    const server = await sandbox({ faults: { rules } });
    const place = new Place();
    place.write('e.jsonl', events(3));
    const run = await importFile(place, server, 'e.jsonl');
    const undone = await recall(place, 'undo', server.url, ['e.jsonl', '--run', run, '--concurrency', '1']);
    expect(undone.told).toMatchObject({ exitCode: 1, reason: 'rejects', records: { deleted: 2, refused: 1 } });
    expect(undone.told.findings[0]).toMatchObject({
      what: 'refused',
      line: 2,
      why: 'the target refused it: 400 BadRequest',
    });
    expect((await recall(place, 'verify', server.url, ['e.jsonl'])).told.records).toMatchObject({ delivered: 1 });
  });

  it('is a deletion that was done and not answered, and refused when it was asked for again: it is delivered no more', async () => {
    const rules = [
      { when: { route: 'other', requests: 2 }, do: { dropAfter: true } },
      { when: { route: 'other', requests: 3 }, do: { status: 400 } },
    ];
    const server = await sandbox({ faults: { rules } });
    const place = new Place();
    place.write('e.jsonl', events(1));
    const run = await importFile(place, server, 'e.jsonl');
    const undone = await recall(place, 'undo', server.url, ['e.jsonl', '--run', run]);
    expect(undone.told).toMatchObject({ exitCode: 1, records: { created: 1, deleted: 0, refused: 1 } });
    expect(arrived(server)).toEqual([]);
    expect((await place.import(server.url, ['e.jsonl'])).summary.events).toEqual(counts({ read: 1, delivered: 1 }));
    expect(arrived(server)).toHaveLength(1);
  });

  it.each([
    [403, 4],
    [405, 5],
  ])(
    'ends the command where nothing can come of it: status %i, exit %i, and all is as before',
    async (status, exitCode) => {
      const server = await sandbox({ faults: { rules: [{ when: { route: 'other', times: 20 }, do: { status } }] } });
      const place = new Place();
      place.write('e.jsonl', events(5));
      const run = await importFile(place, server, 'e.jsonl');
      const undone = await recall(place, 'undo', server.url, ['e.jsonl', '--run', run, '--concurrency', '1']);
      expect(undone.exitCode).toBe(exitCode);
      expect(undone.told.records).toMatchObject({ created: 5, deleted: 0, unsent: 5 });
      // One was asked about, and nobody knows: the others are delivered as before.
      const after = await place.import(server.url, ['e.jsonl']);
      expect(after.summary.events).toEqual(counts({ read: 5, delivered: 1, duplicate: 4 }));
    },
  );

  it.each([
    [
      ['--run', 'nope'],
      /^error\[unknown_run\]: this ledger knows no run "nope"\. The last ones that it knows: \S+\. Nothing was deleted\.$/,
    ],
    [
      [],
      /^error\[no_run\]: undo has to know which run is to be undone: name it with --run\. ledger status names the last\.$/,
    ],
  ])('is wrong usage: %j, exit 2', async (more, message) => {
    const server = await sandbox();
    const place = new Place();
    place.write('e.jsonl', events(1));
    await importFile(place, server, 'e.jsonl');
    const undone = await recall(place, 'undo', server.url, ['e.jsonl', ...more]);
    expect(undone.exitCode).toBe(2);
    expect(undone.messages).toEqual([expect.stringMatching(message)]);
    expect(arrived(server)).toHaveLength(1);
  });

  it('is nobody who confirms it, at an address that is not of this machine: exit 2, before anything is sent', async () => {
    const place = new Place();
    place.write('e.jsonl', events(1));
    const args = ['undo', 'e.jsonl', '--target', 'didomi', '--organization-id', 'acme', '--run', 'r'];
    const undone = told(await place.run([...args, '--api-url', 'https://didomi.invalid/v1']));
    expect(undone.exitCode).toBe(2);
    expect(undone.messages).toEqual([
      'error[confirmation_needed]: undo deletes events: it must be confirmed, and there is no terminal to ask at. Confirm it with --yes; nothing was deleted.',
    ]);
  });
});

it('undo lists what OneTrust keeps for ever: exit 1', async () => {
  const server = await sandbox();
  const place = new Place();
  const purposes = [{ Id: 'a0000000-0000-4000-8000-000000000001', TransactionType: 'CONFIRMED' }];
  const receipt = (n: number): string =>
    JSON.stringify({ identifier: `p${n}@example.org`, interactionDate: '2024-05-14T01:34:33Z', purposes });
  place.write('r.jsonl', [1, 2].map(receipt));
  const args = ['--target', 'onetrust', '--api-url', server.oneTrustUrl, 'r.jsonl'];
  const env = { ONETRUST_COLLECTION_POINT_TOKEN: demoToken() };
  const { summary } = await place.run(['import', '--json', '--new-ledger', ...args], { env });
  place.write('r.jsonl', [1, 2, 3].map(receipt));
  const { exitCode, stdout } = await place.run(['undo', '--run', summary.run, ...args], { env });
  expect(exitCode).toBe(1);
  expect(
    stdout.replaceAll(/\d{4}-\S+Z$/gm, 'THEN'),
  ).toBe(`OneTrust keeps receipts for ever: 2 receipts of run ${summary.run} can't be undone, and these are still there.

  created by the run  2

Created by the run:
  r.jsonl:1, delivered THEN
  r.jsonl:2, delivered THEN

Not touched:
  not delivered, as far as the ledger knows  1
`);
});
