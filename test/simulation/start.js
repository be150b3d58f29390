// Compiles the simulation, for Node 20 can't run TypeScript, and starts it with the arguments given. It runs in a
// thread of its own, so that a seed that never comes to an end is noticed from here.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** No seed takes nearly as long as this. */
const LONGEST_MS = 60_000;

const root = new URL('../../', import.meta.url);
const built = new URL('node_modules/.cache/simulation/', root);
mkdirSync(built, { recursive: true });
writeFileSync(new URL('package.json', built), '{"type":"module"}\n');
const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', root));
const project = fileURLToPath(new URL('tsconfig.json', import.meta.url));
try {
  execFileSync(process.execPath, [compiler, '-p', project], { stdio: 'inherit' });
} catch {
  process.exit(1);
}

const worker = new Worker(new URL('test/simulation/main.js', built), { argv: process.argv.slice(2) });
let seed = 0;
let since = performance.now();
worker.on('message', (next) => {
  seed = next;
  since = performance.now();
});
const watch = setInterval(() => {
  if (performance.now() - since < LONGEST_MS) return;
  console.log(`seed ${seed} failed: hang: it never comes to an end`);
  console.log(`  replay: npm run simulate -- --seed ${seed} --trace`);
  process.exit(1);
}, 1_000);
worker.on('exit', (code) => {
  clearInterval(watch);
  process.exitCode = code;
});
