import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Flags of node: the ledger is one that takes no time. */
export const WITHOUT_LEDGER = ['--import', join(HERE, 'without-ledger.js')];

/** @typedef {{seconds: number, cpuSeconds: number, rssMiB: number, summary: any, sink?: any}} Measurement */

/**
 * Runs node on a script as a process of its own and tells what it took.
 * @param {readonly string[]} args
 * @returns {Promise<Measurement>}
 */
export async function runNode(args, env = {}) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', join(HERE, 'usage.js'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    env: { ...process.env, DIDOMI_API_KEY: 'key', DIDOMI_API_SECRET: 'secret', ...env },
  });
  const [output, usage] = await Promise.all([text(child.stdout), text(child.stdio[3]), once(child, 'close')]);
  return { seconds: (performance.now() - startedAt) / 1_000, ...JSON.parse(usage), summary: JSON.parse(output) };
}

/**
 * Imports a file into a sink with an empty ledger.
 * @param {string} bin the program
 * @param {string} file
 * @param {{sink?: object, flags?: readonly string[], nodeFlags?: readonly string[], env?: object}} [options]
 */
export async function importInto(bin, file, options = {}) {
  return (await importTimes(bin, file, 1, options))[0];
}

/** The same twice, on one ledger and into one sink. @returns the second, with `first` */
export async function importTwice(bin, file, flags) {
  const [first, second] = await importTimes(bin, file, 2, { flags });
  return { ...second, first };
}

async function importTimes(bin, file, times, { sink = {}, flags = [], nodeFlags = [], env = {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'consent-import-bench-ledger-'));
  try {
    return await withSink(sink, async (address, stats) => {
      const args = [
        ...nodeFlags,
        ...[bin, 'import', file, '--target', 'didomi', '--organization-id', 'bench', '--api-url', `${address}/v1`],
        ...['--ledger', folder, '--quiet', '--json', '--rejects', join(folder, 'rejects.jsonl'), ...flags],
      ];
      const all = [];
      for (let time = 0; time < times; time += 1) {
        const measured = await runNode(args, env);
        all.push({ ...measured, sink: await stats() });
      }
      return all;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a script against a sink of its own.
 * @param {object} sink as in sink.js
 * @param {(address: string) => readonly string[]} argsFor
 */
export function runWithSink(sink, argsFor) {
  return withSink(sink, async (address, stats) => ({ ...(await runNode(argsFor(address))), sink: await stats() }));
}

async function withSink(sink, use) {
  const server = fork(join(HERE, 'sink.js'), [JSON.stringify(sink)]);
  try {
    const [port] = await once(server, 'message');
    const address = `http://127.0.0.1:${port}`;
    return await use(address, async () => (await fetch(`${address}/stats`)).json());
  } finally {
    server.disconnect();
  }
}

/** How much was made of ten requests in flight of 20 ms each, which 50,000 events/s are. */
export function shareOfPossible({ summary, sink }) {
  return {
    shareOfPossible: summary.events.delivered / (summary.durationMs / 1_000) / 50_000,
    mostInFlight: sink.mostInFlight,
  };
}

/** Validates a file. */
export function validate(bin, file, flags = [], nodeFlags = []) {
  return runNode([...nodeFlags, bin, 'validate', file, '--target', 'didomi', '--quiet', '--json', ...flags]);
}

/** Validates events that must be parsed, for there is a schema of the user, without the search for duplicates. */
export function parseEvents(bin, file, threads) {
  return validate(bin, file, ['--threads', `${threads}`, '--schema', join(HERE, 'any.schema.json')], WITHOUT_LEDGER);
}

async function text(stream) {
  let all = '';
  for await (const piece of stream) all += piece;
  return all;
}
