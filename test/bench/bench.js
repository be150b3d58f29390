// npm run bench [-- <case>… | --list | --all] [--rounds <n>] [--json <file>] [--against <commit>] [--readme]
// Several rounds, in each of which every case runs in turn with its floor (see floor.js) and, with --against, with the same
// case of another commit: for machines are noisy, and only what ran at the same time can be compared. Ratios are taken
// round by round. --readme puts the table into README.md: run it on a machine that does nothing else.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CASES, floorOf, inputOf } from './cases.js';
import { buildCommit } from './other-commit.js';
import { rowOf, tableOf, textOf } from './results.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const BIN = join(ROOT, 'bin/consent-import.js');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    against: { type: 'string' },
    readme: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

if (values.list) {
  for (const { name, about, slow } of CASES)
    process.stdout.write(`${name.padEnd(24)} ${about}${slow ? ' (slow)' : ''}\n`);
  process.exit(0);
}

const unknown = positionals.filter((name) => !CASES.some((one) => one.name === name));
if (unknown.length > 0) throw new Error(`no such case: ${unknown.join(', ')} (see --list)`);
const chosen = CASES.filter(({ name, slow }) =>
  positionals.length > 0 ? positionals.includes(name) : values.all || slow !== true,
);

const date = new Date().toISOString().slice(0, 10);
const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
process.stdout.write(`${date}, ${machine}\n\n`);

/** @type {Map<string, {runs: any[], floors: any[], others: any[]}>} */
const results = new Map(chosen.map(({ name }) => [name, { runs: [], floors: [], others: [] }]));
const other = values.against === undefined ? undefined : buildCommit(values.against);
try {
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const one of chosen) {
      if (round >= (one.rounds ?? Number.POSITIVE_INFINITY)) continue;
      const file = await inputOf(one);
      const { runs, floors, others } = results.get(one.name);
      if (one.noFloor !== true) floors.push(await floorOf(file));
      // Who comes first changes from round to round.
      if (other !== undefined && round % 2 === 1) others.push(await measured(one, other.bin, file));
      runs.push(await measured(one, BIN, file));
      if (other !== undefined && round % 2 === 0) others.push(await measured(one, other.bin, file));
    }
  }
} finally {
  other?.remove();
}

async function measured(one, bin, file) {
  const found = await one.run(bin, file);
  if (found.summary.exitCode !== 0 && one.exitCode !== found.summary.exitCode) {
    throw new Error(`${one.name} ended with exit code ${found.summary.exitCode} (${found.summary.reason})`);
  }
  return found;
}

const rows = chosen.map((one) => rowOf(one, results.get(one.name)));
for (const row of rows) process.stdout.write(textOf(row, other?.commit));
if (values.json !== undefined) {
  const against = other?.commit;
  writeFileSync(
    values.json,
    `${JSON.stringify({ date: new Date().toISOString(), machine, against, rows }, null, 2)}\n`,
  );
}
if (values.readme) {
  const path = join(ROOT, 'README.md');
  const text = `<!-- speed -->\nMeasured on ${date}: ${machine}.\n\n${tableOf(rows)}\n<!-- /speed -->`;
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(/<!-- speed -->[\s\S]*<!-- \/speed -->/, () => text),
  );
}
