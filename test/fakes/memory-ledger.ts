import { type Ledger, type LedgerEntry, LedgerError, type LedgerRecord } from '../../src/core/ledger.js';
import type { Clock } from '../../src/core/ports.js';

/** What outlives the ledgers that are opened on it. */
export class LedgerContent {
  readonly records = new Map<string, LedgerRecord>();
  readonly states = new Map<string, unknown>();
}

/** A ledger in memory, whose reading and writing take time, and may fail. */
export class MemoryLedger implements Ledger {
  readonly secret = new Uint32Array([1, 2, 3, 4]);
  readonly content: LedgerContent;
  /** The write that fails, counted from 1; every later one fails too. */
  failFrom = Number.POSITIVE_INFINITY;
  failLookups = false;
  /** Entries recorded as delivered, in order. */
  readonly recorded: LedgerEntry[] = [];
  writeMs = 2;
  lookupMs = 1;
  #writes = 0;
  readonly #clock: Clock;
  readonly #run: string;

  constructor(clock: Clock, run = 'run-1', content = new LedgerContent()) {
    this.#clock = clock;
    this.#run = run;
    this.content = content;
  }

  get size(): number {
    return this.content.records.size;
  }

  async lookup(keys: readonly Uint8Array[]): Promise<readonly (LedgerRecord | undefined)[]> {
    const found = keys.map((key) => this.content.records.get(hex(key)));
    await this.#clock.sleep(this.lookupMs);
    if (this.failLookups) throw new LedgerError('the ledger can not be read');
    return found;
  }

  async recordDelivered(entries: readonly LedgerEntry[]): Promise<void> {
    await this.#write();
    for (const entry of entries) this.#put(entry, 'delivered');
    this.recorded.push(...entries);
  }

  async recordIntents(entries: readonly LedgerEntry[]): Promise<void> {
    await this.#write();
    for (const entry of entries) this.#put(entry, 'inDoubt');
  }

  async forgetIntents(keys: readonly Uint8Array[]): Promise<void> {
    await this.#write();
    for (const key of keys) this.content.records.delete(hex(key));
  }

  async readState(name: string): Promise<unknown> {
    return this.content.states.get(name);
  }

  async writeState(name: string, value: unknown): Promise<void> {
    await this.#write();
    this.content.states.set(name, structuredClone(value));
  }

  #put({ key, fingerprint, origin, time, hadBefore = false }: LedgerEntry, state: LedgerRecord['state']): void {
    this.content.records.set(hex(key), { state, hadBefore, run: this.#run, origin, time, fingerprint });
  }

  async #write(): Promise<void> {
    this.#writes += 1;
    const fails = this.#writes >= this.failFrom;
    await this.#clock.sleep(this.writeMs);
    if (fails) throw new LedgerError('the ledger can not be written: no space left on device');
  }
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex');
}
