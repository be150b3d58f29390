// Ids into a ledger and out of it, or into the bare store below it and out of that: what the ledger adds to the store.
// Usage: node ledger-ids.js <'{"of":"ledger"|"store","act":"insert"|"lookup","count":1000000,"folder":"…"}'>
import { ID_RULE } from '../../dist/cli/import/ledger-destination.js';
import { systemClock } from '../../dist/io/clock.js';
import { createLevelStore, openLevelStore } from '../../dist/io/ledger/level-store.js';
import { openLedger } from '../../dist/io/ledger/open.js';
import { BENCH_DESTINATION, KNOWN_ID } from './ledger-destination.js';

/** As many events as a block of an import holds, about; answers come in groups of some hundred. */
const GROUP = 500;
/** Groups on their way at a time, as requests are in flight. */
const AT_A_TIME = 4;
const PREFIX = 0x69;

const { of, act, count, folder } = JSON.parse(process.argv[2]);
const run = { id: `bench-${process.pid}`, pid: process.pid, host: 'bench', startedAt: Date.now(), command: 'bench' };

const openedAt = performance.now();
const target = of === 'ledger' ? await ledgerTarget() : await storeTarget();
const openSeconds = (performance.now() - openedAt) / 1_000;
const startedAt = performance.now();
const found = await forEachGroup(act === 'insert' ? target.insert : target.lookup);
const seconds = (performance.now() - startedAt) / 1_000;
const diskBytes = await target.close();
process.stdout.write(JSON.stringify({ exitCode: 0, openSeconds, seconds, found, diskBytes }));

async function forEachGroup(handle) {
  let found = 0;
  let next = 0;
  const work = async () => {
    for (let from = next; from < count; from = next) {
      next += GROUP;
      const numbers = Array.from({ length: Math.min(GROUP, count - from) }, (_, i) => from + i);
      const there = await handle(numbers);
      found += there ?? 0;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return found;
}

async function ledgerTarget() {
  const options = { folder, destination: BENCH_DESTINATION, idRule: ID_RULE, create: true, run, clock: systemClock };
  const open = await openLedger(options);
  const { ledger } = open;
  const entryOf = (n) => ({
    key: hashOf(n),
    fingerprint: [n, ~n >>> 0],
    origin: { file: 'events.jsonl.gz', line: n + 1 },
    time: run.startedAt + n,
  });
  return {
    insert: (numbers) => ledger.recordDelivered(numbers.map(entryOf)),
    lookup: async (numbers) => (await ledger.lookup(numbers.map(wanted).map(hashOf))).filter(Boolean).length,
    close: async () => {
      if (act === 'insert') await ledger.recordDelivered([{ ...entryOf(0), key: ledger.hashOf(KNOWN_ID) }]);
      const { diskBytes } = await ledger.stats();
      await open.close();
      return diskBytes;
    },
  };
}

async function storeTarget() {
  const store = await (act === 'insert' ? createLevelStore(folder) : openLevelStore(folder));
  const keyOf = (n) => Buffer.concat([Uint8Array.of(PREFIX), hashOf(n)]);
  return {
    insert: (numbers) =>
      store.batch(
        numbers.map((n) => ({ key: keyOf(n), value: hashOf(n).subarray(0, 16) })),
        { sync: false },
      ),
    lookup: async (numbers) => (await store.getMany(numbers.map(wanted).map(keyOf))).filter(Boolean).length,
    close: async () => {
      const diskBytes = await store.diskBytes();
      await store.close();
      return diskBytes;
    },
  };
}

/** Every second one that is looked up is there; in no order. */
function wanted(n) {
  const spread = (n * 7_919) % count;
  return n % 2 === 0 ? spread : count + spread;
}

/** 16 bytes that look like chance, always the same for a number (Steele, Lea and Flood's SplitMix, in 32 bits). */
function hashOf(n) {
  const bytes = Buffer.allocUnsafe(16);
  for (let word = 0; word < 4; word += 1) {
    let z = (n + Math.imul(word + 1, 0x9e3779b9)) >>> 0;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    bytes.writeUInt32LE((z ^ (z >>> 16)) >>> 0, word * 4);
  }
  return bytes;
}
