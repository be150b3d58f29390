import type { Progress, Waiting } from '../../core/run.js';
import { bytes, count, duration, percent } from './figures.js';

/** What is measured between two looks at a run. */
export interface Pace {
  readonly eventsPerSecond: number;
  /** Of stored bytes; undefined while unknown. */
  readonly bytesPerSecond: number | undefined;
  /** By the same clock as `Progress.waiting.untilMonotonic`. */
  readonly nowMonotonic: number;
}

/**
 * One line that says how far, how fast, how long, and what it waits for, in at most `columns` characters: what matters
 * least goes first where the terminal is narrow.
 */
export function progressBar(progress: Progress, pace: Pace, columns: number): string {
  const parts = segments(progress, pace, columns < NARROW);
  const part = share(progress);
  for (let least = 1; least <= 9; least++) {
    const kept = parts.filter(({ weight }) => weight >= least).map(({ text }) => text);
    const line = kept.join('  ');
    const room = columns - line.length - 2;
    if (room >= 12 && part !== undefined) {
      return `${bar(part, Math.min(24, room))}  ${line}`;
    }
    // A bar is worth more than the details that weigh least.
    if (line.length <= columns && (part === undefined || least > 3)) {
      return line;
    }
  }
  return (parts[0]?.text ?? '').slice(0, Math.max(0, columns));
}

/** Below so many columns, waits are named in fewer words. */
const NARROW = 60;

/** The same as one plain line, for logs. */
export function progressLine(progress: Progress, pace: Pace): string {
  const parts = segments(progress, pace);
  return `${PHASES[progress.phase]}: ${parts.map((part) => part.text).join(', ')}`;
}

const PHASES: Readonly<Record<Progress['phase'], string>> = {
  checking: 'checking inputs',
  importing: 'importing',
  draining: 'finishing what is in flight',
  done: 'done',
};

interface Segment {
  readonly text: string;
  /** 9 stays longest. */
  readonly weight: number;
}

/** @param brief for a narrow terminal */
function segments(progress: Progress, pace: Pace, brief = false): readonly Segment[] {
  const { events } = progress.tally;
  const part = share(progress);
  const done = bytesDone(progress);
  const total = progress.bytesTotal;
  const parts: Segment[] = [{ text: part === undefined ? bytes(done) : `${part} %`, weight: 9 }];
  if (progress.phase === 'checking') {
    parts.push({ text: 'checking', weight: 8 });
  }
  if (total !== undefined) {
    parts.push({ text: `${bytes(done)} of ${bytes(total)}`, weight: 2 });
  }
  if (progress.phase !== 'checking') {
    parts.push({ text: `${count(pace.eventsPerSecond)}/s`, weight: 5 });
    parts.push({ text: `${count(events.delivered)} delivered`, weight: 7 });
    if (events.duplicate > 0) {
      parts.push({ text: `${count(events.duplicate)} duplicate`, weight: 3 });
    }
    if (events.rejected > 0) {
      parts.push({ text: `${count(events.rejected)} rejected`, weight: 6 });
    }
    parts.push({ text: `${progress.inFlight}/${progress.concurrency} in flight`, weight: 1 });
  }
  if (progress.phase === 'draining') {
    parts.push({ text: 'stopping', weight: 8 });
  }
  const waiting = waitingText(progress.waiting, pace.nowMonotonic, brief);
  const left = timeLeft(progress, pace, done);
  if (waiting !== undefined) {
    parts.push({ text: waiting, weight: 8 });
  } else if (left !== undefined) {
    parts.push({ text: left, weight: 4 });
  }
  return parts;
}

const WAITS: Readonly<Record<NonNullable<Waiting>['for'], string>> = {
  rate_limit: 'waiting: rate limit',
  retry: 'waiting: next attempt',
  outage: 'waiting: target is down',
  target: 'waiting: target asked for it',
  answer: 'waiting: your answer',
};

const BRIEF_WAITS: Readonly<Record<NonNullable<Waiting>['for'], string>> = {
  rate_limit: 'rate limit',
  retry: 'next attempt',
  outage: 'target is down',
  target: 'target asked',
  answer: 'your answer',
};

function waitingText(waiting: Waiting, nowMonotonic: number, brief: boolean): string | undefined {
  if (waiting === undefined) {
    return undefined;
  }
  const what = (brief ? BRIEF_WAITS : WAITS)[waiting.for];
  const rest = (waiting.untilMonotonic ?? 0) - nowMonotonic;
  return rest >= 1000 ? `${what}, ${duration(rest)}` : what;
}

function timeLeft(progress: Progress, pace: Pace, done: number): string | undefined {
  if (progress.bytesTotal === undefined || !pace.bytesPerSecond || progress.phase === 'draining') {
    return undefined;
  }
  const seconds = Math.max(0, progress.bytesTotal - done) / pace.bytesPerSecond;
  return seconds < 1 ? undefined : `${duration(Math.max(1, Math.round(seconds)) * 1000)} left`;
}

/** In percent; undefined where the whole is not known. */
function share(progress: Progress): number | undefined {
  return progress.bytesTotal === undefined ? undefined : percent(bytesDone(progress), progress.bytesTotal);
}

/**
 * How far a run is, in stored bytes: what was checked, or what was read and has its outcome. Of what was read and waits to be
 * delivered, nothing is done yet.
 */
export function bytesDone({ phase, bytesChecked, tally }: Progress): number {
  if (phase === 'checking') return bytesChecked;
  const { read, delivered, duplicate, rejected, inDoubt, undelivered } = tally.events;
  const settled = delivered + duplicate + rejected + inDoubt + undelivered;
  return read === 0 ? tally.bytes.read : Math.floor(tally.bytes.read * (settled / read));
}

function bar(part: number, width: number): string {
  const filled = Math.round((part / 100) * (width - 2));
  return `[${'='.repeat(filled)}${' '.repeat(width - 2 - filled)}]`;
}
