import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COUNTERS_KEY, encodeCounters } from '../../../src/io/ledger/counters.js';
import { FilterFile } from '../../../src/io/ledger/filter-file.js';
import { filteredStore } from '../../../src/io/ledger/filtered-store.js';
import { IdFilter } from '../../../src/io/ledger/id-filter.js';
import { idKey, PREFIX } from '../../../src/io/ledger/keys.js';
import { ledgerFolder } from '../../../src/io/ledger/open.js';
import type { Store } from '../../../src/io/ledger/store.js';
import { entriesFor, entryFor, idsNamed, optionsFor, temporaryFolder, withLedger } from './fixture.js';
import { MemoryDisk } from './memory-store.js';

/** A key that differs for every number, spread as a hash is. */
function keyOf(n: number): Uint8Array {
  const hash = new Uint8Array(16);
  let state = (n + 1) >>> 0;
  for (let at = 0; at < 16; at += 1) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    hash[at] = state >>> 24;
  }
  new DataView(hash.buffer).setUint32(12, n ^ state);
  return idKey(PREFIX.delivered, hash);
}

describe('the filter over ids', () => {
  it('never says no to an id that it holds, beyond its first layer too', () => {
    const filter = new IdFilter(2 ** 14);
    for (let n = 0; n < 5_000; n += 1) filter.add(keyOf(n));
    for (let n = 0; n < 5_000; n += 1) expect(filter.mayHold(keyOf(n))).toBe(true);
  });

  it('says no to nearly all ids that it does not hold', () => {
    const filter = new IdFilter(2 ** 18);
    // A full first layer, of 24 bits an id.
    for (let n = 0; n < 2 ** 18 / 24; n += 1) filter.add(keyOf(n));
    let wrong = 0;
    for (let n = 0; n < 100_000; n += 1) if (filter.mayHold(keyOf(n + 1_000_000))) wrong += 1;
    // 4 of them, were hashes perfect.
    expect(wrong).toBeLessThan(20);
  });

  it('stops growing at its largest layer, which takes whatever comes and still never says no to what it holds', () => {
    const filter = new IdFilter(2 ** 12, 2 ** 14);
    for (let n = 0; n < 20_000; n += 1) filter.add(keyOf(n));
    for (let n = 0; n < 20_000; n += 1) expect(filter.mayHold(keyOf(n))).toBe(true);
    // Two layers of 2^12 and 2^14 bits, each with eight bytes in front.
    expect(Buffer.concat(filter.encode()).length).toBe(2 * 8 + (2 ** 12 + 2 ** 14) / 8);
  });

  it('is the same after it was kept', () => {
    const filter = new IdFilter(2 ** 12);
    for (let n = 0; n < 1_000; n += 1) filter.add(keyOf(n));
    const again = IdFilter.decode(Buffer.concat(filter.encode()));
    for (const one of [filter, again]) for (let n = 1_000; n < 2_000; n += 1) one.add(keyOf(n));
    for (let n = 0; n < 4_000; n += 1) expect(again.mayHold(keyOf(n))).toBe(filter.mayHold(keyOf(n)));
  });

  it('holds nothing at first', () => {
    expect(new IdFilter().mayHold(keyOf(1))).toBe(false);
    expect(IdFilter.decode(Buffer.concat(new IdFilter().encode())).mayHold(keyOf(1))).toBe(false);
  });
});

