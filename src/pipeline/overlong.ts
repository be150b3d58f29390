import { createHash, type Hash } from 'node:crypto';
import type { OverlongSlab } from '../core/block.js';
import { isWhiteSpace, trimStart } from './trim.js';

/** How much of an over-long record is kept, to be recognised. */
const HEAD_BYTES = 1024;

/** A record that is too long to be held, while it passes. */
export class Overlong {
  readonly #hash: Hash = createHash('sha256');
  #length = 0;
  #head: Uint8Array = EMPTY;
  /** Nothing but white space stands behind the head. */
  #restIsBlank = true;
  /** A `\r` at the end so far: it belongs to a line only when something follows. */
  #pendingReturn = false;

  add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    if (this.#pendingReturn) this.#take(RETURN);
    this.#pendingReturn = piece[piece.length - 1] === RETURN[0];
    this.#take(this.#pendingReturn ? piece.subarray(0, -1) : piece);
  }

  /** The line has ended. Undefined when it was blank. */
  line(): OverlongSlab | undefined {
    const isBlank = this.#restIsBlank && trimStart(this.#head, 0, this.#head.length) === this.#head.length;
    return isBlank ? undefined : this.#slab(undefined);
  }

  /** The element has ended. */
  element(place: NonNullable<OverlongSlab['element']>): OverlongSlab {
    if (this.#pendingReturn) this.#take(RETURN);
    return this.#slab(place);
  }

  #slab(element: OverlongSlab['element']): OverlongSlab {
    const sha256 = this.#hash.digest('hex');
    return { kind: 'overlong', length: this.#length, sha256, head: this.#head, element };
  }

  #take(piece: Uint8Array): void {
    this.#hash.update(piece);
    this.#length += piece.length;
    const room = HEAD_BYTES - this.#head.length;
    if (room > 0) this.#head = Buffer.concat([this.#head, piece.subarray(0, room)]);
    this.#restIsBlank &&= piece.subarray(Math.max(0, room)).every(isWhiteSpace);
  }
}

const EMPTY = new Uint8Array(0);
const RETURN = new Uint8Array([13]);
