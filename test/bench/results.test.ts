import { expect, test } from 'vitest';

type Spread = { readonly median: number; readonly least: number | undefined; readonly most: number | undefined };

// The benchmark is plain JavaScript, so that it runs without a build of its own.
const load = (name: string): Promise<unknown> => import(new URL(name, import.meta.url).href);
const { ratios, spread } = (await load('spread.js')) as {
  spread(figures: readonly number[]): Spread;
  ratios(runs: readonly number[], beside: readonly number[]): Spread;
};
const { rowOf, tableOf, textOf } = (await load('results.js')) as {
  rowOf(one: object, rounds: object): object;
  textOf(row: object, other: string | undefined): string;
  tableOf(rows: readonly object[]): string;
};

test('a spread has the median, also of an even number of figures', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
  expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4 });
});

test('ratios are taken round by round, so that a machine which slows down does not change them', () => {
  expect(ratios([2, 20, 200], [1, 10, 100])).toEqual({ median: 2, least: 2, most: 2 });
});

test('a case is told with its spread, its floor and the other commit', () => {
  const run = (seconds: number, cpuSeconds: number) => ({ seconds, cpuSeconds, rssMiB: 90 + seconds, summary: {} });
  const one = {
    ...{ name: 'a-case', about: 'what it does', events: 1_000_000 },
    run: () => Promise.reject(new Error('never run here')),
    figures: ({ seconds }: { seconds: number }) => ({ twice: seconds * 2 }),
  };
  const rounds = { runs: [run(4, 8), run(5, 9), run(6, 10)], floors: [run(2, 4), run(2.5, 3), run(3, 5)] };
  const row = rowOf(one, { ...rounds, others: [run(8, 16), run(10, 18), run(12, 20)] });
  expect(textOf(row, 'abc123')).toBe(`a-case: what it does
  200,000 events/s, 5 (4 to 6) s in 3 rounds, 9.00 CPU s per million (9 (8 to 10) s), 96 MiB
  times the floor: 2 in time, 2 (2 to 3) in CPU
  times abc123: 0.5 in time, 0.5 in CPU
  twice: 10 (8 to 12)
`);
  expect(tableOf([row]).split('\n').at(-1)).toBe('| what it does | 200,000 | 9.0 | 2.0 | 96 MiB |');
});