describe('a store with a filter', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filter-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const open = (disk: MemoryDisk): Promise<Store> => filteredStore(disk.open(), new FilterFile(folder));
  const put = (store: Store, n: number): Promise<void> =>
    store.batch([{ key: keyOf(n), value: Uint8Array.of(n & 255) }], { sync: true });
  const all = Array.from({ length: 60 }, (_, n) => keyOf(n));

  it('answers as one without, whatever is put, removed, killed and opened again', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), n: fc.nat(59) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), n: fc.nat(59) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const), n: fc.nat(59) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('kill' as const, 'close' as const), n: fc.nat(59) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        await rm(join(folder, 'filter'), { force: true });
        const disk = new MemoryDisk();
        const held = new Set<number>();
        let store = await open(disk);
        let sequence = 0;
        for (const { kind, n } of steps) {
          if (kind === 'put') {
            await put(store, n);
            held.add(n);
            sequence += 1;
            await store.mark(sequence);
          } else if (kind === 'remove') {
            await store.batch([{ key: keyOf(n), value: undefined }], { sync: true });
            held.delete(n);
          } else if (kind === 'look') {
            const found = await store.hasMany(all);
            expect(found).toEqual(all.map((_, i) => held.has(i)));
            const values = await store.getMany([keyOf(n)]);
            expect(values[0] !== undefined).toBe(held.has(n));
            const [a, b, c, d] = new Uint32Array(keyOf(n).slice(1).buffer);
            if (held.has(n)) expect(store.isSurelyAbsent?.(a!, b!, c!, d!)).toBe(false);
          } else {
            if (kind === 'close') await store.close();
            store = await open(disk);
          }
        }
        expect(await store.hasMany(all)).toEqual(all.map((_, i) => held.has(i)));
      }),
      { numRuns: 200 },
    );
  });

  it('reads nothing from the store for ids that are not there', async () => {
    const inner = new MemoryDisk().open();
    let asked = 0;
    const counting: Store = {
      ...inner,
      hasMany: (keys) => {
        asked += keys.length;
        return inner.hasMany(keys);
      },
    };
    const store = await filteredStore(counting, new FilterFile(folder));
    await put(store, 3);
    await store.hasMany(all);
    await new Promise((resolve) => setImmediate(resolve));
    asked = 0;
    expect((await store.hasMany(all)).filter(Boolean)).toHaveLength(1);
    expect(asked).toBe(1);
  });

  it('knows what was on its way to the store when its filter was made', async () => {
    const inner = new MemoryDisk().open();
    let arrive: () => void = () => undefined;
    const slow: Store = {
      ...inner,
      batch: async (ops, options) => {
        await new Promise<void>((resolve) => {
          arrive = resolve;
        });
        await inner.batch(ops, options);
      },
    };
    const store = await filteredStore(slow, new FilterFile(folder));
    const written = put(store, 3);
    await store.hasMany(all);
    await new Promise((resolve) => setImmediate(resolve));
    arrive();
    await written;
    expect((await store.hasMany(all))[3]).toBe(true);
  });

  it('finds an id in one place at least while it moves from one to the other', async () => {
    const inner = new MemoryDisk().open();
    const doubt = (n: number): Uint8Array => idKey(PREFIX.inDoubt, keyOf(n).subarray(1));
    let meanwhile: (() => Promise<void>) | undefined;
    const moving: Store = {
      ...inner,
      getMany: async (keys) => {
        await meanwhile?.();
        meanwhile = undefined;
        return inner.getMany(keys);
      },
    };
    const store = await filteredStore(moving, new FilterFile(folder));
    await store.batch([{ key: doubt(3), value: Uint8Array.of(1) }], { sync: true });
    await store.hasMany(all);
    await new Promise((resolve) => setImmediate(resolve));
    meanwhile = () =>
      store.batch(
        [
          { key: doubt(3), value: undefined },
          { key: keyOf(3), value: Uint8Array.of(1) },
        ],
        { sync: true },
      );
    const found = await store.getMany([doubt(3), keyOf(3)]);
    expect(found.some((value) => value !== undefined)).toBe(true);
  });

  it('does not believe a kept filter that a power loss brought back, with the mark of its time', async () => {
    const disk = new MemoryDisk();
    const counted = (n: number): Promise<void> =>
      store.batch(
        [
          { key: COUNTERS_KEY, value: encodeCounters({ sequence: n, delivered: n, inDoubt: 0 }) },
          { key: keyOf(n), value: Uint8Array.of(1) },
        ],
        { sync: true },
      );
    let store = await open(disk);
    await store.hasMany(all);
    await counted(1);
    await store.mark(1);
    await store.close();
    const path = join(folder, 'filter');
    const old = await readFile(path);
    store = await open(disk);
    await counted(2);
    // The removal of the file and the newer mark were not on disk yet.
    await writeFile(path, old);
    store = await open(disk);
    expect((await store.hasMany(all)).slice(1, 3)).toEqual([true, true]);
  });

  it('keeps its filter only while nobody has the store open', async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    await put(first, 1);
    await first.mark(1);
    await first.hasMany(all);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await first.close();
    expect(await readdir(folder)).toEqual(['filter']);
    const second = await open(disk);
    expect(await readdir(folder)).toEqual([]);
    expect((await second.hasMany(all))[1]).toBe(true);
    await second.close();
  });

  it.each([
    ['altered', (bytes: Buffer) => bytes.fill(0, 100, 2_000)],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, 5_000)],
    ['cut off in its head', (bytes: Buffer) => bytes.subarray(0, 10)],
    [
      'whole, and of an older program',
      (bytes: Buffer) => {
        // Its bits mean something else: as this program reads them, nothing is held.
        bytes.fill(0, 24);
        bytes.write('CIF2', 'latin1');
        bytes.writeUInt32LE(crc32(bytes.subarray(16)), 12);
        return bytes;
      },
    ],
    [
      'of another state',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 4), Buffer.alloc(8, 9), bytes.subarray(12)]),
    ],
  ])('does not believe a kept filter that is %s', async (_, change) => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    for (let n = 0; n < 60; n += 1) await put(first, n);
    await first.mark(60);
    await first.hasMany(all);
    // The filter is made in the background.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await first.close();
    const path = join(folder, 'filter');
    await writeFile(path, change(await readFile(path)));
    const second = await open(disk);
    expect((await second.hasMany(all)).every(Boolean)).toBe(true);
    await second.close();
  });
});

it('a look at a ledger leaves the filter that the last import kept, and an import after it finds every id', async () => {
  const folder = await temporaryFolder();
  const ids = idsNamed(100);
  const path = join(ledgerFolder(optionsFor(folder)), 'data-1', 'filter');
  await withLedger(folder, async (ledger) => {
    await ledger.recordDelivered(entriesFor(ledger, ids));
    await ledger.lookup(ids.map((id) => ledger.hashOf(id)));
  });
  const kept = await readFile(path);
  const look = { check: { ids: [ids[3]!] } };
  expect(await withLedger(folder, async (ledger) => (await ledger.show(ids[3]!))?.state, look)).toBe('delivered');
  expect(await readFile(path)).toEqual(kept);
  // Something that a look should not do: it must not make the filter hide an id.
  await withLedger(folder, (ledger) => ledger.recordDelivered([entryFor(ledger, 'late')]), look);
  const asked = ['late', ...ids];
  await withLedger(folder, async (ledger) => {
    const found = await ledger.lookup(asked.map((id) => ledger.hashOf(id)));
    expect(found.map((record) => record?.state)).toEqual(asked.map(() => 'delivered'));
  });
});
