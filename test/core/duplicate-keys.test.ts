import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDuplicateKeyFinder } from '../../src/core/duplicate-keys.js';

const find = createDuplicateKeyFinder(['', '/user', '/consents', '/consents/purposes/*']);
const inText = (text: string) => find(Buffer.from(text), 0, Buffer.byteLength(text));

describe('createDuplicateKeyFinder', () => {
  it('finds nothing in a record without duplicate keys', () => {
    expect(inText('{"id":"a","user":{"id":"a"},"consents":{"purposes":[{"id":"a"},{"id":"a"}]}}')).toBeUndefined();
    expect(inText('{}')).toBeUndefined();
    expect(inText(' { } ')).toBeUndefined();
  });

  it('names the member that repeats a key, wherever it looks', () => {
    expect(inText('{"id":1,"id":1}')).toBe('/id');
    expect(inText('{"user":{"id":1,"x":[],"id":2}}')).toBe('/user/id');
    expect(inText('{"consents":{"purposes":[],"purposes":[]}}')).toBe('/consents/purposes');
    expect(inText('{"consents":{"purposes":[{"id":1},{"enabled":true,"enabled":false}]}}')).toBe(
      '/consents/purposes/1/enabled',
    );
    expect(inText('{"user":{"a":1},"user":{"b":1}}')).toBe('/user');
  });

  it('compares keys unescaped, and finds its places by unescaped keys', () => {
    expect(inText('{"a":1,"\\u0061":2}')).toBe('/a');
    expect(inText('{"a\\"":1,"a\\u0022":2}')).toBe('/a"');
    expect(inText('{"us\\u0065r":{"id":1,"id":2}}')).toBe('/user/id');
    expect(inText('{"\\ud800":1,"\\udfff":2}')).toBeUndefined();
    expect(inText('{"a/b~":1,"a/b~":2}')).toBe('/a~1b~0');
  });

  it('lets duplicate keys elsewhere travel', () => {
    expect(inText('{"metadata":{"a":1,"a":2},"user":{"metadata":{"a":1,"a":2}}}')).toBeUndefined();
    expect(inText('{"consents":{"vendors":{"a":1,"a":2},"purposes":[{"metadata":{"a":1,"a":1}}]}}')).toBeUndefined();
    expect(inText('{"consents":{"purposes":{"a":1,"a":2}}}')).toBeUndefined();
    expect(inText('{"user":[{"a":1,"a":1}]}')).toBeUndefined();
  });

  it('is not fooled by brackets, quotes and escapes in strings', () => {
    expect(inText('{"x":"}{][\\\\","user":{"a":"\\"}","b":"\\\\\\"","a":0}}')).toBe('/user/a');
    expect(inText('{"x":[{"y":"]}"},"\\\\"],"z":1,"x":0}')).toBe('/x');
  });

  it('tells apart keys that share a hash', () => {
    expect(inText('{"Aa":1,"BB":2}')).toBeUndefined();
    expect(inText('{"Aa":1,"BB":2,"Aa":3}')).toBe('/Aa');
  });

  it('reads records with thousands of keys, and brackets 100,000 deep', () => {
    const many = Array.from({ length: 5000 }, (_, i) => `"k${i}":${i}`).join(',');
    expect(inText(`{${many}}`)).toBeUndefined();
    expect(inText(`{${many},"k4999":0}`)).toBe('/k4999');
    expect(inText(`{${many},"k0":0}`)).toBe('/k0');
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(inText(`{"a":${deep},"b":${deep.replaceAll('[', '{"a":').replaceAll(']', '}').replace(':}', ':0}')}}`)).toBe(
      undefined,
    );
    expect(inText(`{"a":${deep},"a":1}`)).toBe('/a');
    expect(inText(`{"consents":{"purposes":${deep},"purposes":1}}`)).toBe('/consents/purposes');
  });

  it('looks at the named range only', () => {
    const bytes = Buffer.from('{"a":1}{"b":1,"b":2}{"a":1}');
    expect(find(bytes, 0, 7)).toBeUndefined();
    expect(find(bytes, 7, 20)).toBe('/b');
    expect(find(bytes, 20, 27)).toBeUndefined();
  });

  it('comes to an end on anything, valid JSON or not', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[[\]{}",:\\ a1]*$/), (text) => {
        try {
          inText(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
      }),
    );
  });

  it('agrees with a slow search through the record as it was written', () => {
    const name = fc.constantFrom('user', 'consents', 'purposes', 'a', 'Aa', 'BB', 'é', '\ud800', '');
    const { value } = fc.letrec<{ value: Json; members: Json; items: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<Json>('1', 'true', 'null', '"}{"', '"\\\\"', '"\\""', '"é"').map((text): Json => text),
        tie('members'),
        tie('items'),
      ),
      members: fc.array(fc.record({ name, escaped: fc.boolean(), value: tie('value') }), { maxLength: 4 }),
      items: fc.record({ items: fc.array(tie('value'), { maxLength: 3 }) }),
    }));
    let found = 0;
    fc.assert(
      fc.property(value, fc.constantFrom('', ' ', '\n\t'), (json, space) => {
        const text = write(json, space);
        const expected = search(json, '', '');
        if (expected !== undefined) found++;
        expect(inText(text)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(50);
  });
});

/** A text is itself, an array is an object's members, and `items` an array's. */
type Json = string | { name: string; escaped: boolean; value: Json }[] | { items: Json[] };

function write(json: Json, space: string): string {
  if (typeof json === 'string') return space + json + space;
  if (!Array.isArray(json))
    return `${space}[${space}${json.items.map((item) => write(item, space)).join(',')}]${space}`;
  const members = json.map(({ name, escaped, value }) => {
    const units = [...Array(name.length).keys()].map((i) => name.charCodeAt(i).toString(16).padStart(4, '0'));
    const key = escaped ? `"${units.map((unit) => `\\u${unit}`).join('')}"` : JSON.stringify(name);
    return `${space}${key}${space}:${write(value, space)}`;
  });
  return `${space}{${members.join(',')}${space}}${space}`;
}

const WATCHED = ['', '/user', '/consents', '/consents/purposes/*'];

function search(json: Json, path: string, place: string): string | undefined {
  if (typeof json === 'string') return undefined;
  if (!Array.isArray(json)) {
    for (const [i, item] of json.items.entries()) {
      const found = search(item, `${path}/${i}`, `${place}/*`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  for (const [i, { name, value }] of json.entries()) {
    const repeated = json.slice(0, i).some((earlier) => earlier.name === name);
    if (repeated && WATCHED.includes(place)) return `${path}/${name}`;
    const found = search(value, `${path}/${name}`, `${place}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
