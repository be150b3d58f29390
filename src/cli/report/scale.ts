/** Marks of an axis from 0 on, evenly spaced at round numbers; the last is the end of the axis, at or above `most`. */
export function marks(most: number, about = 4): readonly number[] {
  if (!(most > 0)) return [0, 1];
  return spaced(most, roundStep(most / about));
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * 0.999) ?? 10 * power;
}

function spaced(most: number, step: number): readonly number[] {
  const result: number[] = [];
  for (let i = 0; ; i++) {
    // Products, not sums: 3 × 0.1 is as good as it gets, 0.1 + 0.1 + 0.1 is not.
    result.push(Number((i * step).toPrecision(12)));
    if (i * step >= most) return result;
  }
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const TIME_STEPS = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 96, 168].map((n) => n * HOUR),
];

/** Marks of a time axis from 0 to at most `ms`, with what they are called. */
export function timeMarks(ms: number, about = 6): readonly { readonly at: number; readonly label: string }[] {
  const step = TIME_STEPS.find((each) => ms / each <= about) ?? 24 * HOUR * Math.ceil(ms / (24 * HOUR) / about);
  const result: { at: number; label: string }[] = [];
  for (let i = 0; i * step <= ms; i++) result.push({ at: i * step, label: timeLabel(i * step, step) });
  return result;
}

function timeLabel(ms: number, step: number): string {
  if (ms === 0) return '0';
  if (step < SECOND) return `${Number((ms / SECOND).toFixed(1))} s`;
  if (step < MINUTE)
    return ms < MINUTE ? `${ms / SECOND} s` : `${Math.floor(ms / MINUTE)}:${two((ms % MINUTE) / SECOND)} min`;
  if (step < HOUR) return ms < HOUR ? `${ms / MINUTE} min` : `${Math.floor(ms / HOUR)}:${two((ms % HOUR) / MINUTE)} h`;
  return `${ms / HOUR} h`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
