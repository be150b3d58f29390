import { parseArgs } from 'node:util';
import { parentPort } from 'node:worker_threads';
import { notSeen } from './required-sights.js';
import { type Outcome, simulate } from './simulate.js';

/** One in so many seeds is played twice, to see that it gives the same. */
const PLAYED_TWICE = 50;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    'keep-going': { type: 'boolean', default: false },
  },
});

let unhandled: unknown;
process.on('unhandledRejection', (error) => {
  unhandled ??= error;
});

process.exitCode = values.seed === undefined ? await playMany() : await playOne(Number(values.seed));

async function playOne(seed: number): Promise<number> {
  const outcome = await play(seed, values.trace);
  for (const line of outcome.trace) console.log(line);
  if (outcome.failure !== undefined) return failed(outcome);
  console.log(`seed ${seed} passed (hash ${outcome.hash}); seen: ${[...outcome.seen].sort().join(', ')}`);
  return 0;
}

async function playMany(): Promise<number> {
  const from = Number(values.from);
  const seeds = Number(values.seeds);
  const seen = new Set<string>();
  const started = performance.now();
  let failures = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const outcome = await play(seed, false);
    for (const sight of outcome.seen) seen.add(sight);
    if (outcome.failure === undefined) continue;
    failures += failed(outcome, seed - from + 1);
    if (!values['keep-going']) return 1;
  }
  const seconds = (performance.now() - started) / 1_000;
  const missing = notSeen(seen);
  console.log(`${seeds} seeds in ${seconds.toFixed(1)} s (${Math.round((seeds / seconds) * 60)} a minute)`);
  if (missing.length > 0) console.log(`never seen, so nothing is proved about it: ${missing.join(', ')}`);
  return failures > 0 || missing.length > 0 ? 1 : 0;
}

async function play(seed: number, trace: boolean): Promise<Outcome> {
  parentPort?.postMessage(seed);
  const outcome = await simulate(seed, trace);
  // Lets Node report promises whose rejection nobody took.
  await new Promise((resolve) => setImmediate(resolve));
  if (unhandled !== undefined) {
    const what = unhandled instanceof Error ? (unhandled.stack ?? '') : String(unhandled);
    unhandled = undefined;
    return { ...outcome, failure: outcome.failure ?? { check: 'unhandled rejection', what } };
  }
  if (outcome.failure !== undefined || seed % PLAYED_TWICE !== 0) return outcome;
  const { hash } = await simulate(seed);
  if (hash === outcome.hash) return outcome;
  return { ...outcome, failure: { check: 'determinism', what: `hash ${outcome.hash}, then ${hash}` } };
}

function failed({ seed, failure }: Outcome, count = 1): 1 {
  console.log(`seed ${seed} failed (after ${count}): ${failure!.check}: ${failure!.what}`);
  console.log(`  replay: npm run simulate -- --seed ${seed} --trace`);
  return 1;
}
