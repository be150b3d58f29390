import { ratios, spread } from './spread.js';

const seconds = (runs) => runs.map((run) => run.seconds);
const cpuSeconds = (runs) => runs.map((run) => run.cpuSeconds);

/**
 * What the rounds of one case say.
 * @param {import('./cases.js').Case} one
 * @param {{runs: any[], floors: any[], others: any[]}} rounds
 */
export function rowOf(one, { runs, floors, others }) {
  const wall = spread(seconds(runs));
  const cpu = spread(cpuSeconds(runs));
  const names = Object.keys(one.figures?.(runs[0]) ?? {});
  return {
    case: one.name,
    about: one.about,
    events: one.events,
    rounds: runs.length,
    seconds: wall,
    cpuSeconds: cpu,
    eventsPerSecond: Math.round(one.events / wall.median),
    cpuSecondsPerMillion: (cpu.median / one.events) * 1e6,
    rssMiB: spread(runs.map(({ rssMiB }) => rssMiB)),
    ...(floors.length === 0 ? {} : { timesFloor: compared(runs, floors) }),
    ...(others.length === 0 ? {} : { timesOther: compared(runs, others) }),
    figures: Object.fromEntries(names.map((name) => [name, spread(runs.map((run) => one.figures(run)[name]))])),
  };
}

function compared(runs, beside) {
  return { seconds: ratios(seconds(runs), seconds(beside)), cpu: ratios(cpuSeconds(runs), cpuSeconds(beside)) };
}

/** A row as text. @param {ReturnType<typeof rowOf>} row @param {string | undefined} other */
export function textOf(row, other) {
  const lines = [
    `${row.case}: ${row.about}`,
    `  ${row.eventsPerSecond.toLocaleString('en-US')} events/s, ${range(row.seconds)} s in ${row.rounds} rounds, ` +
      `${row.cpuSecondsPerMillion.toFixed(2)} CPU s per million (${range(row.cpuSeconds)} s), ` +
      `${Math.round(row.rssMiB.most)} MiB`,
  ];
  if (row.timesFloor !== undefined) lines.push(`  times the floor: ${both(row.timesFloor)}`);
  if (row.timesOther !== undefined) lines.push(`  times ${other}: ${both(row.timesOther)}`);
  for (const [name, figure] of Object.entries(row.figures)) lines.push(`  ${name}: ${range(figure, 3)}`);
  return `${lines.join('\n')}\n`;
}

const both = ({ seconds: wall, cpu }) => `${range(wall)} in time, ${range(cpu)} in CPU`;

function range({ median, least, most }, digits = 2) {
  const [a, b, c] = [median, least, most].map((figure) => String(Number(figure.toFixed(digits))));
  return b === c ? a : `${a} (${b} to ${c})`;
}

/** The rows as a table for README. @param {readonly ReturnType<typeof rowOf>[]} rows */
export function tableOf(rows) {
  const head = [
    '| what | events/s | CPU s per million events | times the floor, in CPU | memory |',
    '|---|---:|---:|---:|---:|',
  ];
  const body = rows.map(
    ({ about, eventsPerSecond, cpuSecondsPerMillion, timesFloor, rssMiB }) =>
      `| ${about} | ${eventsPerSecond.toLocaleString('en-US')} | ${cpuSecondsPerMillion.toFixed(1)} | ` +
      `${timesFloor === undefined ? '' : timesFloor.cpu.median.toFixed(1)} | ${Math.round(rssMiB.most)} MiB |`,
  );
  return [...head, ...body].join('\n');
}
