import { describe, expect, it } from 'vitest';
import type { AskError } from '../../src/core/ask.js';
import { type HttpRequest, type HttpResponse, TransportError } from '../../src/core/ports.js';
import type { Authorizer } from '../../src/core/target.js';
import { createPatientAsk } from '../../src/pipeline/patient-ask.js';
import { readToldLimits } from '../../src/targets/told-limits.js';
import { VirtualClock } from '../fakes/virtual-clock.js';

type Answer = { readonly status: number; readonly headers?: Record<string, string> } | 'lost';

/** A server that answers what the script says, then 200 for ever, and hands out `token-1`, `token-2`, … */
function platform(script: readonly Answer[], settings: object = {}, authorizer: Partial<Authorizer> = {}) {
  const clock = new VirtualClock();
  const sent: { at: number; token: string }[] = [];
  let tokens = 0;
  let next = 0;
  const transport = {
    send: async (request: HttpRequest): Promise<HttpResponse> => {
      sent.push({ at: clock.monotonic(), token: request.path });
      const answer = script[next++] ?? { status: 200 };
      if (answer === 'lost') throw new TransportError('lost', 'the connection was lost');
      return { status: answer.status, headers: answer.headers ?? {}, body: new Uint8Array(0), framed: true };
    },
  };
  const ask = createPatientAsk(
    { requestsPerMinute: undefined, giveUpAfterMs: 60_000, maxWaitMs: 3_600_000, ...settings },
    {
      ...{ clock, transport, random: () => 0.5, readLimits: readToldLimits },
      authorizer: {
        obtain: async () => ({ kind: 'token', token: `token-${++tokens}`, renewAt: Number.POSITIVE_INFINITY }),
        ...authorizer,
      },
    },
  );
  const read = (signal?: AbortSignal) =>
    clock.run(
      ask((token) => ({ method: 'POST', path: token, headers: {} }), signal).then(
        ({ status }) => status,
        (error: AskError) => `${error.reason}: ${error.message}`,
      ),
    );
  return { clock, sent, read, ask, tokens: () => tokens };
}

describe('a patient ask', () => {
  it('gets one token for all that ask at a time', async () => {
    const { clock, ask, tokens } = platform([]);
    const all = [1, 2, 3].map(() => ask((token) => ({ method: 'POST', path: token, headers: {} })));
    await clock.run(Promise.all(all));
    expect(tokens()).toBe(1);
  });

  it('asks again after a lost connection, a failure of the server, and a 429, as late as that demands', async () => {
    const { sent, read } = platform(['lost', { status: 503 }, { status: 429, headers: { 'retry-after': '90' } }]);
    expect(await read()).toBe(200);
    expect(sent).toHaveLength(4);
    expect(sent[3]!.at - sent[2]!.at).toBeGreaterThanOrEqual(90_000);
  });

  it('renews a token that was refused, once', async () => {
    const good = platform([{ status: 401 }]);
    expect(await good.read()).toBe(200);
    expect(good.sent.map(({ token }) => token)).toEqual(['token-1', 'token-2']);
    const bad = platform([{ status: 401 }, { status: 401 }]);
    expect(await bad.read()).toBe('auth: the target refused a fresh token (401)');
  });

  it('ends at once where the credentials are refused, or where no such API is', async () => {
    const refused = platform([], {}, { obtain: async () => ({ kind: 'refused', status: 401 }) });
    expect(await refused.read()).toBe('auth: the target refused the credentials for reading (401)');
    const wrong = platform([], {}, { obtain: async () => ({ kind: 'wrong', status: 404 }) });
    expect(await wrong.read()).toBe('unavailable: the address answers a request for a token as no such API does (404)');
    expect([...refused.sent, ...wrong.sent]).toEqual([]);
  });

  it('gives up when nothing was answered for long, waits that were asked for not counted', async () => {
    const forever = Array.from({ length: 1000 }, (): Answer => ({ status: 500 }));
    const failing = platform(forever);
    expect(await failing.read()).toBe('unavailable: nothing could be read: the target answered 500');
    expect(failing.clock.monotonic()).toBeLessThan(120_000);
    const slow = Array.from({ length: 10 }, (): Answer => ({ status: 429, headers: { 'retry-after': '600' } }));
    expect(await platform(slow).read()).toBe(200);
    const rude: Answer = { status: 429, headers: { 'retry-after': '3601' } };
    expect(await platform([rude]).read()).toBe('unavailable: the target asks to wait 3601 s, longer than is allowed');
  });

  it('keeps the rate, and hands on every other answer', async () => {
    const { clock, sent, ask } = platform([{ status: 404 }], { requestsPerMinute: 60 });
    const all = Array.from({ length: 120 }, () => ask((token) => ({ method: 'POST', path: token, headers: {} })));
    const statuses = (await clock.run(Promise.all(all))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 404)).toHaveLength(1);
    for (const { at } of sent) {
      expect(sent.filter((other) => other.at >= at && other.at < at + 60_000).length).toBeLessThanOrEqual(60);
    }
  });

  it('ends when it is interrupted', async () => {
    const abort = new AbortController();
    const { clock, read } = platform([{ status: 429, headers: { 'retry-after': '600' } }]);
    clock.after(5_000, () => abort.abort());
    expect(await read(abort.signal)).toBe('interrupted: interrupted');
    expect(clock.monotonic()).toBe(5_000);
  });
});
