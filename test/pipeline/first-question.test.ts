import { describe, expect, it } from 'vitest';
import { type HttpResponse, type Transport, TransportError } from '../../src/core/ports.js';
import type { Authorizer } from '../../src/core/target.js';
import { FirstQuestion } from '../../src/pipeline/first-question.js';
import { openPace } from '../../src/pipeline/pace.js';
import { MemoryLedger } from '../fakes/memory-ledger.js';
import { VirtualClock } from '../fakes/virtual-clock.js';

const REQUEST = { method: 'GET', path: '/question', headers: {} } as const;

/** A target's session or answer may never come; the run may be stopped already. */
interface Asked {
  readonly session?: number;
  readonly answer: number;
  readonly waitMs?: number;
  readonly isStopped?: boolean;
}

/** Resolves to what became of the question, and when. */
async function asked({ session = 0, answer, waitMs, isStopped = false }: Asked) {
  const clock = new VirtualClock();
  const troubles: string[] = [];
  const transport: Transport = {
    async send(_, signal) {
      await clock.sleep(answer, signal);
      if (signal?.aborted === true) throw new TransportError('cancelled', 'cancelled');
      return { status: 200, headers: {}, body: new Uint8Array() } as unknown as HttpResponse;
    },
  };
  const authorizer: Authorizer = {
    async obtain(_, now, signal) {
      await clock.sleep(session, signal);
      if (signal?.aborted === true) throw new TransportError('cancelled', 'cancelled');
      return { kind: 'token', token: 'token', renewAt: now + 3_600_000 };
    },
  };
  const question = new FirstQuestion(
    {
      async ask(_, send) {
        await send(REQUEST);
        return waitMs === undefined ? {} : { waitMs };
      },
      unanswered: (why) => troubles.push(why),
    },
    authorizer,
    clock,
  );
  const pace = await openPace(undefined, new MemoryLedger(clock), clock);
  const requests = { sent: 0, succeeded: 0, retried: 0, rateLimited: 0, split: 0 };
  const signal = isStopped ? AbortSignal.abort() : new AbortController().signal;
  await clock.run(question.ask(signal, { transport, pace, tally: { requests } }));
  return {
    troubles,
    sent: requests.sent,
    tookMs: clock.monotonic(),
    mayGoOnAt: Math.max(clock.monotonic(), pace.pacer.earliest),
  };
}

describe('the first question', () => {
  it('holds the run up for three seconds at most, once there is a session', async () => {
    expect(await asked({ answer: 2_999 })).toMatchObject({ troubles: [], tookMs: 2_999 });
    expect(await asked({ answer: Infinity })).toMatchObject({ troubles: ['no answer in time'], tookMs: 3_000 });
    expect(await asked({ session: 9_000, answer: 2_000 })).toMatchObject({ troubles: [], tookMs: 11_000 });
    expect(await asked({ session: Infinity, answer: 0 })).toMatchObject({ tookMs: 10_000 });
  });

  it('pauses the run for a short wait that its answer asks for; a long one is of its own route', async () => {
    expect(await asked({ answer: 1, waitMs: 10_000 })).toMatchObject({ mayGoOnAt: 10_001 });
    expect(await asked({ answer: 1, waitMs: 10_001 })).toMatchObject({ mayGoOnAt: 1 });
  });

  it('is not asked, and nothing counted as sent, when the run was stopped before', async () => {
    expect(await asked({ answer: 1, isStopped: true })).toMatchObject({ sent: 0, troubles: [], tookMs: 0 });
    expect(await asked({ answer: 1 })).toMatchObject({ sent: 1 });
  });
});
