/**
 * Bits kept for each id: with eight probes, a full layer takes one id in some 10,000 that is not held for held. So most
 * blocks of an import need no look-up at all, where one would cost more than the rest of the block's work in the ledger.
 */
const BITS_PER_ID = 24;
/** Bits of the first layer (a power of two: 256 KiB), and how many times as many each further one has. */
const FIRST_BITS = 2 ** 21;
const GROWTH = 4;
/**
 * The last layer (16 MiB) takes whatever comes. It is full at 7 million ids; with 20 million, one id in 25 that is not held
 * is taken for held.
 */
const MOST_BITS = 2 ** 27;
/** All probes of an id fall into as many bits as the processor fetches at once: 64 bytes. */
const CELL_WORDS = 16;

interface Layer {
  readonly words: Uint32Array;
  /** Of the cells' numbers. */
  readonly mask: number;
  readonly capacity: number;
  count: number;
}

/**
 * A Bloom filter over the keys of ids (Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970) in
 * cells (Putze, Sanders, Singler, "Cache-, hash- and space-efficient Bloom filters", 2007). Its "no" is certain, its
 * "maybe" is not. The keys are hashes already: one word chooses the cell, and the three others hold eight probes of nine
 * bits. It grows by layers, since how many ids will come is not known.
 */
export class IdFilter {
  readonly #layers: Layer[] = [];
  readonly #mostBits: number;
  #nextBits: number;

  /**
   * @param firstBits of the first layer: a power of two, at least 512
   * @param mostBits of the last layer: a power of two
   */
  constructor(firstBits = FIRST_BITS, mostBits = MOST_BITS) {
    this.#nextBits = firstBits;
    this.#mostBits = mostBits;
  }

  /** @param key a byte for its kind and the 16 bytes of the hash */
  add(key: Uint8Array): void {
    let layer = this.#layers.at(-1);
    if (layer === undefined || layer.count >= layer.capacity) layer = this.#grow();
    layer.count += 1;
    const { words, mask } = layer;
    const cell = (word(key, 1) & mask) * CELL_WORDS;
    const b = word(key, 5);
    const c = word(key, 9);
    const d = word(key, 13);
    set(words, cell, b);
    set(words, cell, b >>> 9);
    set(words, cell, b >>> 18);
    set(words, cell, c);
    set(words, cell, c >>> 9);
    set(words, cell, c >>> 18);
    set(words, cell, d);
    set(words, cell, d >>> 9);
  }

  mayHold(key: Uint8Array): boolean {
    return this.mayHoldHash(word(key, 1), word(key, 5), word(key, 9), word(key, 13));
  }

  /** The same for the hash as four words. */
  mayHoldHash(a: number, b: number, c: number, d: number): boolean {
    for (let at = 0; at < this.#layers.length; at += 1) {
      const { words, mask } = this.#layers[at]!;
      const cell = (a & mask) * CELL_WORDS;
      if (
        isSet(words, cell, b) &&
        isSet(words, cell, b >>> 9) &&
        isSet(words, cell, b >>> 18) &&
        isSet(words, cell, c) &&
        isSet(words, cell, c >>> 9) &&
        isSet(words, cell, c >>> 18) &&
        isSet(words, cell, d) &&
        isSet(words, cell, d >>> 9)
      )
        return true;
    }
    return false;
  }

  /** The filter as bytes, in pieces, most of which are its own memory: each layer's count and bits, the smallest first. */
  encode(): readonly Uint8Array[] {
    return this.#layers.flatMap(({ count, words }) => {
      const head = Buffer.alloc(8);
      head.writeUInt32LE(count, 0);
      head.writeUInt32LE(words.byteLength, 4);
      return [head, bytesOf(words)];
    });
  }

  /** The filter whose `encode` gave these bytes. */
  static decode(bytes: Uint8Array): IdFilter {
    const filter = new IdFilter();
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < view.length; ) {
      filter.#nextBits = view.readUInt32LE(at + 4) * 8;
      const layer = filter.#grow();
      layer.count = view.readUInt32LE(at);
      const { byteLength } = layer.words;
      bytesOf(layer.words).set(view.subarray(at + 8, at + 8 + byteLength));
      at += 8 + byteLength;
    }
    return filter;
  }

  #grow(): Layer {
    const bits = this.#nextBits;
    this.#nextBits = Math.min(bits * GROWTH, this.#mostBits);
    const capacity = bits < this.#mostBits ? Math.floor(bits / BITS_PER_ID) : Number.POSITIVE_INFINITY;
    const words = new Uint32Array(bits / 32);
    const layer: Layer = { words, mask: words.length / CELL_WORDS - 1, capacity, count: 0 };
    this.#layers.push(layer);
    return layer;
  }
}

function word(key: Uint8Array, at: number): number {
  return key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24);
}

/** @param probe its lowest nine bits name a bit of the cell, which begins at the word `cell` */
function set(words: Uint32Array, cell: number, probe: number): void {
  words[cell + ((probe >>> 5) & 15)]! |= 1 << (probe & 31);
}

function isSet(words: Uint32Array, cell: number, probe: number): boolean {
  return (words[cell + ((probe >>> 5) & 15)]! & (1 << (probe & 31))) !== 0;
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
