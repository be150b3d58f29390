import { expect, it } from 'vitest';
import type { Ask } from '../../../src/core/ask.js';
import type { SentRecord } from '../../../src/core/inquiry.js';
import type { HttpRequest } from '../../../src/core/ports.js';
import { createOneTrustInquiry, SHOWN_AFTER_MS, SHOWN_FOR_MS } from '../../../src/targets/onetrust/inquiry.js';
import { VirtualClock } from '../../fakes/virtual-clock.js';
import { receipt, token } from './receipts.js';

const TOKEN = token();
const POINT = JSON.parse(Buffer.from(TOKEN.split('.')[1]!, 'base64url').toString()) as { processId: string };

function sent(identifier: string, sentAt: number): SentRecord {
  const bytes = new TextEncoder().encode(JSON.stringify(receipt({ identifier })));
  return { event: { bytes, start: 0, end: bytes.length, splice: undefined }, sentAt };
}

/** A platform that shows these people's receipts, made at the time given. */
function platform(shown: readonly (readonly [string, number])[]) {
  const clock = new VirtualClock();
  const requests: HttpRequest[] = [];
  const ask: Ask = async (request) => {
    const sentRequest = request('tok');
    requests.push(sentRequest);
    const asked = sentRequest.headers['identifier'];
    const { interactionDate, purposes } = receipt({}) as {
      interactionDate: string;
      purposes: { Id: string; TransactionType?: string }[];
    };
    const content = shown
      .filter(([identifier]) => asked === undefined || identifier === asked)
      .map(([dataSubjectIdentifier, made], i) => ({
        ...{ id: `r${i}`, dataSubjectIdentifier, interactionDate, collectionPointUUID: POINT.processId },
        consentCreationDate: new Date(made).toISOString(),
        purposes: purposes.map(({ Id, TransactionType }) => ({ id: Id, transactionType: TransactionType })),
      }));
    const body = new TextEncoder().encode(JSON.stringify({ content, last: true }));
    return { status: 200, headers: {}, body, framed: true };
  };
  return { clock, requests, inquiry: createOneTrustInquiry(ask, clock, { token: TOKEN, payloadName: undefined }) };
}

it('tells what arrived, what did not, and why it can not tell', async () => {
  const clock = new VirtualClock();
  const hourAgo = clock.now() - 3_600_000;
  const { inquiry } = platform([
    ['there', hourAgo + 50],
    ['known', hourAgo],
  ]);
  const doubts = [
    sent('there', hourAgo),
    sent('gone', hourAgo),
    sent('gone', clock.now() - SHOWN_AFTER_MS + 1),
    sent('old', clock.now() - SHOWN_FOR_MS - 1),
  ];
  const answers = await clock.run(inquiry.ask(doubts, [], [sent('known', hourAgo)]));
  expect(answers).toEqual(['arrived', 'not_taken', 'too_soon', 'too_old']);
});

it('believes what is not found only where something known to be there was found', async () => {
  const { clock, inquiry } = platform([['known', 0]]);
  const hourAgo = clock.now() - 3_600_000;
  const ask = (samples: readonly SentRecord[]) => inquiry.ask([sent('gone', hourAgo)], [], samples);
  expect(await ask([])).toEqual(['unproved']);
  expect(await ask([sent('other', hourAgo)])).toEqual(['unproved']);
  // It is there, but was made at another time than the one that is looked at.
  expect(await ask([sent('known', hourAgo)])).toEqual(['unproved']);
});

it('reads everybody once for all the people who can not be asked for one by one', async () => {
  const clock = new VirtualClock();
  const hourAgo = clock.now() - 3_600_000;
  const { inquiry, requests } = platform([
    ['søren', hourAgo],
    ['known', hourAgo],
  ]);
  const doubts = [sent('søren', hourAgo), sent('zoé', hourAgo), sent('jürgen', hourAgo)];
  expect(await inquiry.ask(doubts, [], [])).toEqual(['arrived', 'not_taken', 'not_taken']);
  expect(requests).toHaveLength(1);
  expect(requests[0]!.path).toContain(`collectionPointGuid=${POINT.processId.toLowerCase()}`);
});
