import type { Decode } from '../../src/pipeline/decode.js';
import type { Decoder } from '../../src/pipeline/decoder.js';

/**
 * Decodes each slab in its own time, as other threads do: several at once, and a later one may be done before an earlier.
 * `onSeen` is told when one of these really happened.
 */
export class DecoderAhead implements Decoder {
  readonly ahead: number;
  readonly #decode: Decode;
  readonly #later: (act: () => void) => void;
  readonly #onSeen: (sight: AheadSight) => void;
  readonly #inWork = new Set<number>();
  #count = 0;

  /** @param later calls back after a while, each time another one */
  constructor(
    ahead: number,
    decode: Decode,
    later: (act: () => void) => void,
    onSeen: (sight: AheadSight) => void = () => undefined,
  ) {
    this.ahead = ahead;
    this.#decode = decode;
    this.#later = later;
    this.#onSeen = onSeen;
  }

  /** How many slabs are being decoded. */
  get inWork(): number {
    return this.#inWork.size;
  }

  decode: Decoder['decode'] = (slab) => {
    const nth = this.#count;
    this.#count += 1;
    this.#inWork.add(nth);
    if (this.#inWork.size > 1) this.#onSeen('decoded ahead');
    return new Promise((resolve) =>
      this.#later(() => {
        if (Math.min(...this.#inWork) < nth) this.#onSeen('a later slab decoded first');
        this.#inWork.delete(nth);
        resolve(this.#decode(slab));
      }),
    );
  };
}

export type AheadSight = 'decoded ahead' | 'a later slab decoded first';
