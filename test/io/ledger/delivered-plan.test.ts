import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../../src/core/ledger.js';
import { NO_COUNTERS } from '../../../src/io/ledger/counters.js';
import { onlyDelivers, planDelivered } from '../../../src/io/ledger/delivered-plan.js';
import { planGroup } from '../../../src/io/ledger/id-plan.js';
import { entriesRequest, keysRequest, type LedgerRequest, undoRequest } from '../../../src/io/ledger/id-requests.js';
import { hashOfKey, idKey, PREFIX } from '../../../src/io/ledger/keys.js';
import { decodeRecord, FLAG } from '../../../src/io/ledger/record-format.js';
import { RunRegister } from '../../../src/io/ledger/run-register.js';
import type { Op, Store } from '../../../src/io/ledger/store.js';
import { runNamed } from './fixture.js';
import { MemoryDisk } from './memory-store.js';

const START = 1_700_000_000_000;

/** The hash of an id: those of equal first words stand in one slot of whoever looks at these only. */
function hash(id: number): Uint8Array {
  const bytes = new Uint8Array(16).fill(id);
  bytes.fill(7, 0, 4);
  return bytes;
}

function entry(id: number, line = 1, more: Partial<LedgerEntry> = {}): LedgerEntry {
  return { key: hash(id), fingerprint: [line, 9], origin: { file: 'f', line }, time: START + line, ...more };
}

const deliver = (...entries: LedgerEntry[]): LedgerRequest => entriesRequest('delivered', entries);

/** A ledger in which run 1 did this. */
async function ledgerAfter(...requests: readonly LedgerRequest[]) {
  const disk = new MemoryDisk();
  const store = disk.open();
  let counters = NO_COUNTERS;
  const first = await RunRegister.load(store, runNamed('run-1'));
  for (const request of requests) {
    const { ops, delivered, inDoubt } = await planGroup([request], counters, store, first);
    await store.batch(ops, { sync: true });
    counters = { sequence: 0, delivered, inDoubt };
  }
  return { store, counters, register: await RunRegister.load(store, runNamed('run-2')) };
}

/** What is written of ids: `i3` for a delivered one, with line and flags; `-` for what is taken out. */
function idsIn(ops: readonly Op[]): string[] {
  const ids: number[] = [PREFIX.delivered, PREFIX.inDoubt, PREFIX.undone];
  return ops
    .filter(({ key }) => ids.includes(key[0]!))
    .map(({ key, value }) => {
      const name = `${String.fromCharCode(key[0]!)}${key[16]}`;
      if (value === undefined) return `-${name}`;
      const { line, flags } = decodeRecord(value, hashOfKey(key));
      return `${name} line ${line} flags ${flags}`;
    });
}

/** What a store holds, once this is written. */
async function contentAfter(store: Store, ops: readonly Op[]): Promise<string[]> {
  await store.batch(ops, { sync: true });
  const content: string[] = [];
  for await (const page of store.iterate({ gte: Uint8Array.of(0), lt: Uint8Array.of(255) })) {
    for (const [key, value] of page)
      content.push(`${Buffer.from(key).toString('hex')} ${Buffer.from(value).toString('hex')}`);
  }
  return content;
}

