import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));

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
 * @param {{sink?: object, flags?: readonly string[], nodeFlags?: readonly string[]}} [options]
 */
export async function importInto(bin, file, options = {}) {
  return (await importTimes(bin, file, 1, options))[0];
}

/** The same twice, on one ledger and into one sink. @returns the second, with `first` */
export async function importTwice(bin, file, flags) {
  const [first, second] = await importTimes(bin, file, 2, { flags });
  return { ...second, first };
}

async function importTimes(bin, file, times, { sink = {}, flags = [], nodeFlags = [] }) {
  const folder = mkdtempSync(join(tmpdir(), 'consent-import-bench-ledger-'));
  const server = fork(join(HERE, 'sink.js'), [JSON.stringify(sink)]);
  try {
    const [port] = await once(server, 'message');
    const address = `http://127.0.0.1:${port}`;
    const all = [];
    for (let time = 0; time < times; time += 1) {
      const measured = await runNode([
        ...nodeFlags,
        ...[bin, 'import', file, '--target', 'didomi', '--organization-id', 'bench', '--api-url', `${address}/v1`],
        ...['--ledger', folder, '--quiet', '--json', '--rejects', join(folder, 'rejects.jsonl'), ...flags],
      ]);
      all.push({ ...measured, sink: await (await fetch(`${address}/stats`)).json() });
    }
    return all;
  } finally {
    server.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function text(stream) {
  let all = '';
  for await (const piece of stream) all += piece;
  return all;
}
