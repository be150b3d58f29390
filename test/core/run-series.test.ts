import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Latencies } from '../../src/core/latencies.js';
import { coarser, RunSeries, SAMPLED, type Sample } from '../../src/core/run-series.js';

/** Samples of these durations, one after the other, each with one of everything. */
function samplesOf(durations: readonly number[]): Sample[] {
  let at = 0;
  return durations.map((ms, i) => {
    const from = at;
    at += ms;
    const latencies = new Latencies();
    latencies.add(10 + i);
    return {
      ...{ from, to: at, latencies, inFlight: i % 5, concurrency: 4 },
      counts: { read: i, settled: i, delivered: 1, requests: 2, retried: i % 2, rateLimited: 0 },
      pauses: i % 3 === 0 ? { outage: ms } : {},
    };
  });
}

function seriesOf(samples: readonly Sample[], most: number, everyMs = 200): RunSeries {
  const series = new RunSeries(everyMs, most);
  for (const sample of samples) series.add(sample);
  return series;
}

const DURATIONS = fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 400 });

function total(samples: readonly Sample[], amount: (sample: Sample) => number): number {
  return samples.reduce((sum, sample) => sum + amount(sample), 0);
}

describe('the series of a run', () => {
  it('holds at most so many samples, without a gap, and loses nothing of what was counted', () => {
    fc.assert(
      fc.property(DURATIONS, fc.integer({ min: 2, max: 40 }), (durations, most) => {
        const given = samplesOf(durations);
        const { samples } = seriesOf(given, most);
        expect(samples.length).toBeLessThanOrEqual(most);
        expect(samples.at(-1)?.to).toBe(given.at(-1)?.to);
        samples.forEach((sample, i) => {
          expect(sample.from).toBe(samples[i - 1]?.to ?? 0);
        });
        for (const name of SAMPLED)
          expect(total(samples, (each) => each.counts[name])).toBe(total(given, (each) => each.counts[name]));
        expect(total(samples, ({ latencies }) => latencies.count)).toBe(given.length);
        expect(total(samples, ({ pauses }) => pauses.outage ?? 0)).toBe(
          total(given, ({ pauses }) => pauses.outage ?? 0),
        );
        const inFlightTime = ({ from, to, inFlight }: Sample): number => (to - from) * inFlight;
        expect(total(samples, inFlightTime)).toBeCloseTo(total(given, inFlightTime), 3);
      }),
    );
  });

  it('of a run of ten days has samples of like length', () => {
    const { samples } = seriesOf(samplesOf(new Array(43_200).fill(20_000)), 240, 20_000);
    const lengths = samples.slice(0, -1).map(({ from, to }) => to - from);
    expect(samples.length).toBeGreaterThanOrEqual(120);
    expect(Math.max(...lengths)).toBe(Math.min(...lengths));
  });

  it('takes a last moment that is too short for a rate into the sample before', () => {
    const { samples } = seriesOf(samplesOf([200, 200, 5]), 240);
    expect(samples.map(({ from, to }) => [from, to])).toEqual([
      [0, 200],
      [200, 405],
    ]);
  });

  it('can be made coarser, and loses nothing by that either', () => {
    const given = samplesOf(new Array(240).fill(200));
    const drawn = coarser(given, 100);
    expect(drawn).toHaveLength(60);
    expect(total(drawn, ({ counts }) => counts.read)).toBe(total(given, ({ counts }) => counts.read));
    expect(coarser(given, 240)).toBe(given);
  });
});
