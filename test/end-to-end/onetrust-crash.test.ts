import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { demoToken, type Sandbox } from '../../src/sandbox/sandbox.js';
import { ALL, bothWays, type Threads } from './crash/extent.js';
import type { CrashPoint } from './crash/job.js';
import { type Ended, Place, sandbox } from './harness.js';

const ENTRY = fileURLToPath(new URL('crash/entry.js', import.meta.url));
const RECEIPTS = 60;
const BATCH = 5;
const CONCURRENCY = 3;
/** With so much white space behind each receipt, which is not sent, the file is more slabs than one. */
const LINE_BYTES = 16_000;
const ENV = { ONETRUST_COLLECTION_POINT_TOKEN: demoToken() };

/** An import of receipts, in a folder of its own, that is killed where it writes its ledger. */
class ReceiptJob {
  readonly #place = new Place();
  readonly #server: Sandbox;
  readonly #threads: Threads;
  readonly #log = join(this.#place.folder, 'points');

  constructor(server: Sandbox, threads: Threads) {
    this.#server = server;
    this.#threads = threads;
    writeFileSync(this.#log, '');
    const purposes = [{ Id: 'a0000000-0000-4000-8000-000000000001', TransactionType: 'CONFIRMED' }];
    const receipt = (i: number): string =>
      JSON.stringify({
        ...{ identifier: `p${i}@example.org`, interactionDate: '2024-05-14T01:34:33Z', purposes },
        customPayload: { row: `${i}` },
      });
    this.#place.write(
      'r.jsonl',
      Array.from({ length: RECEIPTS }, (_, i) => receipt(i).padEnd(LINE_BYTES)),
    );
  }

  import(point?: CrashPoint): Promise<Ended> {
    const at = point === undefined ? {} : { CRASH_POINT: JSON.stringify(point) };
    const pace = ['--batch-size', `${BATCH}`, '--concurrency', `${CONCURRENCY}`, '--threads', `${this.#threads}`];
    const args = ['import', 'r.jsonl', ...this.#where(), '--json', '--new-ledger', ...pace];
    return this.#place.run(args, { program: ENTRY, env: { ...ENV, CRASH_LOG: this.#log, ...at } });
  }

  retryAll(): Promise<Ended> {
    return this.#place.run(['ledger', 'resolve', '--all', '--retry', '--yes', ...this.#where()], { env: ENV });
  }

  /** Each kind of point that its runs passed, with how often. */
  points(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const line of readFileSync(this.#log, 'utf8').split('\n').slice(0, -1)) {
      const point = line.replace(/ \d+$/, '');
      counts.set(point, (counts.get(point) ?? 0) + 1);
    }
    return counts;
  }

  #where(): readonly string[] {
    return ['--target', 'onetrust', '--api-url', this.#server.oneTrustUrl];
  }
}

async function crashPoints(): Promise<ReturnType<typeof bothWays<CrashPoint>>> {
  const job = new ReceiptJob(await sandbox({ latencyMs: 3 }), 0);
  await job.import();
  const points = [...job.points()].flatMap(([point, times]): CrashPoint[] => {
    const [when, kind, holds] = point.split(' ') as [CrashPoint['when'], CrashPoint['kind'], string];
    return [...new Set([1, Math.ceil(times / 2)])].map((nth) => ({ when, kind, holds, nth, act: 'kill' }));
  });
  // The intents are what holds the promise.
  if (ALL) return bothWays(points);
  const intents = points.filter(({ kind, holds, nth }) => kind === 'sync' && holds.includes('d') && nth === 1);
  return bothWays(['before', 'after'].flatMap((moment) => intents.filter(({ when }) => when === moment).slice(0, 2)));
}

it('a receipt is never taken twice and never lost, wherever a run is killed while it writes its ledger', async () => {
  let inDoubtAtAll = 0;
  const points = await crashPoints();
  expect(points.length).toBeGreaterThan(1);
  for (const crash of points) {
    const message = JSON.stringify(crash);
    const server = await sandbox({ latencyMs: 3 });
    const job = new ReceiptJob(server, crash.threads);
    await job.import(crash);

    const again = await job.import();
    const { delivered, duplicate, inDoubt } = again.summary.events;
    expect([again.exitCode, delivered + duplicate + inDoubt], message).toEqual([inDoubt === 0 ? 0 : 7, RECEIPTS]);
    expect(again.summary.settings, message).toMatchObject({ threads: crash.threads });
    expect(inDoubt, message).toBeLessThanOrEqual(BATCH * CONCURRENCY);
    const { taken, doubles } = server.stats().receipts;
    expect(doubles, message).toBe(0);
    expect(taken, message).toBeGreaterThanOrEqual(RECEIPTS - inDoubt);
    inDoubtAtAll += inDoubt;
    if (inDoubt === 0) continue;

    // Only what an operator lets go may arrive a second time.
    await job.retryAll();
    expect((await job.import()).exitCode, message).toBe(0);
    const { taken: last, doubles: twice } = server.stats().receipts;
    expect([last - twice, twice <= inDoubt], message).toEqual([RECEIPTS, true]);
  }
  expect(inDoubtAtAll).toBeGreaterThan(0);
}, 600_000);
