import { CONSENTS, DATE, event, idOf, userOf } from './events.js';

/** A line that can't be imported: what becomes of it, and how it looks once it is repaired. */
export interface BrokenLine {
  readonly reason: string;
  readonly line: string | Buffer;
  readonly repaired: string;
}

/** The longest line that the tests with broken lines allow. */
export const MAX_LINE_BYTES = 4096;

/** One broken line of every kind; the events in them have the ids from `from` on. */
export function brokenLines(from: number): BrokenLine[] {
  return KINDS.map((make, i) => {
    const n = from + i;
    const good = event(n);
    const { reason, line } = make(n, good);
    return { reason, line, repaired: good };
  });
}

type Make = (n: number, good: string) => { readonly reason: string; readonly line: string | Buffer };

const invalidJson = (change: (good: string) => string): Make => {
  return (_, good) => ({ reason: 'invalid_json', line: change(good) });
};

/** An event with an id and a date, and these members instead of user and consents. */
const violation = (members: (n: number) => string): Make => {
  return (n) => ({ reason: 'schema_violation', line: `{"id":"${idOf(n)}",${DATE},${members(n)}}` });
};

const person = (n: number): string => userOf(`person-${n}`);
const purpose = (members: string): Make =>
  violation((n) => `${person(n)},"consents":{"purposes":[{"id":"ok","enabled":null},{${members}}]}`);

const KINDS: readonly Make[] = [
  invalidJson((good) => good.slice(0, -20)),
  invalidJson((good) => good.replaceAll('"', "'")),
  invalidJson((good) => `${good.slice(0, -1)},}`),
  invalidJson((good) => good + good),
  invalidJson((good) => `${good},`),
  invalidJson((good) => good.replace('true', 'True')),
  invalidJson((good) => good.replace('newsletter', 'news\tletter')),
  invalidJson((good) => good.replace('newsletter', 'news\\xletter')),
  invalidJson(() => 'id;created_at;user;newsletter'),
  invalidJson(() => 'NaN'),
  invalidJson(() => '\u0000'),
  (_, good) => ({ reason: 'invalid_utf8', line: Buffer.from(good.replace('person', 'pe\u00e9rson'), 'latin1') }),
  (_, good) => ({
    reason: 'invalid_utf8',
    line: Buffer.concat([Buffer.from(good.slice(0, -1)), Buffer.from([0x2c, 0xed, 0xa0, 0x80])]),
  }),
  (_, good) => ({
    reason: 'line_too_long',
    line: `${good.slice(0, -1)},"metadata":{"long":"${'x'.repeat(MAX_LINE_BYTES)}"}}`,
  }),
  ...['[]', '"consent"', '42', 'null', 'true', '{}'].map(
    (line): Make =>
      () => ({ reason: 'schema_violation', line }),
  ),
  (_, good) => ({ reason: 'schema_violation', line: `[${good}]` }),
  violation(() => CONSENTS),
  violation(() => `"user":{},${CONSENTS}`),
  violation(() => `"user":{"organization_user_id":"","id":""},${CONSENTS}`),
  violation(() => `"user":{"id":null},${CONSENTS}`),
  violation(() => `"user":"someone",${CONSENTS}`),
  violation(person),
  violation((n) => `${person(n)},"consents":[]`),
  violation((n) => `${person(n)},"consents":{"vendors":["google"]}`),
  violation((n) => `${person(n)},"consents":{"purposes":{"id":"newsletter"}}`),
  purpose('"enabled":true'),
  purpose('"id":"x","enabled":"true"'),
  purpose('"id":"x","enabled":1'),
  purpose('"id":"x","enabled":true,"enabled":false'),
  violation((n) => `${person(n)},${CONSENTS},${CONSENTS}`),
  violation((n) => `"user":{"organization_user_id":"a${n}","organization_user_id":"b${n}"},${CONSENTS}`),
  violation((n) => `"id":"again",${person(n)},${CONSENTS}`),
  (n) => ({ reason: 'schema_violation', line: `{"id":${n},${DATE},${person(n)},${CONSENTS}}` }),
  (n) => ({ reason: 'schema_violation', line: `{"id":"",${DATE},${person(n)},${CONSENTS}}` }),
  (n) => ({ reason: 'schema_violation', line: `{"id":null,${DATE},${person(n)},${CONSENTS}}` }),
  (n, good) => ({ reason: 'schema_violation', line: good.replace(DATE, `"created_at":"01/03/2024 ${n}"`) }),
  (_, good) => ({ reason: 'schema_violation', line: good.replace(DATE, '"created_at":"2024-02-30T08:00:00Z"') }),
  (_, good) => ({ reason: 'schema_violation', line: good.replace(DATE, '"created_at":null') }),
  (n) => ({ reason: 'no_identity', line: `{${person(n)},${CONSENTS}}` }),
  (_, good) => ({ reason: 'wrong_organization', line: `${good.slice(0, -1)},"organization_id":"other"}` }),
];
