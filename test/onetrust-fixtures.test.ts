import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Block, WARNING_NAMES } from '../src/core/block.js';
import { createDecode } from '../src/pipeline/decode.js';
import { DEMO_COLLECTION_POINT, demoToken } from '../src/sandbox/sandbox.js';
import { createOneTrustRules, type OneTrustRulesOptions } from '../src/targets/onetrust/rules.js';

interface Line {
  readonly what: string;
  readonly line: string;
  readonly fate: string;
  readonly path?: string;
  readonly finding?: string;
}

const folder = new URL('../fixtures/', import.meta.url);
const load = async (name: string): Promise<unknown> => import(new URL(name, folder).href);
const { brokenReceipts, receiptsWithTokens } = (await load('onetrust-broken.js')) as Record<
  'brokenReceipts' | 'receiptsWithTokens',
  () => Line[]
>;
const { POINT, tokenOf } = (await load('onetrust-point.js')) as { POINT: object; tokenOf(): string };

function decoded(name: string, options: Partial<OneTrustRulesOptions>): Block {
  const rules = createOneTrustRules({ token: demoToken(), ...options });
  const decode = createDecode({ maxLineBytes: 1024 * 1024, secret: new Uint32Array([1, 2, 3, 4]) }, rules);
  return decode({ kind: 'lines', bytes: gunzipSync(readFileSync(new URL(name, folder))) });
}

/** What becomes of each line, in the words of the fixture. */
function fates(block: Block, lines: readonly Line[]): Line[] {
  expect(block.count).toBe(lines.length);
  return lines.map(({ what, line }, i) => {
    const rejection = block.rejections.get(i);
    const warnings = WARNING_NAMES.filter((_, bit) => (block.warnings[i]! & (1 << bit)) !== 0);
    if (rejection === undefined) return { what, line, fate: warnings.join(' ') || 'valid' };
    expect(rejection.errors, what).toHaveLength(1);
    const { path, message } = rejection.errors[0]!;
    return { what, line, fate: rejection.reason, path, finding: message };
  });
}

describe('the OneTrust fixtures', () => {
  it("are about the demo's collection point", () => {
    expect(POINT).toEqual(DEMO_COLLECTION_POINT);
    expect(tokenOf()).toBe(demoToken());
  });

  it('hold a thousand receipts of several people over time, all valid and all different', () => {
    const block = decoded('onetrust-thousand.jsonl.gz', { strict: true });
    expect([block.count, [...block.rejections.values()]]).toEqual([1000, []]);
    const keys = Array.from({ length: 1000 }, (_, i) => block.idHash.slice(i * 4, i * 4 + 4).join());
    expect(new Set(keys).size).toBe(1000);
    expect(new Set(block.subjects).size).toBeGreaterThan(300);
    expect(block.splices.size).toBe(1000);
  });

  it('hold one of every mistake, each rejected or warned of with what to do', () => {
    const lines = brokenReceipts();
    expect(fates(decoded('onetrust-broken.jsonl.gz', {}), lines)).toEqual(lines);
    expect(lines.length).toBeGreaterThan(35);
  });

  it('hold receipts of several collection points, which are told apart', () => {
    const lines = receiptsWithTokens();
    const block = decoded('onetrust-own-tokens.jsonl.gz', { token: undefined });
    expect(fates(block, lines)).toEqual(lines);
    const [first, second] = [2, 3].map((i) => block.idHash.slice(i * 4, i * 4 + 4).join());
    expect(first).not.toBe(second);
    expect(block.fingerprint.slice(4, 6)).toEqual(block.fingerprint.slice(6, 8));
  });
});
