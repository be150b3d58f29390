import { expect, test } from 'vitest';
import type { Slab } from '../../src/core/block.js';
import { createDecode } from '../../src/pipeline/decode.js';
import type { Decoder } from '../../src/pipeline/decoder.js';
import { createDidomiRules } from '../../src/targets/didomi/rules.js';
import { DecoderAhead } from '../fakes/decoder-ahead.js';
import { memoryInput } from '../fakes/memory-input.js';
import { eventLine, settingsWith, World } from '../fakes/world.js';

const MIB = 1024 * 1024;
/** Of the window, by default. */
const BOUND = 64 * MIB;
const SIZE = 15_000_000;
const SETTINGS = settingsWith({ maxLineBytes: 100 * MIB });

/** Lines of at least these sizes, each with some small ones behind it. */
function file(sizes: readonly number[]): Uint8Array {
  const lines = sizes.flatMap((size, i) => [
    eventLine(`large${i}`, `p${i}`, { metadata: { padding: 'x'.repeat(size) } }),
    ...Array.from({ length: 20 }, (_, j) => eventLine(`small${i}-${j}`, `q${i}-${j}`)),
  ]);
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Imports a file by the defaults, and looks at what is held whenever a slab is decoded. */
async function importLarge(bytes: Uint8Array, ahead: number) {
  const world = new World({
    latencyMs: () => 50,
    // Without the events in it, which would be parsed once more.
    fate: ({ route }) => (route === 'events' ? { status: 204 } : undefined),
    ports: {
      get decoder() {
        return watched;
      },
    },
  });
  const decode = createDecode(
    { ...SETTINGS, secret: world.ledger.secret },
    createDidomiRules({ organizationId: 'acme' }),
  );
  const inner: Decoder =
    ahead === 0 ? { ahead, decode } : new DecoderAhead(ahead, decode, (act) => world.clock.after(5, act));
  let handed = 0;
  let mostLarge = 0;
  const watched: Decoder = {
    ahead,
    decode: (slab: Slab) => {
      // As the target sees it, not as the window counts it.
      if (slab.kind === 'lines' && slab.bytes.length >= SIZE) handed += 1;
      mostLarge = Math.max(mostLarge, handed - world.didomi.taken.filter((id) => id.startsWith('large')).length);
      return inner.decode(slab);
    },
  };
  const input = memoryInput('a.jsonl', bytes, world.clock, { chunkBytes: 256 * 1024 });
  const running = await world.clock.run(world.start([input], SETTINGS));
  const result = await world.clock.run(running.result);
  expect(result.stop).toBeUndefined();
  return { events: result.tally.events, peak: running.windowPeak, mostLarge };
}

test.each([0, 4])('of events of 15 MB no more than 64 MiB are held, with %d slabs decoded ahead', async (ahead) => {
  const { events, peak, mostLarge } = await importLarge(file(Array(5).fill(SIZE)), ahead);
  expect(events).toMatchObject({ read: 105, delivered: 105 });
  expect(peak.bytes).toBeLessThanOrEqual(BOUND);
  expect(mostLarge).toBe(Math.floor(BOUND / SIZE));
});

test.each([0, 4])('an event larger than 64 MiB goes alone, with %d slabs decoded ahead', async (ahead) => {
  const { events, peak, mostLarge } = await importLarge(file([BOUND, SIZE]), ahead);
  expect(events).toMatchObject({ read: 42, delivered: 42 });
  expect(peak.bytes).toBeLessThan(BOUND + MIB);
  expect(mostLarge).toBe(1);
});
