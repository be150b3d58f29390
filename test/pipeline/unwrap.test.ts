import { expect, test } from 'vitest';
import { type UnwrapSettings, unwrapEvents } from '../../src/pipeline/unwrap-events.js';
import { memoryInput } from '../fakes/memory-input.js';
import { eventLine, World } from '../fakes/world.js';

const E = (n: number): string => eventLine(`e${n}`, `p${n}`);
const webhook = (event: string): string => `{"type": "event.created", "parameters": {"x": "{", "entity" : ${event} }}`;
const user = (events: readonly string[]): string => `{"id":"u","events":[ ${events.join(' ,\n ')} ],"x":1}`;

async function run(lines: readonly string[], unwrap?: UnwrapSettings) {
  const world = new World();
  const input = memoryInput('dump.jsonl', lines.join('\n'), world.clock, { chunkBytes: 100 });
  const result = await world.import([input], { unwrap });
  return { world, result, file: result.tally.files[0]! };
}

test('events inside webhook messages are imported with their own bytes', async () => {
  const { world, file } = await run([webhook(E(1)), webhook(E(2)), E(3)], { eventsPointer: undefined });
  expect(world.didomi.bytes.get('e1')).toBe(E(1));
  expect(world.didomi.taken).toEqual(['e1', 'e2', 'e3']);
  expect(file).toMatchObject({ read: 3, delivered: 3 });
});

test('events in the array that the pointer leads to are imported, each counted as a record', async () => {
  const lines = [user([E(1), E(2)]), user([]), user([E(3)])].map((line) => line.replaceAll('\n', ''));
  const { world, file } = await run(lines, { eventsPointer: ['events'] });
  expect(world.didomi.taken).toEqual(['e1', 'e2', 'e3']);
  expect(file).toMatchObject({ state: 'complete', read: 3, delivered: 3 });
});

test('a rejected event names line, element and index, and stands alone in the rejects file', async () => {
  const { world } = await run([`[${user([E(1), '{"id":"bad"}'])}]`], { eventsPointer: ['events'] });
  expect(world.rejects.records).toMatchObject([
    { origin: { file: 'dump.jsonl', line: 1, element: 1, index: 2 }, reason: 'schema_violation', text: '{"id":"bad"}' },
  ]);
});

test('without --unwrap they are rejected as they are, and what they seem to be is known', async () => {
  const hook = await run([webhook(E(1))]);
  expect(hook.file).toMatchObject({ read: 1, rejected: 1, kind: 'webhook' });
  expect(hook.world.rejects.records[0]!.text).toBe(webhook(E(1)));
  expect((await run([user([E(1)]).replaceAll('\n', '')])).file.kind).toBe('export');
  expect((await run(['{"identifier":"a","purposes":[]}'])).file.kind).toBe('onetrust_receipt');
  expect((await run(['{"target":"didomi","organizationId":"x"}'])).file.kind).toBe('config');
  expect((await run(['["id","date"]', '["1","2"]'])).file.kind).toBe('table_row');
  expect((await run(['{"id":1}'])).file.kind).toBeUndefined();
  expect((await run([E(1), webhook(E(2))])).file.kind).toBeUndefined();
});

test('a line of a rejects file that holds a wrapped event is unwrapped twice', async () => {
  const rejected = '{"file":"first.jsonl","line":7,"reason":"schema_violation","errors":[]}';
  const line = `{"rejected":${rejected},"event":${user([E(1), '{"id":"bad"}']).replaceAll('\n', '')}}`;
  const { world, file } = await run([line], { eventsPointer: ['events'] });
  expect(world.didomi.taken).toEqual(['e1']);
  expect(file.read).toBe(2);
  expect(world.rejects.records[0]!.origin).toEqual({ file: 'first.jsonl', line: 7, index: 2 });
});

