import { describe, expect, it } from 'vitest';
import { SeriesRecorder } from '../../../src/cli/import/series-recorder.js';
import { type HttpResponse, TransportError } from '../../../src/core/ports.js';
import type { Progress } from '../../../src/core/run.js';
import { newTally } from '../../../src/core/tally.js';
import { recordedContext } from '../recorded-context.js';

function progressOf(change: Partial<Progress> = {}): Progress {
  return {
    phase: 'importing',
    tally: newTally(),
    bytesTotal: undefined,
    bytesChecked: 0,
    inFlight: 0,
    concurrency: 4,
    waiting: undefined,
    ...change,
  };
}

const RESPONSE: HttpResponse = { status: 200, headers: {}, body: new Uint8Array(), framed: true };

describe('the recorder of a run', () => {
  it('looks at it five times a second, and once more at its end', () => {
    const context = recordedContext();
    const recorder = new SeriesRecorder(context);
    context.pass(5_000);
    const progress = progressOf({ inFlight: 3 });
    const end = recorder.follow(() => progress);
    Object.assign(progress.tally.events, { read: 100, delivered: 60, duplicate: 5 });
    progress.tally.requests.sent = 2;
    context.pass(200);
    Object.assign(progress.tally.events, { read: 150, delivered: 120, duplicate: 5, undelivered: 25 });
    context.pass(150);
    end();
    context.pass(1_000);
    expect(recorder.samples.map(({ from, to, counts, inFlight }) => [from, to, counts, inFlight])).toEqual([
      [0, 200, { read: 100, settled: 65, delivered: 60, requests: 2, retried: 0, rateLimited: 0 }, 3],
      [200, 350, { read: 50, settled: 60, delivered: 60, requests: 0, retried: 0, rateLimited: 0 }, 3],
    ]);
  });

  it('keeps what was waited for; the pace holds nothing back while no slot is free', () => {
    const context = recordedContext();
    const recorder = new SeriesRecorder(context);
    const steps: Partial<Progress>[] = [
      { phase: 'checking' },
      { waiting: { for: 'rate_limit' }, inFlight: 4 },
      { waiting: { for: 'rate_limit' }, inFlight: 3 },
      { waiting: { for: 'outage' }, inFlight: 1, concurrency: 1 },
      { waiting: { for: 'target' } },
      { waiting: { for: 'retry' } },
      {},
    ];
    let now: Partial<Progress> = {};
    recorder.follow(() => progressOf(now));
    for (const step of steps) {
      now = step;
      context.pass(200);
    }
    expect(recorder.samples.map(({ pauses }) => pauses)).toEqual([
      { checking: 200 },
      {},
      { rate_limit: 200 },
      { outage: 200 },
      { target: 200 },
      { retry: 200 },
      {},
    ]);
  });

  it('times every request, and counts how each ended; what is no such end is thrown on, uncounted', async () => {
    const context = recordedContext();
    const recorder = new SeriesRecorder(context);
    const ends: (HttpResponse | Error)[] = [
      RESPONSE,
      { ...RESPONSE, status: 429 },
      new TransportError('timeout', 'too late'),
      new RangeError('a bug'),
      RESPONSE,
    ];
    const transport = recorder.timing(
      {
        send: async () => {
          context.pass(40);
          const end = ends.shift()!;
          if (end instanceof Error) throw end;
          return end;
        },
      },
      context,
    );
    const end = recorder.follow(() => progressOf());
    const request = { method: 'POST', path: '/', headers: {} } as const;
    const sent: unknown[] = [];
    for (let i = 0; i < 5; i++) {
      sent.push(
        await transport.send(request).then(
          ({ status }) => status,
          (error: Error) => error.name,
        ),
      );
    }
    end();
    expect(sent).toEqual([200, 429, 'TransportError', 'RangeError', 200]);
    expect([...recorder.requestEnds]).toEqual([
      [200, 2],
      [429, 1],
      ['timeout', 1],
    ]);
    const [sample] = recorder.samples;
    expect(sample?.latencies.count).toBe(4);
    expect(sample?.latencies.quantile(1)).toBeCloseTo(40, -1);
  });
});
