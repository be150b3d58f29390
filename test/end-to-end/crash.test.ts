import { describe, expect, it } from 'vitest';
import { ALL, bothWays, type Threads } from './crash/extent.js';
import { type CrashPoint, Job } from './crash/job.js';
import { type Happened, relay } from './crash/relay.js';
import { sandbox } from './harness.js';

const KILLS = Number(process.env['CRASH_KILLS'] ?? 15);
/** So many in a row before the job is finished. */
const KILLS_IN_A_ROW = 5;
const PATIENCE_MS = 600_000;

type Crash = CrashPoint & { readonly threads: Threads };

/** What an undisturbed run passes, with how often; it is the same for all tests. */
let passed: Promise<ReadonlyMap<string, number>> | undefined;

/**
 * The points of an undisturbed run, as crashes: the first time that each is passed, and one in the middle. Of fewer, those
 * before one kind of write and after the next.
 */
async function crashPoints(kinds: readonly CrashPoint['kind'][], act: CrashPoint['act']): Promise<readonly Crash[]> {
  passed ??= sandbox({ latencyMs: 3 }).then((server) => new Job(server, 0).points());
  const points: CrashPoint[] = [];
  for (const [point, times] of await passed) {
    const [when, kind, holds] = point.split(' ') as [CrashPoint['when'], CrashPoint['kind'], string];
    for (const nth of new Set([1, Math.ceil(times / 2)])) points.push({ when, kind, holds, nth, act });
  }
  const places = [...new Set(points.map(({ kind, holds }) => `${kind} ${holds}`))];
  const some = points.filter(
    ({ when, kind, holds, nth }) => nth === 1 && (when === 'before') === (places.indexOf(`${kind} ${holds}`) % 2 === 0),
  );
  return bothWays(ALL ? points : some).filter(({ kind }) => kinds.includes(kind));
}

describe('kill -9', () => {
  it.each(['write', 'sync', 'mark', 'file'] as const)(
    'before and after every kind of %s of the ledger: the same command finishes the job',
    async (kind) => {
      let killed = 0;
      for (const crash of await crashPoints([kind], 'kill')) {
        const server = await sandbox({ latencyMs: 3 });
        const job = new Job(server, crash.threads);
        const message = JSON.stringify(crash);
        const { exitCode } = await job.start(crash).ended;
        // What a group of writes holds differs from run to run, so a point may not come up again.
        if (exitCode === undefined) killed += 1;
        else expect(exitCode, message).toBe(1);
        await job.finish(message, ALL);
      }
      expect(killed).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  const moments = (ALL ? [1, 2, 9, 20, 37] : [9]).flatMap((nth) =>
    (['arrived', 'acted on', 'answered'] as const).map((what) => ({ what, nth })),
  );
  it.each<[nth: number, what: Happened, threads: Threads]>(
    bothWays(moments).map(({ nth, what, threads }) => [nth, what, threads]),
  )(
    'when request %i of the target has %s, with %i threads: the same command finishes the job',
    async (nth, what, threads) => {
      const server = await sandbox({ latencyMs: 3 });
      let kill: () => void = () => undefined;
      const url = await relay(server.url, (happened, number) => {
        if (happened === what && number === nth) kill();
      });
      const job = new Job(server, threads, url);
      const run = job.start();
      kill = () => run.signal('SIGKILL');
      expect((await run.ended).exitCode).toBeUndefined();
      kill = () => undefined;
      await job.finish(`${what} ${nth}, ${threads} threads`, ALL);
    },
    PATIENCE_MS,
  );

  it(
    `at any moment, ${KILLS} times: the same command finishes the job`,
    async () => {
      let killed = 0;
      for (let left = KILLS; left > 0; left -= KILLS_IN_A_ROW) {
        const server = await sandbox({ latencyMs: 15 });
        const threads: Threads = (left / KILLS_IN_A_ROW) % 2 < 1 ? 2 : 0;
        const job = new Job(server, threads);
        const moments: string[] = [];
        for (let kill = 1; kill <= Math.min(left, KILLS_IN_A_ROW); kill += 1) {
          const run = job.start();
          // Half of them while events are on their way, half at any time, while it starts or ends too.
          const sent = kill % 2 === 0 ? server.stats().requests.total + 1 + Math.floor(Math.random() * 8) : 0;
          const later = Math.floor(Math.random() * (sent > 0 ? 30 : 700));
          const hasEnded = run.ended.then(() => true);
          while (server.stats().requests.total < sent && (await Promise.race([hasEnded, pause(1)])) !== true);
          await Promise.race([hasEnded, pause(later)]);
          run.signal('SIGKILL');
          const { exitCode } = await run.ended;
          killed += exitCode === undefined ? 1 : 0;
          moments.push(`${later} ms after request ${sent}`);
        }
        await job.finish(`${threads} threads: ${moments.join(', ')}`);
      }
      expect(killed).toBeGreaterThan(KILLS / 2);
    },
    PATIENCE_MS,
  );
});

describe('a ledger that can not be written any more', () => {
  it.each(['ENOSPC', 'EIO'] as const)(
    'ends the run with exit 10 and what to do (%s), and the same command finishes the job',
    async (act) => {
      const points = await crashPoints(['write', 'sync', 'mark'], act);
      let failed = 0;
      for (const crash of points.slice(0, ALL ? points.length : 2)) {
        const server = await sandbox({ latencyMs: 3 });
        const job = new Job(server, crash.threads);
        const { exitCode, said, summary } = await job.start(crash).ended;
        const message = JSON.stringify(crash);
        if (exitCode !== 1) {
          failed += 1;
          expect([exitCode, summary.reason], message).toEqual([10, 'storage']);
          expect(said, message).toEqual([
            `error[storage]: The ledger ${summary.ledger} can't be written: ${act}: the disk says so. Make sure that the disk has room and that the folder can be written, then run the same command again: what was delivered and recorded is not sent again.`,
          ]);
        }
        await job.finish(message, ALL);
      }
      expect(failed).toBeGreaterThanOrEqual(1);
    },
    PATIENCE_MS,
  );
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
