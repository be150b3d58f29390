import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Block } from '../src/core/block.js';
import { createDecode } from '../src/pipeline/decode.js';
import { createDidomiRules } from '../src/targets/didomi/rules.js';

const folder = new URL('../fixtures/', import.meta.url);
const load = async (name: string): Promise<unknown> => import(new URL(name, folder).href);
const { fixtures } = (await load('generate.js')) as { fixtures(): Record<string, Buffer> };
const { brokenLines } = (await load('broken.js')) as {
  brokenLines(): { line: string | Buffer; fate: string; what: string }[];
};

const packed = (name: string): Buffer => readFileSync(new URL(name, folder));
const linesOf = (name: string): string[] => gunzipSync(packed(name)).toString('utf8').trimEnd().split('\n');

interface Event {
  id: string;
  created_at: string;
  organization_id?: string;
  user: { id?: string; organization_user_id?: string };
  consents: { purposes: { id: string; enabled: boolean | null }[] };
}

const rules = createDidomiRules({ organizationId: 'demo-organization' });
const decode = createDecode({ maxLineBytes: 1024 * 1024, secret: new Uint32Array([1, 2, 3, 4]) }, rules);
const decoded = (name: string): Block => decode({ kind: 'lines', bytes: gunzipSync(packed(name)) });

describe('The fixtures', () => {
  it.each(Object.entries(fixtures()))('%s is what the generator makes', (name, bytes) => {
    expect(gunzipSync(packed(name)).equals(bytes)).toBe(true);
  });

  it.each(Object.keys(fixtures()))('%s tells no time and no system in its gzip header', (name) => {
    expect([...packed(name).subarray(3, 10)]).toEqual([0, 0, 0, 0, 0, 2, 255]);
  });

  it('didomi-ten holds the ten users of the batch import page in order', () => {
    const users = linesOf('didomi-ten.jsonl.gz').map((line) => (JSON.parse(line) as Event).user.organization_user_id);
    expect(users).toEqual(Array.from({ length: 10 }, (_, i) => `user${i + 1}@domain.com`));
  });
});

describe('didomi-ten-thousand', () => {
  const lines = linesOf('didomi-ten-thousand.jsonl.gz');
  const events = lines.map((line) => JSON.parse(line) as Event);

  it('holds 10,000 events with ids of their own', () => {
    expect(new Set(events.map(({ id }) => id)).size).toBe(10_000);
    for (const { id } of events)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is valid from first to last', () => {
    const { rejections, count } = decoded('didomi-ten-thousand.jsonl.gz');
    expect([count, [...rejections.values()]]).toEqual([10_000, []]);
  });

  it('is in the order of its dates', () => {
    const dates = events.map((event) => event.created_at);
    expect(dates).toEqual([...dates].sort());
    for (const date of dates) expect(date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it('knows everybody by an id, and names no other organization', () => {
    expect(new Set(events.flatMap((event) => event.user.organization_user_id ?? [])).size).toBeGreaterThan(2000);
    for (const { user, organization_id: organization = 'demo-organization' } of events) {
      expect(user.id ?? user.organization_user_id).toMatch(/./);
      expect(organization).toBe('demo-organization');
    }
  });

  it('has consents, withdrawals and open choices, numbers that a double would change, escapes and both kinds of id', () => {
    const choices = new Set(events.flatMap(({ consents }) => consents.purposes.map(({ enabled }) => enabled)));
    expect(choices).toEqual(new Set([true, false, null]));
    const altered = lines.filter((line) => JSON.stringify(JSON.parse(line)) !== line);
    expect(altered.length).toBeGreaterThan(3000);
    expect(lines.some((line) => line.includes('\\ud83c'))).toBe(true);
    expect(events.some(({ user }) => user.id !== undefined && user.organization_user_id !== undefined)).toBe(true);
    expect(events.some(({ user }) => user.id !== undefined && user.organization_user_id === undefined)).toBe(true);
  });
});

describe('didomi-broken', () => {
  it('holds records that are rejected for the reasons that it tells, and no others', () => {
    const { rejections, line: lines, count } = decoded('didomi-broken.jsonl.gz');
    const reasons = Array.from({ length: count }, (_, i) => [lines[i], rejections.get(i)?.reason ?? 'valid']);
    const decidedLater = ['duplicate', 'conflicting_duplicate'];
    const expected = brokenLines().flatMap(({ fate }, i) =>
      fate === 'blank' ? [] : [[i, decidedLater.includes(fate) ? 'valid' : fate]],
    );
    expect(reasons).toEqual(expected);
  });

  const counts: Record<string, number> = {};
  for (const { fate } of brokenLines()) counts[fate] = (counts[fate] ?? 0) + 1;

  it('holds 200 lines of the fates that README tells', () => {
    expect(brokenLines()).toHaveLength(200);
    const readme = readFileSync(new URL('README.md', folder), 'utf8');
    const told = [...readme.matchAll(/^\| (?:rejected: `)?(\w+).* \| (\d+) \|$/gm)].map(([, fate, count]) => [
      fate === 'delivered' ? 'valid' : fate,
      Number(count),
    ]);
    expect(Object.fromEntries(told)).toEqual(counts);
  });

  it('has lines that are no JSON exactly where it says so', () => {
    for (const { line, fate, what } of brokenLines()) {
      const text = Buffer.from(line).toString('utf8').replace('\ufeff', '');
      if (fate === 'blank' || fate === 'invalid_utf8') continue;
      const parse = (): unknown => JSON.parse(text);
      if (fate === 'invalid_json') expect(parse, what).toThrow();
      else expect(parse, what).not.toThrow();
    }
  });
});
