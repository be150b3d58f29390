import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ledger } from '../../core/ledger.js';
import { systemClock } from '../../io/clock.js';
import type { RunIdentity } from '../../io/ledger/holder.js';
import { openLedger } from '../../io/ledger/open.js';

/** A ledger that only serves to find duplicates. */
export interface TemporaryLedger {
  readonly ledger: Ledger;
  /** Removes it. */
  close(): Promise<void>;
}

/** Opens an empty ledger in the system's folder for temporary files. @throws {LedgerError} */
export async function openTemporaryLedger(run: RunIdentity): Promise<TemporaryLedger> {
  const folder = await mkdtemp(join(tmpdir(), 'consent-import-'));
  const opened = await openLedger({
    folder,
    destination: { target: 'none', address: '', sandbox: true, organization: '' },
    idRule: 'none',
    run,
    clock: systemClock,
    create: true,
  });
  return {
    ledger: opened.ledger,
    close: async () => {
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * What was delivered, read from one ledger, and what this run has seen, kept in another: to find out what an import
 * would do without recording anything. The secret must be the lasting ledger's.
 */
export function overlay(lasting: Ledger, temporary: Ledger): Ledger {
  return {
    secret: lasting.secret,
    get size() {
      return lasting.size + temporary.size;
    },
    lookup: async (keys) => {
      const [before, now] = await Promise.all([lasting.lookup(keys), temporary.lookup(keys)]);
      return keys.map((_, i) => now[i] ?? before[i]);
    },
    recordDelivered: (entries) => temporary.recordDelivered(entries),
    recordIntents: (entries) => temporary.recordIntents(entries),
    forgetIntents: (keys) => temporary.forgetIntents(keys),
    readState: (name) => lasting.readState(name),
    writeState: async () => undefined,
  };
}