test('what is no such wrapping is itself the record', () => {
  const unwrapped = (text: string, pointer: readonly string[] | undefined = ['a', '1', 'b']) =>
    unwrapEvents(JSON.parse(text), Buffer.from(text), 0, Buffer.byteLength(text), { eventsPointer: pointer })?.map(
      ({ start, end }) => Buffer.from(text).subarray(start, end).toString(),
    );
  expect(unwrapped('{"a":[0,{"b":[ 1 , {"é":2}]}]}')).toEqual(['1', '{"é":2}']);
  expect(unwrapped('{"a":[0,{"b":{}}]}')).toBeUndefined();
  expect(unwrapped('{"a":{"1":{"b":[]}}}')).toEqual([]);
  expect(unwrapped('{"\\u0061":[0,{"b":[1]}]}')).toBeUndefined();
  expect(unwrapped('[1]', [])).toEqual(['1']);
  expect(unwrapped('{"type":"event.updated","parameters":{"entity":{}}}')).toBeUndefined();
  expect(unwrapped('{"type":"event.created","parameters":{"entity":[]}}')).toBeUndefined();
  expect(unwrapped('7')).toBeUndefined();
});

test('where a key stands twice nothing is unwrapped, so no event is dropped and none is taken for another', async () => {
  const lines = [
    `{"events":[${E(1)}],"events":[${E(2)}]}`,
    `{"events":[${E(1)}],"\\u0065vents":[${E(2)}]}`,
    `{"type":"event.created","parameters":{"entity":${E(1)},"\\u0065ntity":${E(2)}}}`,
    `{"rejected":{"file":"a","line":1,"reason":"refused","errors":[]},"event":${E(1)},"\\u0065vent":${E(2)}}`,
  ];
  const { world, file } = await run(lines, { eventsPointer: ['events'] });
  expect(world.didomi.taken).toEqual([]);
  expect(file).toMatchObject({ read: 4, rejected: 4 });
});

test('an event of a rejects file that is rejected again keeps its first place, and one that holds none its whole line', async () => {
  const first = { file: 'first.zip', entry: 'a.json', line: 17, element: 3, index: 2 };
  const line = (more: string): string =>
    `{"rejected":${JSON.stringify({ ...first, reason: 'refused', errors: [] })}${more}}`;
  const { world } = await run([line(',"event":{"id":"bad"}'), line(',"raw":"x"'), '{"id":"bad"}']);
  expect(world.rejects.records.map(({ origin, reason }) => [origin, reason])).toEqual([
    [first, 'schema_violation'],
    [first, 'refused'],
    [{ file: 'dump.jsonl', line: 3 }, 'schema_violation'],
  ]);
  expect(world.rejects.records.map(({ text }) => text)).toEqual(['{"id":"bad"}', line(',"raw":"x"'), '{"id":"bad"}']);
});

test('a rejects file whose last line is torn is read without it; a whole one needs no line end', async () => {
  const reject = (n: number) =>
    `{"rejected":{"file":"a.jsonl","line":${n},"reason":"refused","errors":[]},"event":${E(n)}}`;
  for (const kept of [1, 5, 20, 60, reject(2).length - 1]) {
    const { world, file } = await run([reject(1), reject(2).slice(0, kept)]);
    expect(world.didomi.taken).toEqual(['e1']);
    expect(file).toMatchObject({ state: 'complete', read: 1, delivered: 1, endsTorn: true });
  }
  const { world: both, file: whole } = await run([reject(1), reject(2)]);
  expect(both.didomi.taken).toEqual(['e1', 'e2']);
  expect(whole.endsTorn).toBe(false);
  expect((await run([reject(2).slice(0, 60)])).file).toMatchObject({ read: 0 });
  // What is no line of a rejects file is a record like any other.
  expect((await run([E(1), E(2).slice(0, -5)])).file).toMatchObject({ read: 2, rejected: 1 });
  expect((await run([reject(1), '{"id":'])).file).toMatchObject({ read: 2, rejected: 1 });
  expect((await run([reject(1), `${reject(2).slice(0, 60)}\n`])).file).toMatchObject({ read: 2, rejected: 1 });
});
