/** `npm run crash` sets it, and tries everything there is; without it, a part. */
export const ALL = process.env['CRASH_KILLS'] !== undefined;

/** Worker threads that decode (`--threads`): none, or some, which decode ahead of what is sent. */
export type Threads = 0 | 2;

/** Of two that differ otherwise (before, after), each has both. */
const WAYS: readonly Threads[] = [0, 2, 2, 0];

/** Each crash without and with threads; in a part one of the two, so that it takes no longer for having both. */
export function bothWays<T>(crashes: readonly T[]): readonly (T & { readonly threads: Threads })[] {
  return crashes.flatMap((crash, i) => {
    const ways: readonly Threads[] = ALL ? [0, 2] : [WAYS[i % WAYS.length]!];
    return ways.map((threads) => ({ ...crash, threads }));
  });
}
