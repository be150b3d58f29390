import type { Random } from './ports.js';

/** First and longest ceiling of a wait, in milliseconds. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/** For one batch that failed: short at first, since others may well get through. */
export const RETRY_BACKOFF: Backoff = { baseMs: 250, capMs: 30_000 };

/** For a target that lets nothing through: one probe at a time. */
export const PROBE_BACKOFF: Backoff = { baseMs: 1_000, capMs: 30_000 };

/**
 * Full jitter: uniform between 0 and a ceiling that doubles with every failure.
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).
 * @param failures how often it failed in a row, from 1
 * @returns milliseconds
 */
export function fullJitter(backoff: Backoff, failures: number, random: Random): number {
  return random() * ceiling(backoff, failures);
}

/** Half of the ceiling for sure and the rest by chance: for probes, which must not come at once. */
export function equalJitter(backoff: Backoff, failures: number, random: Random): number {
  return (0.5 + random() / 2) * ceiling(backoff, failures);
}

function ceiling(backoff: Backoff, failures: number): number {
  return Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(30, failures - 1));
}
