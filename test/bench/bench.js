// npm run bench [-- <case>… | --list | --all] [--rounds <n>] [--json <file>]
// Medians of several rounds in which the cases run in turn with their floor (see floor.js), for machines are noisy.
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CASES, floorOf, inputOf } from './cases.js';

const BIN = join(dirname(fileURLToPath(import.meta.url)), '../../bin/consent-import.js');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
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

const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
process.stdout.write(`${new Date().toISOString().slice(0, 10)}, ${machine}\n\n`);

/** @type {Map<string, {runs: any[], floors: any[]}>} */
const results = new Map(chosen.map(({ name }) => [name, { runs: [], floors: [] }]));
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const one of chosen) {
    if (round >= (one.rounds ?? Number.POSITIVE_INFINITY)) continue;
    const file = await inputOf(one);
    const { runs, floors } = results.get(one.name);
    if (one.noFloor !== true) floors.push(await floorOf(file));
    const measured = await one.run(BIN, file);
    if (measured.summary.exitCode !== 0 && one.exitCode !== measured.summary.exitCode) {
      throw new Error(`${one.name} ended with exit code ${measured.summary.exitCode} (${measured.summary.reason})`);
    }
    runs.push(measured);
  }
}

const rows = chosen.map((one) => {
  const { runs, floors } = results.get(one.name);
  const wall = spread(runs.map(({ seconds }) => seconds));
  const cpu = spread(runs.map(({ cpuSeconds }) => cpuSeconds));
  const names = Object.keys(one.figures?.(runs[0]) ?? {});
  return {
    case: one.name,
    about: one.about,
    events: one.events,
    rounds: runs.length,
    seconds: wall,
    eventsPerSecond: Math.round(one.events / wall.median),
    cpuSecondsPerMillion: (cpu.median / one.events) * 1e6,
    rssMiB: Math.max(...runs.map(({ rssMiB }) => rssMiB)),
    timesFloor: floors.length === 0 ? undefined : wall.median / spread(floors.map(({ seconds }) => seconds)).median,
    timesFloorCpu:
      floors.length === 0 ? undefined : cpu.median / spread(floors.map(({ cpuSeconds }) => cpuSeconds)).median,
    figures: Object.fromEntries(names.map((name) => [name, spread(runs.map((run) => one.figures(run)[name])).median])),
  };
});

for (const row of rows) {
  const ratio =
    row.timesFloor === undefined
      ? ''
      : `, ${row.timesFloor.toFixed(2)} × floor (CPU ${row.timesFloorCpu.toFixed(2)} ×)`;
  const extra = Object.entries(row.figures).map(
    ([name, value]) => `, ${name} ${value.toFixed(3).replace(/\.?0+$/, '')}`,
  );
  process.stdout.write(
    `${row.case}: ${row.about}\n` +
      `  ${row.eventsPerSecond.toLocaleString('en-US')} events/s, ${row.seconds.median.toFixed(2)} s ` +
      `(${row.seconds.least.toFixed(2)} to ${row.seconds.most.toFixed(2)}, ${row.rounds} rounds)${ratio}, ` +
      `${row.cpuSecondsPerMillion.toFixed(1)} CPU s per million, ${Math.round(row.rssMiB)} MiB${extra.join('')}\n`,
  );
}
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ date: new Date().toISOString(), machine, rows }, null, 2)}\n`);
}

function spread(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], least: sorted[0], most: sorted.at(-1) };
}
