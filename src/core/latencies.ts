/** Neighbouring steps differ by 5 %, so a quantile is off by at most 2.5 %. Step 0 is one ms, the last about an hour. */
const GROWTH = Math.log(1.05);
const LAST_STEP = 310;

/**
 * How long requests took, as counts on a logarithmic scale: bounded however many there were, and of two of them can be made
 * the one of both.
 */
export class Latencies {
  readonly #counts = new Map<number, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @param ms of one request; what is shorter than one millisecond counts as one, longer than an hour as one hour */
  add(ms: number): void {
    this.#put(Math.min(LAST_STEP, Math.max(0, Math.round(Math.log(ms) / GROWTH))), 1);
  }

  merge(other: Latencies): void {
    for (const [step, count] of other.#counts) this.#put(step, count);
  }

  /** At most this many ms took the share `part` (0 to 1) of all requests; undefined when there was none. */
  quantile(part: number): number | undefined {
    let left = Math.max(1, Math.ceil(this.#count * part));
    for (const [step, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return Math.exp(step * GROWTH);
    }
    return undefined;
  }

  #put(step: number, count: number): void {
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + count);
    this.#count += count;
  }
}
