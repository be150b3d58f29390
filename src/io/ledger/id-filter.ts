/**
 * Bits kept for each id: with eight probes, each full layer takes one id in 24,000 that is not held for held. So most
 * blocks of an import need no look-up at all, where one would cost more than the rest of the block's work in the ledger.
 */
const BITS_PER_ID = 24;
/** Bits of the first layer (a power of two: 256 KiB), and how many times as many each further one has. */
const FIRST_BITS = 2 ** 21;
const GROWTH = 2;

interface Layer {
  readonly bits: Uint8Array;
  readonly mask: number;
  readonly capacity: number;
  count: number;
}

/**
 * A Bloom filter over the keys of ids (Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970). Its
 * "no" is certain, its "maybe" is not. The keys are hashes already: their own four words are probes, and four more are made of these by
 * mixing them two by two. It grows by layers, since how many ids will come is not known.
 */
export class IdFilter {
  readonly #layers: Layer[] = [];
  #nextBits: number;

  /** @param firstBits of the first layer: a power of two */
  constructor(firstBits = FIRST_BITS) {
    this.#nextBits = firstBits;
  }

  /** @param key a byte for its kind and the 16 bytes of the hash */
  add(key: Uint8Array): void {
    let layer = this.#layers.at(-1);
    if (layer === undefined || layer.count >= layer.capacity) layer = this.#grow();
    layer.count += 1;
    const { bits, mask } = layer;
    const a = word(key, 1);
    const b = word(key, 5);
    const c = word(key, 9);
    const d = word(key, 13);
    set(bits, a & mask);
    set(bits, b & mask);
    set(bits, c & mask);
    set(bits, d & mask);
    set(bits, mixed(a, b) & mask);
    set(bits, mixed(b, c) & mask);
    set(bits, mixed(c, d) & mask);
    set(bits, mixed(d, a) & mask);
  }

  mayHold(key: Uint8Array): boolean {
    return this.mayHoldHash(word(key, 1), word(key, 5), word(key, 9), word(key, 13));
  }

  /** The same for the hash as four words. */
  mayHoldHash(a: number, b: number, c: number, d: number): boolean {
    for (const { bits, mask } of this.#layers) {
      if (
        isSet(bits, a & mask) &&
        isSet(bits, b & mask) &&
        isSet(bits, c & mask) &&
        isSet(bits, d & mask) &&
        isSet(bits, mixed(a, b) & mask) &&
        isSet(bits, mixed(b, c) & mask) &&
        isSet(bits, mixed(c, d) & mask) &&
        isSet(bits, mixed(d, a) & mask)
      )
        return true;
    }
    return false;
  }

  /** The filter as bytes: each layer's count and bits, the smallest layer first. */
  encode(): Uint8Array {
    const parts = this.#layers.map(({ count, bits }) => {
      const head = Buffer.alloc(8);
      head.writeUInt32LE(count, 0);
      head.writeUInt32LE(bits.length, 4);
      return Buffer.concat([head, bits]);
    });
    return Buffer.concat(parts);
  }

  /** The filter whose `encode` gave these bytes. */
  static decode(bytes: Uint8Array): IdFilter {
    const filter = new IdFilter();
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < view.length; ) {
      filter.#nextBits = view.readUInt32LE(at + 4) * 8;
      const layer = filter.#grow();
      layer.count = view.readUInt32LE(at);
      layer.bits.set(view.subarray(at + 8, at + 8 + layer.bits.length));
      at += 8 + layer.bits.length;
    }
    return filter;
  }

  #grow(): Layer {
    const bits = this.#nextBits;
    this.#nextBits = bits * GROWTH;
    const capacity = Math.floor(bits / BITS_PER_ID);
    const layer: Layer = { bits: new Uint8Array(bits / 8), mask: bits - 1, capacity, count: 0 };
    this.#layers.push(layer);
    return layer;
  }
}

function word(key: Uint8Array, at: number): number {
  return (key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24)) >>> 0;
}

/** Half of each word stands where the other's other half does, so the low bits, which count, are new. */
function mixed(one: number, other: number): number {
  return ((one >>> 16) | (one << 16)) ^ Math.imul(other, 0x9e3779b1);
}

/** @param bit counts as unsigned */
function set(bits: Uint8Array, bit: number): void {
  bits[bit >>> 3]! |= 1 << (bit & 7);
}

function isSet(bits: Uint8Array, bit: number): boolean {
  return (bits[bit >>> 3]! & (1 << (bit & 7))) !== 0;
}
