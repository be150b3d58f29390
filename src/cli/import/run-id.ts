import { randomBytes } from 'node:crypto';

/** A run id: sorts by time, and differs also between runs of the same second. `20260131T235959Z-1f3a9c`. */
export function newRunId(nowMs: number): string {
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${time}-${randomBytes(3).toString('hex')}`;
}
