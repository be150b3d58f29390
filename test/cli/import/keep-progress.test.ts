import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { keepProgress } from '../../../src/cli/import/keep-progress.js';
import type { KeptProgress } from '../../../src/cli/ledger/kept-progress.js';
import type { Progress } from '../../../src/core/run.js';
import { newTally } from '../../../src/core/tally.js';
import { recordedContext } from '../recorded-context.js';

function look(): Progress {
  const progress = { phase: 'importing', bytesTotal: undefined, bytesChecked: 0, inFlight: 0, concurrency: 4 } as const;
  return { ...progress, tally: newTally(), waiting: undefined };
}

const unlimited = async (): Promise<undefined> => undefined;

describe('the progress of a run', () => {
  it('is written at once and then every second, until it is ended', async () => {
    const context = recordedContext();
    const written: KeptProgress[] = [];
    const writeProgress = async (progress: unknown): Promise<void> => {
      written.push(progress as KeptProgress);
    };

    const end = keepProgress('run-1', look, unlimited, { writeProgress }, context);
    for (let second = 0; second < 3; second++) {
      await setImmediate();
      context.pass(1000);
    }
    await end();
    context.pass(5000);

    expect(written.map(({ run, writtenAt }) => `${run} ${writtenAt}`)).toEqual([
      'run-1 2026-01-02T03:04:05.678Z',
      'run-1 2026-01-02T03:04:06.678Z',
      'run-1 2026-01-02T03:04:07.678Z',
      'run-1 2026-01-02T03:04:08.678Z',
    ]);
  });

  it('is not written twice at a time, and the end waits for what is being written', async () => {
    const context = recordedContext();
    let finish: () => void = () => undefined;
    let count = 0;
    const writeProgress = (): Promise<void> => {
      count += 1;
      return new Promise((resolve) => {
        finish = resolve;
      });
    };

    const end = keepProgress('run-1', look, unlimited, { writeProgress }, context);
    context.pass(3000);
    let ended = false;
    const ending = end().then(() => {
      ended = true;
    });
    await setImmediate();

    expect([count, ended]).toEqual([1, false]);
    finish();
    await ending;
    expect(ended).toBe(true);
  });

  it('tells what is left of the day, each time anew', async () => {
    const context = recordedContext();
    const written: KeptProgress[] = [];
    const writeProgress = async (progress: unknown): Promise<void> => {
      written.push(progress as KeptProgress);
    };
    let used = 0;
    const quota = async () => {
      used += 100;
      return { day: '2026-01-02', used, limit: 300, left: 300 - used };
    };
    const end = keepProgress('run-1', look, quota, { writeProgress }, context);
    await setImmediate();
    context.pass(1000);
    await end();
    expect(written.map((kept) => kept.quota)).toEqual([
      { day: '2026-01-02', used: 100, limit: 300, left: 200 },
      { day: '2026-01-02', used: 200, limit: 300, left: 100 },
    ]);
  });

  it('that can not be written harms nothing', async () => {
    const context = recordedContext();
    let count = 0;
    const writeProgress = async (): Promise<void> => {
      count += 1;
      throw new Error('ENOSPC');
    };
    const end = keepProgress('run-1', look, unlimited, { writeProgress }, context);
    await setImmediate();
    context.pass(1000);
    await end();
    expect(count).toBe(2);
  });
});
