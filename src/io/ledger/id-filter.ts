/** Bits kept for each id: with four probes, each full layer takes one id in four hundred that is not held for held. */
const BITS_PER_ID = 16;
/** Ids that the first layer is made for, and how many times as many each further one is: so at most half is spare. */
const FIRST_CAPACITY = 2 ** 14;
const GROWTH = 2;

interface Layer {
  readonly bits: Uint8Array;
  readonly mask: number;
  readonly capacity: number;
  count: number;
}

/**
 * A Bloom filter over the keys of ids (Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970). Its
 * "no" is certain, its "maybe" is not. The keys are hashes already, so their own four words are the probes. It grows by
 * layers, since how many ids will come is not known.
 */
export class IdFilter {
  readonly #layers: Layer[] = [];
  #nextCapacity: number;

  /** @param firstCapacity ids that the first layer is made for: a power of two */
  constructor(firstCapacity = FIRST_CAPACITY) {
    this.#nextCapacity = firstCapacity;
  }

  /** @param key a byte for its kind and the 16 bytes of the hash */
  add(key: Uint8Array): void {
    let layer = this.#layers.at(-1);
    if (layer === undefined || layer.count >= layer.capacity) layer = this.#grow();
    layer.count += 1;
    for (let at = 1; at < 17; at += 4) {
      const bit = (word(key, at) & layer.mask) >>> 0;
      layer.bits[bit >>> 3]! |= 1 << (bit & 7);
    }
  }

  mayHold(key: Uint8Array): boolean {
    return this.mayHoldHash(word(key, 1), word(key, 5), word(key, 9), word(key, 13));
  }

  /** The same for the hash as four words. */
  mayHoldHash(a: number, b: number, c: number, d: number): boolean {
    for (const { bits, mask } of this.#layers) {
      if (
        isSet(bits, (a & mask) >>> 0) &&
        isSet(bits, (b & mask) >>> 0) &&
        isSet(bits, (c & mask) >>> 0) &&
        isSet(bits, (d & mask) >>> 0)
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
      filter.#nextCapacity = (view.readUInt32LE(at + 4) * 8) / BITS_PER_ID;
      const layer = filter.#grow();
      layer.count = view.readUInt32LE(at);
      layer.bits.set(view.subarray(at + 8, at + 8 + layer.bits.length));
      at += 8 + layer.bits.length;
    }
    return filter;
  }

  #grow(): Layer {
    const capacity = this.#nextCapacity;
    this.#nextCapacity = capacity * GROWTH;
    const bits = capacity * BITS_PER_ID;
    const layer: Layer = { bits: new Uint8Array(bits / 8), mask: bits - 1, capacity, count: 0 };
    this.#layers.push(layer);
    return layer;
  }
}

function word(key: Uint8Array, at: number): number {
  return (key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24)) >>> 0;
}

function isSet(bits: Uint8Array, bit: number): boolean {
  return (bits[bit >>> 3]! & (1 << (bit & 7))) !== 0;
}
