import { type Ledger, type LedgerEntry, LedgerError, type LedgerRecord } from '../../src/core/ledger.js';
import { keyOfBytes } from '../../src/pipeline/event.js';

/** What millions of ids can be remembered in, for a run in virtual time; it outlives the ledgers that are opened on it. */
export class LeanMemory {
  /** Key to the state and, in two words, the fingerprint. */
  readonly records = new Map<string, readonly [inDoubt: boolean, low: number, high: number]>();
  #epoch = 0;

  /** The state of runs (pace, pauses) is that of `states`. Ledgers opened before are dead: they fail. */
  open(run: string, states: Pick<Ledger, 'secret' | 'readState' | 'writeState'>): Ledger {
    const epoch = ++this.#epoch;
    const { records } = this;
    const alive = (): void => {
      if (epoch !== this.#epoch) throw new LedgerError('the process is dead');
    };
    const put = (entries: readonly LedgerEntry[], inDoubt: boolean): void => {
      alive();
      for (const { key, fingerprint } of entries) records.set(keyOfBytes(key), [inDoubt, ...fingerprint]);
    };
    const origin = { file: 'day.jsonl', line: 1 };
    return {
      secret: states.secret,
      get size() {
        return records.size;
      },
      lookup: async (keys) => {
        alive();
        return keys.map((key): LedgerRecord | undefined => {
          const found = records.get(keyOfBytes(key));
          if (found === undefined) return undefined;
          const [inDoubt, low, high] = found;
          const state = inDoubt ? 'inDoubt' : 'delivered';
          return { state, hadBefore: false, run: `before ${run}`, origin, time: 0, fingerprint: [low, high] };
        });
      },
      recordDelivered: async (entries) => put(entries, false),
      recordIntents: async (entries) => put(entries, true),
      forgetIntents: async (keys) => {
        alive();
        for (const key of keys) records.delete(keyOfBytes(key));
      },
      readState: (name) => states.readState(name),
      writeState: (name, value) => states.writeState(name, value),
    };
  }

  /** Whoever has it open is gone. */
  close(): void {
    this.#epoch++;
  }

  count(inDoubt: boolean): number {
    let found = 0;
    for (const [is] of this.records.values()) if (is === inDoubt) found += 1;
    return found;
  }
}
