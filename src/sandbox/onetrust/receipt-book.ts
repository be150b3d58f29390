import { withAlteration } from '../alteration.js';
import type { Alteration } from '../faults.js';
import { randomUuid } from '../seeded-random.js';
import type { Element } from '../stand-in.js';
import type { ReceiptCounts } from './receipt-counts.js';

/** A receipt that was taken: nothing makes it undone, and nothing tells it from the same one sent again. */
export interface KeptReceipt {
  readonly id: string;
  readonly createdMs: number;
  /** `tenantId/processId` of the collection point. */
  readonly point: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly transactionIds: readonly string[];
}

const DAY_MS = 86_400_000;

/** Keeps the receipts that were taken, and counts them against the quota of a UTC day. */
export class ReceiptBook {
  #receipts: KeptReceipt[] = [];
  #seen = new Map<string, number>();
  #doubles = 0;
  #day = -1;
  #today = 0;
  #overQuota = 0;

  take(element: Element, point: string, nowMs: number, random: () => number): KeptReceipt {
    const value = element.value as Readonly<Record<string, unknown>>;
    const times = this.#seen.get(element.id ?? '') ?? 0;
    this.#seen.set(element.id ?? '', times + 1);
    if (times > 0) this.#doubles++;
    this.#turnTo(nowMs);
    this.#today++;
    const purposes = Array.isArray(value['purposes']) ? value['purposes'] : [];
    const receipt: KeptReceipt = {
      id: randomUuid(random),
      createdMs: nowMs,
      point,
      value,
      transactionIds: purposes.map(() => randomUuid(random)),
    };
    this.#receipts.push(receipt);
    return receipt;
  }

  /** The receipt that was taken last is not kept after all. */
  drop({ id }: KeptReceipt): void {
    this.#receipts = this.#receipts.filter((receipt) => receipt.id !== id);
  }

  /** The receipt that was taken last is kept with something else in one place. */
  alter(receipt: KeptReceipt, alteration: Alteration | undefined): void {
    if (alteration === undefined) return;
    const value = withAlteration(structuredClone(receipt.value), alteration) as KeptReceipt['value'];
    this.#receipts = this.#receipts.map((kept) => (kept.id === receipt.id ? { ...kept, value } : kept));
  }

  /** Is there room for so many more receipts in this UTC day? Counts the refusal if there is not. */
  hasRoomFor(count: number, perDay: number, nowMs: number): boolean {
    this.#turnTo(nowMs);
    if (this.#today + count <= perDay) return true;
    this.#overQuota++;
    return false;
  }

  /** Milliseconds until the next UTC day. */
  untilTomorrow(nowMs: number): number {
    return DAY_MS - (nowMs % DAY_MS);
  }

  get receipts(): readonly KeptReceipt[] {
    return this.#receipts;
  }

  counts(): ReceiptCounts {
    return { taken: this.#receipts.length, doubles: this.#doubles, today: this.#today, overQuota: this.#overQuota };
  }

  reset(): void {
    this.#receipts = [];
    this.#seen = new Map();
    this.#doubles = 0;
    this.#day = -1;
    this.#today = 0;
    this.#overQuota = 0;
  }

  #turnTo(nowMs: number): void {
    const day = Math.floor(nowMs / DAY_MS);
    if (day !== this.#day) this.#today = 0;
    this.#day = day;
  }
}
