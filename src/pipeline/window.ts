import type { Mark } from './checkpoints.js';
import { copyOf, type Event } from './event.js';

export interface WindowBounds {
  /** The window takes no further block while it holds this many events. */
  readonly events: number;
  /** A block that would bring it over this many bytes waits; one block larger than this travels alone. */
  readonly bytes: number;
}

const BOUNDS: WindowBounds = { events: 20_000, bytes: 64 * 1024 * 1024 };
/** A block is let go, and what is left of it copied, when less than this share of it is still needed. */
const WORTH_KEEPING = 1 / 4;

/**
 * Bounds what is held between the reader and settle, in events and in bytes, and so makes the reader wait for the
 * target (back pressure). Bytes are those of whole blocks, for one open event keeps its block's memory alive; a block
 * of which little is left is replaced by copies of that little. Within these bounds no more is read than the sink has use
 * for: what waits for long is copied by the garbage collector again and again.
 */
export class Window {
  readonly #bounds: WindowBounds;
  readonly #isSated: () => boolean;
  #events = 0;
  #bytes = 0;
  /** Bytes of slabs that are being decoded. */
  #coming = 0;
  #waiting: (() => void) | undefined;
  #open = false;
  #peak = { events: 0, bytes: 0 };

  /**
   * @param bounds smaller ones are for tests
   * @param isSated has the sink enough for a while? It calls `recheck` when that may have changed
   */
  constructor(bounds: WindowBounds = BOUNDS, isSated: () => boolean = () => false) {
    this.#bounds = bounds;
    this.#isSated = isSated;
  }

  get events(): number {
    return this.#events;
  }

  /** The most it ever held, to check its bounds. */
  get peak(): { readonly events: number; readonly bytes: number } {
    return this.#peak;
  }

  /** Is the reader waiting for room? Then nothing more comes before something settles. */
  get full(): boolean {
    return this.#waiting !== undefined;
  }

  /** Resolves when a block of `bytes` may enter; undefined when it may at once. One reader at a time. */
  room(bytes: number): Promise<void> | undefined {
    return this.#when(() => this.fits(bytes) && this.#isWanted());
  }

  /** Resolves when a block that was decoded ahead may enter; undefined when it may at once. */
  turn(): Promise<void> | undefined {
    return this.#when(() => this.#open || (this.#events < this.#bounds.events && this.#isWanted()));
  }

  /** Does a slab of `bytes` fit beside what is held and what is being decoded? */
  fits(bytes: number): boolean {
    const { events: mostEvents, bytes: mostBytes } = this.#bounds;
    if (this.#open || (this.#events === 0 && this.#coming === 0)) return true;
    return this.#events < mostEvents && this.#bytes + this.#coming + bytes <= mostBytes;
  }

  /** A slab of `bytes` is being decoded. */
  expect(bytes: number): void {
    this.#coming += bytes;
  }

  /** It was decoded, or will not be: what follows from it enters now or never. */
  arrived(bytes: number): void {
    this.#coming -= bytes;
  }

  /** Counts a block in. Each of its events must be handed to `release` in the end. */
  enter(bytes: number): Hold {
    this.#bytes += bytes;
    this.#peak.bytes = Math.max(this.#peak.bytes, this.#bytes);
    return { size: bytes, live: 0, events: [] };
  }

  add(hold: Hold, event: Event): void {
    event.holdAt = hold.events.length;
    hold.events.push(event);
    hold.live += event.end - event.start;
    this.#events += 1;
    this.#peak.events = Math.max(this.#peak.events, this.#events);
  }

  /** Ends the filling of a block, so that one without events is let go at once. */
  sealed(hold: Hold): void {
    this.#shrink(hold);
  }

  release(event: Event): void {
    this.#events -= 1;
    const { hold, holdAt } = event;
    hold.live -= event.end - event.start;
    if (hold.events[holdAt] === event) hold.events[holdAt] = undefined;
    this.#shrink(hold);
    this.#waiting?.();
  }

  /** What the reader waits for may have come. */
  recheck(): void {
    this.#waiting?.();
  }

  /** The run stops: whoever waits for room goes on, to find that out. */
  giveWay(): void {
    this.#open = true;
    this.#waiting?.();
  }

  #isWanted(): boolean {
    return this.#open || !this.#isSated();
  }

  #when(may: () => boolean): Promise<void> | undefined {
    if (may()) return undefined;
    return new Promise((resolve) => {
      this.#waiting = () => {
        if (!may()) return;
        this.#waiting = undefined;
        resolve();
      };
    });
  }

  #shrink(hold: Hold): void {
    if (hold.live > hold.size * WORTH_KEEPING) return;
    const open: Event[] = [];
    for (const event of hold.events) {
      if (event === undefined || event.settled) continue;
      event.bytes = copyOf(event.bytes, event.start, event.end);
      event.end -= event.start;
      event.start = 0;
      event.holdAt = open.length;
      open.push(event);
    }
    this.#bytes -= hold.size - hold.live;
    hold.size = hold.live;
    hold.events.fill(undefined);
    hold.events = open;
  }
}

/** The memory of one block, as the window counts it. */
export interface Hold {
  size: number;
  live: number;
  /**
   * Those that were not released. One that was leaves its place, for what an old array refers to is kept alive with it, and
   * grows old too.
   */
  events: (Event | undefined)[];
  /** Where its block stands on its file's trail, if there is one. */
  mark?: Mark | undefined;
}
