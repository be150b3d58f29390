import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { LedgerEntry } from '../../../src/core/ledger.js';
import type { Clock } from '../../../src/core/ports.js';
import type { Destination } from '../../../src/io/ledger/destination.js';
import type { RunIdentity } from '../../../src/io/ledger/holder.js';
import type { StoredLedger } from '../../../src/io/ledger/ledger.js';
import { type OpenLedger, type OpenOptions, openLedger } from '../../../src/io/ledger/open.js';

export const DIDOMI: Destination = {
  target: 'didomi',
  address: 'https://api.didomi.io/v1',
  organization: 'acme',
};

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  #sleepers: { readonly at: number; wake(): void }[] = [];
  now(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#now;
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#sleepers.push({ at: this.#now + ms, wake: resolve });
      signal?.addEventListener('abort', () => resolve());
    });
  }
  yield(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
  advance(ms: number): void {
    this.#now += ms;
    const due = this.#sleepers.filter(({ at }) => at <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now);
    for (const { wake } of due) wake();
  }
}

export function runNamed(id: string): RunIdentity {
  return { id, pid: 4711, host: 'importer-1', user: 'jo', startedAt: 1_700_000_000_000, command: 'import a.jsonl.gz' };
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'consent-import-ledger-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function optionsFor(folder: string, more: Partial<OpenOptions> = {}): OpenOptions {
  return {
    folder,
    destination: DIDOMI,
    idRule: 'didomi:id',
    create: true,
    run: runNamed('run-1'),
    clock: new ManualClock(),
    ...more,
  };
}

/** Opens a ledger, lets `act` work on it, and closes it. */
export async function withLedger<T>(
  folder: string,
  act: (ledger: StoredLedger, open: OpenLedger) => Promise<T>,
  more: Partial<OpenOptions> = {},
): Promise<T> {
  const open = await openLedger(optionsFor(folder, more));
  try {
    return await act(open.ledger, open);
  } finally {
    await open.close();
  }
}

export function entryFor(ledger: StoredLedger, id: string, line = 1, file = 'a.jsonl.gz'): LedgerEntry {
  return {
    key: ledger.hashOf(id),
    fingerprint: [line, 0xffff_ffff - line],
    origin: { file, line },
    time: 1_700_000_000_000 + line,
  };
}

export function entriesFor(ledger: StoredLedger, ids: readonly string[], file?: string): LedgerEntry[] {
  return ids.map((id, index) => entryFor(ledger, id, index + 1, file));
}

export function idsNamed(count: number, name = 'person'): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index}@example.com`);
}