describe('the plan of a group that only delivers', () => {
  it('writes what is new, with its run and its file', async () => {
    const { store, register } = await ledgerAfter();
    const { ops, added } = await planDelivered([deliver(entry(1, 5), entry(2, 6))], store, register);
    expect(idsIn(ops)).toEqual(['i1 line 5 flags 0', 'i2 line 6 flags 0']);
    expect(added).toBe(2);
    expect(ops.map(({ key }) => String.fromCharCode(key[0]!)).sort()).toEqual(['i', 'i', 'n', 'r']);
    expect(decodeRecord(ops[0]!.value!, hash(1))).toEqual({
      ...{ flags: 0, run: 1, file: 1, line: 5, element: undefined, index: undefined },
      ...{ sinceStart: 5, fingerprint: [5, 9] },
    });
  });

  it('tells what the target had before, or may have had', async () => {
    const { store, register } = await ledgerAfter();
    const entries = [
      entry(1, 1, { hadBefore: true }),
      entry(2, 2, { maybeHadBefore: true }),
      entry(3, 3, { hadBefore: true, maybeHadBefore: true }),
      entry(4, 4, { hadBefore: false, maybeHadBefore: false }),
    ];
    const { ops } = await planDelivered([deliver(...entries)], store, register);
    expect(idsIn(ops)).toEqual([
      `i1 line 1 flags ${FLAG.hadBefore}`,
      `i2 line 2 flags ${FLAG.maybeHadBefore}`,
      `i3 line 3 flags ${FLAG.hadBefore | FLAG.maybeHadBefore}`,
      'i4 line 4 flags 0',
    ]);
  });

  it('counts what was delivered before no second time, and writes it anew, without what was said of it then', async () => {
    const { store, register } = await ledgerAfter(deliver(entry(1, 1, { hadBefore: true }), entry(2, 2)));
    const { ops, added } = await planDelivered([deliver(entry(1, 5), entry(3, 6))], store, register);
    expect(idsIn(ops)).toEqual(['i1 line 5 flags 0', 'i3 line 6 flags 0']);
    expect(added).toBe(1);
  });

  it('counts a repeat within the group once, over all its requests, and the last one stands', async () => {
    const { store, register } = await ledgerAfter(deliver(entry(2)));
    const group = [deliver(entry(1, 5), entry(2, 6)), deliver(entry(3, 7), entry(1, 8), entry(2, 9))];
    const { ops, added } = await planDelivered(group, store, register);
    expect(added).toBe(2);
    expect(idsIn(ops).filter((op) => op.startsWith('i1'))).toEqual(['i1 line 5 flags 0', 'i1 line 8 flags 0']);
  });

  it('adds what was undone before, and leaves what is known of the undo', async () => {
    const { store, counters, register } = await ledgerAfter(
      deliver(entry(1), entry(2)),
      undoRequest('undoing', [hash(1), hash(2)], START),
      undoRequest('undone', [hash(1)], START),
    );
    expect(counters.delivered).toBe(0);
    const { ops, added } = await planDelivered([deliver(entry(1, 5), entry(2, 6))], store, register);
    expect(idsIn(ops)).toEqual(['i1 line 5 flags 0', 'i2 line 6 flags 0']);
    expect(added).toBe(2);
  });

  it('is not made of a ledger that holds anything in doubt: there the doubt is taken out', async () => {
    const { store, counters, register } = await ledgerAfter(entriesRequest('intents', [entry(1), entry(2)]));
    expect(counters).toMatchObject({ delivered: 0, inDoubt: 2 });
    const { ops, delivered, inDoubt } = await planGroup([deliver(entry(1, 5))], counters, store, register);
    expect(idsIn(ops).sort()).toEqual(['-d1', 'i1 line 5 flags 0']);
    expect([delivered, inDoubt]).toEqual([1, 1]);
  });

  it('asks the store only about ids that are not surely absent', async () => {
    const { store, register } = await ledgerAfter(deliver(entry(1)));
    const asked: Uint8Array[] = [];
    const filtered: Store = {
      ...store,
      isSurelyAbsent: (first, second, third, fourth) => {
        expect([first, second, third]).toEqual([0x07070707, fourth, fourth]);
        return fourth === 0x02020202;
      },
      hasMany: (keys) => {
        asked.push(...keys);
        return store.hasMany(keys);
      },
    };
    const { added } = await planDelivered([deliver(entry(1), entry(2), entry(3), entry(2))], filtered, register);
    expect(asked.map((key) => key[16])).toEqual([1, 3]);
    expect(added).toBe(2);
  });

  it('is what the plan for any group comes to', async () => {
    const id = fc.nat(6);
    const entries = fc.array(
      fc
        .record({ id, line: fc.nat(99), hadBefore: fc.boolean(), maybeHadBefore: fc.boolean() })
        .map(({ id, line, ...more }) =>
          entry(id, line, { ...more, writeKey: (into: Uint8Array, at: number) => into.set(hash(id), at) }),
        ),
      { maxLength: 8 },
    );
    const other: LedgerRequest = {
      ...{ kind: 'ops', weight: 1, sync: false },
      ops: [{ key: idKey(PREFIX.state, hash(1)), value: Uint8Array.of(1) }],
    };
    const group = fc.array(
      fc.oneof(
        entries.map((all) => deliver(...all)),
        fc.constant(other),
      ),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(group, fc.array(id), fc.array(id), fc.array(id), async (group, before, begun, done) => {
        const history = [
          deliver(...before.map((id) => entry(id, 50))),
          undoRequest('undoing', [...begun, ...done].map(hash), START),
          undoRequest('undone', done.map(hash), START),
        ];
        const [one, all] = [await ledgerAfter(...history), await ledgerAfter(...history)];
        expect(onlyDelivers(group)).toBe(true);
        const quick = await planDelivered(group, one.store, one.register);
        // Something besides that changes nothing: the plan for any group is made.
        const any = [...group, keysRequest('forget', [])];
        const slow = await planGroup(any, all.counters, all.store, all.register);
        expect(one.counters.delivered + quick.added).toBe(slow.delivered);
        expect(await contentAfter(one.store, quick.ops)).toEqual(await contentAfter(all.store, slow.ops));
      }),
      { numRuns: 300 },
    );
  });
});
