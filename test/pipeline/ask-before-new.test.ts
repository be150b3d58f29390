import { describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../src/core/ledger.js';
import { hashText128 } from '../../src/core/siphash.js';
import type { RecordRules } from '../../src/core/target.js';
import { askBeforeNew } from '../../src/pipeline/ask-before-new.js';
import { onThisThread } from '../../src/pipeline/decoder.js';

const SECRET = new Uint32Array([1, 2, 3, 4]);

/** A ledger with these ids; the question; a decoder that warns of every record once there is an answer. */
function setUp(held: Readonly<Record<string, LedgerRecord['state']>>, strict = false) {
  const records = new Map(
    Object.entries(held).map(([id, state]) => {
      const hash = new Uint32Array(4);
      hashText128(SECRET, id, hash, 0);
      return [String(new Uint8Array(hash.buffer)), { state } as LedgerRecord];
    }),
  );
  let [asked, lookedUp, isAnswered] = [0, 0, false];
  const rules: RecordRules = {
    generalPath: (path) => path,
    examine: (value, _bytes, _start, _end, into) => {
      const { id } = value as { id: string };
      into.rejection = id === 'bad' ? { reason: 'schema_violation', errors: [] } : undefined;
      into.warnings = isAnswered ? ['unknown_purpose'] : [];
      Object.assign(into, { id, subjectA: '', subjectB: '' });
    },
  };
  const decoder = onThisThread({ maxLineBytes: 1_000, secret: SECRET }, rules);
  const asking = askBeforeNew({
    ...{ before: decoder, after: { ...decoder, ahead: 3 }, strict },
    ledger: {
      lookup: async (keys) => {
        lookedUp += keys.length;
        return keys.map((key) => records.get(String(key)));
      },
    },
    ask: async () => {
      asked += isAnswered ? 0 : 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      isAnswered = true;
    },
  });
  const decode = async (...ids: string[]) => {
    const bytes = new TextEncoder().encode(ids.map((id) => `${JSON.stringify({ id })}\n`).join(''));
    const block = await asking.decode({ kind: 'lines', bytes });
    return { checked: block.warnings.some((bits) => bits !== 0), known: [...(block.known?.keys() ?? [])] };
  };
  return { decode, ahead: asking.ahead, seen: () => ({ asked, lookedUp }) };
}

describe('a question before what is new', () => {
  it('is not asked of what is delivered or rejected; what was looked up goes on with the block', async () => {
    const { decode, seen, ahead } = setUp({ a: 'delivered', b: 'delivered' });
    expect(await decode('bad', 'a', 'bad', 'b')).toEqual({ checked: false, known: [1, 3] });
    expect(await decode('bad')).toEqual({ checked: false, known: [] });
    expect(seen()).toEqual({ asked: 0, lookedUp: 2 });
    expect(ahead).toBe(3);
  });

  it('is asked at the first new event, or one in doubt; its block is decoded with the answer, as all after it', async () => {
    for (const id of ['new', 'doubt']) {
      const { decode, seen } = setUp({ a: 'delivered', doubt: 'inDoubt' });
      expect(await decode('a', id)).toEqual({ checked: true, known: [] });
      expect(await decode('a')).toEqual({ checked: true, known: [] });
      expect(seen()).toEqual({ asked: 1, lookedUp: 2 });
    }
  });

  it('lets nothing through unchecked behind something new that is decoded while the question stands', async () => {
    const { decode, seen } = setUp({ a: 'delivered', b: 'delivered' });
    const blocks = await Promise.all([
      decode('a'),
      decode('new', 'b'),
      decode('newer'),
      decode('b'),
      decode('bad', 'a'),
    ]);
    expect(blocks.map(({ checked }) => checked)).toEqual([false, true, true, true, true]);
    expect(seen().asked).toBe(1);
  });

  it('is asked at any event where the answer may reject also what is delivered', async () => {
    const { decode, seen } = setUp({ a: 'delivered' }, true);
    expect(await decode('bad')).toMatchObject({ checked: false });
    expect(await decode('a')).toEqual({ checked: true, known: [] });
    expect(seen()).toEqual({ asked: 1, lookedUp: 0 });
  });
});
