import type { Chunk, Input } from '../core/input.js';
import type { Origin } from '../core/origin.js';
import type { Random } from '../core/ports.js';
import { copyOf, type Event } from './event.js';

interface Sampled {
  readonly bytes: Uint8Array;
  readonly origin: Origin;
}

/**
 * A fair sample of events, of which nobody knows in advance how many there will be: each of them is in it with the same
 * chance (reservoir sampling, Vitter's algorithm R). Holds copies of their bytes.
 */
export class Sample {
  readonly #most: number;
  readonly #random: Random;
  readonly #records: Sampled[] = [];
  #seen = 0;

  constructor(most: number, random: Random) {
    this.#most = most;
    this.#random = random;
  }

  get size(): number {
    return this.#records.length;
  }

  add(event: Event): void {
    this.#seen += 1;
    const place = this.#records.length < this.#most ? this.#records.length : Math.floor(this.#random() * this.#seen);
    if (place >= this.#most) return;
    const { bytes, start, end, origin } = event;
    this.#records[place] = { bytes: copyOf(bytes, start, end), origin };
  }

  /** Where an event of `input()` came from. */
  originOf({ origin }: Event): Origin {
    return this.#records[(origin.element ?? 0) - 1]?.origin ?? origin;
  }

  /** The sample as an input of its own: an array of the records, byte for byte. */
  input(): Input {
    const records = this.#records;
    const size = records.reduce((sum, { bytes }) => sum + bytes.length + 1, 1);
    return {
      info: { path: 'sample', size },
      inspect: async () => undefined,
      async *read(): AsyncIterable<Chunk> {
        let storedBytesRead = 0;
        for (const [i, { bytes }] of records.entries()) {
          const piece = new Uint8Array(bytes.length + 1);
          piece[0] = i === 0 ? OPEN : COMMA;
          piece.set(bytes, 1);
          storedBytesRead += piece.length;
          yield { bytes: piece, storedBytesRead };
        }
        if (records.length > 0) yield { bytes: Uint8Array.of(CLOSE), storedBytesRead: size };
      },
      sha256: () => undefined,
    };
  }
}

const OPEN = 0x5b;
const COMMA = 0x2c;
const CLOSE = 0x5d;
