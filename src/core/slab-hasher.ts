import { hashBytes64, hashBytes128, subjectHashOfBytes, toSubjectHash } from './siphash.js';
import { DATA_AT, instantiateSipHash, KEY_AT, OUTPUT_AT } from './siphash-module.js';

/** Slabs up to this size are hashed by WebAssembly; a larger one, with a very long record in it, as `siphash` does. */
const MOST_BYTES = 1024 * 1024 - 128;

const sip = instantiateSipHash(MOST_BYTES);
const output = new Uint32Array(sip?.memory.buffer ?? new ArrayBuffer(OUTPUT_AT + 16), OUTPUT_AT, 4);
/** Whose bytes and key the module's memory holds. */
let holder: SlabHasher | undefined;

/** Gives the hashes of `siphash` for bytes of one slab, which must not change meanwhile. */
export class SlabHasher {
  readonly #key: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #fits: boolean;

  constructor(key: Uint32Array, bytes: Uint8Array) {
    this.#key = key;
    this.#bytes = bytes;
    this.#fits = sip !== undefined && bytes.length <= MOST_BYTES;
  }

  hash64(start: number, end: number, out: Uint32Array, at: number): void {
    if (sip === undefined || !this.#fits) {
      hashBytes64(this.#key, this.#bytes, start, end, out, at);
      return;
    }
    if (holder !== this) this.#load(sip.memory);
    sip.hash64(DATA_AT + start, end - start);
    out[at] = output[0]!;
    out[at + 1] = output[1]!;
  }

  hash128(start: number, end: number, out: Uint32Array, at: number): void {
    if (sip === undefined || !this.#fits) {
      hashBytes128(this.#key, this.#bytes, start, end, out, at);
      return;
    }
    if (holder !== this) this.#load(sip.memory);
    sip.hash128(DATA_AT + start, end - start);
    out[at] = output[0]!;
    out[at + 1] = output[1]!;
    out[at + 2] = output[2]!;
    out[at + 3] = output[3]!;
  }

  /** As `subjectHashOfBytes`; of the slab, at least as many bytes as the kind has stand in front of `start`. */
  subject(kind: string, start: number, end: number): number {
    if (sip === undefined || !this.#fits) return subjectHashOfBytes(this.#key, kind, this.#bytes, start, end);
    const { memory } = sip;
    if (holder !== this) this.#load(memory);
    const from = DATA_AT + start - kind.length;
    for (let i = 0; i < kind.length; i++) memory[from + i] = kind.charCodeAt(i);
    sip.hash64(from, end - start + kind.length);
    for (let i = 0; i < kind.length; i++) memory[from + i] = this.#bytes[start - kind.length + i]!;
    return toSubjectHash(output[0]!, output[1]!);
  }

  #load(memory: Uint8Array): void {
    const key = new Uint32Array(memory.buffer, KEY_AT, 4);
    key.set(this.#key);
    memory.set(this.#bytes, DATA_AT);
    holder = this;
  }
}
