import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Transport } from '../../src/core/ports.js';
import type { Authorizer } from '../../src/core/target.js';
import { Session } from '../../src/pipeline/session.js';
import { VirtualClock } from '../fakes/virtual-clock.js';

const NO_TRANSPORT: Transport = { send: () => Promise.reject(new Error('not used')) };
const SIGNAL = new AbortController().signal;

async function open(lifeMs = 3_600_000) {
  const clock = new VirtualClock();
  let handedOut = 0;
  const authorizer: Authorizer = {
    obtain: async (_, nowMs) => ({ kind: 'token', token: `t${++handedOut}`, renewAt: nowMs + lifeMs }),
  };
  const session = new Session(authorizer, NO_TRANSPORT, clock);
  await session.obtain(SIGNAL);
  return { clock, session };
}

test('a token is held until it must be renewed', async () => {
  const { clock, session } = await open(60_000);
  expect(session.token).toBe('t1');
  await clock.run(clock.sleep(59_999));
  expect(session.token).toBe('t1');
  await clock.run(clock.sleep(1));
  expect(session.token).toBeUndefined();
});

test('of all requests that meet a 401 with one token, the first asks for a renewal, in whatever order answers come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('accepted', 'refused'), { minLength: 1, maxLength: 30 }),
      async (answers) => {
        const { session } = await open();
        session.accepted('t1');
        const verdicts: string[] = [];
        for (const answer of answers) {
          if (answer === 'accepted') session.accepted('t1');
          else verdicts.push(session.refused('t1'));
          if (session.token === undefined && answers.length % 2 === 0) await session.obtain(SIGNAL);
        }
        expect(verdicts.filter((verdict) => verdict !== 'retry')).toEqual(verdicts.length > 0 ? ['renew'] : []);
      },
    ),
  );
});

test('the first token is renewed once too, and the second one in a row that is refused is the end', async () => {
  const { session } = await open();
  expect(session.refused('t1')).toBe('renew');
  expect(session.token).toBeUndefined();
  await session.obtain(SIGNAL);
  expect(session.refused('t1')).toBe('retry');
  expect(session.refused('t2')).toBe('end');
});

test('after a token was accepted, a 401 is a reason to renew again', async () => {
  const { session } = await open();
  for (let i = 1; i < 5; i += 1) {
    session.accepted(`t${i}`);
    expect(session.refused(`t${i}`)).toBe('renew');
    session.accepted(`t${i}`);
    await session.obtain(SIGNAL);
  }
  expect(session.refused('t5')).toBe('end');
});

test('a token that seems to be over when it comes is used all the same', async () => {
  const { session } = await open(-5);
  expect(session.token).toBe('t1');
});
