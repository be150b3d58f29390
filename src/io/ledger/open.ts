import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerError } from '../../core/ledger.js';
import type { Clock } from '../../core/ports.js';
import { COUNTERS_KEY, encodeCounters } from './counters.js';
import { type Destination, type DestinationParts, destinationFolder, destinationParts } from './destination.js';
import { LedgerMissingError, storageFailure } from './errors.js';
import { type HeldFolder, holdFolder } from './held-folder.js';
import type { RunIdentity } from './holder.js';
import { StoredLedger } from './ledger.js';
import { checkPurpose, FORMAT, META_KEY, type Meta, type MetaFile, readMetaFile, writeMetaFile } from './meta.js';
import { writeProgressFile } from './progress-file.js';
import { seal } from './sealed-json.js';
import { hookedStore, type StorageHooks, type Store } from './store.js';
import { buildStore, type CheckDepth, findLedger, generations, openStore, removeLeftovers } from './store-folder.js';

export interface LedgerOptions {
  /** The folder of `--ledger`, in which each destination has a folder of its own. */
  readonly folder: string;
  readonly destination: Destination;
  /** Names the rule that makes event ids, like `onetrust:pointer:/customPayload/id`. */
  readonly idRule: string;
  /** Who opens it. Entered in the ledger only when it records something. */
  readonly run: RunIdentity;
  readonly clock: Clock;
  readonly hooks?: StorageHooks;
}

export interface OpenOptions extends LedgerOptions {
  /** Make the ledger when there is none. */
  readonly create: boolean;
  /** `all` by default. */
  readonly check?: CheckDepth;
}

/** A ledger that this run holds until it closes it. */
export interface OpenLedger {
  readonly ledger: StoredLedger;
  /** The destination's own folder. */
  readonly folder: string;
  /** It was made just now. */
  readonly isNew: boolean;
  /** Bytes that a power loss had left broken, beyond what was synced, and that were cut off: worth a message. */
  readonly cutBytes: number;
  /** Shows other processes how far the run is: any JSON. @throws when it can't be written, which harms nothing */
  writeProgress(progress: unknown): Promise<void>;
  /** Syncs, closes and unlocks. @throws {LedgerError} when something could not be written (it is unlocked all the same) */
  close(): Promise<void>;
}

/**
 * Opens (or makes) the ledger of one destination and locks it.
 * @throws {LedgerInUseError} another run holds it
 * @throws {LedgerMissingError} there is none, and `create` is not set
 * @throws {LedgerMismatchError} it was made for another destination, or another rule for ids
 * @throws {LedgerVersionError} a newer program wrote it
 * @throws {LedgerDamagedError} its files are not what was written; nothing was changed
 * @throws {LedgerError} it can't be read or written
 */
export async function openLedger(options: OpenOptions): Promise<OpenLedger> {
  const folder = ledgerFolder(options);
  if (!options.create) await assertLedgerFolder(options);
  return openHeld(folder, options, async (found) => {
    if (found === undefined && !options.create) throw new LedgerMissingError(folder);
    const file = found ?? (await makeLedger(folder, options));
    checkPurpose(folder, file.meta, destinationParts(options.destination), options.idRule);
    return file;
  });
}

/**
 * Opens and locks whatever ledger is in one folder, for a look at it: whom it belongs to is not checked.
 * @throws {LedgerInUseError, LedgerMissingError, LedgerVersionError, LedgerDamagedError, LedgerError}
 */
export async function openLedgerIn(folder: string, options: LookOptions): Promise<OpenLedger> {
  if (!(await exists(folder))) throw new LedgerMissingError(folder);
  return openHeld(folder, options, async (found) => {
    if (found === undefined) throw new LedgerMissingError(folder);
    return found;
  });
}

type LookOptions = Pick<OpenOptions, 'run' | 'clock' | 'hooks' | 'check'>;

async function openHeld(
  folder: string,
  options: LookOptions,
  choose: (found: MetaFile | undefined) => Promise<MetaFile>,
): Promise<OpenLedger> {
  const { hooks, run, clock } = options;
  const held = await holdFolder(folder, run, hooks);
  let store: Store | undefined;
  try {
    const found = await findLedger(folder, hooks);
    const file = await choose(found);
    await removeLeftovers(folder, file.generation);
    const opened = await openStore(folder, file, options.check ?? 'all');
    store = hooks === undefined ? opened.store : hookedStore(opened.store, hooks);
    const ledger = await StoredLedger.open(store, file.meta, run, clock);
    return {
      ledger,
      folder,
      isNew: found === undefined,
      cutBytes: opened.cut,
      writeProgress: (progress) => writeProgressFile(folder, progress, hooks),
      close: () => closeAll(ledger, held),
    };
  } catch (cause) {
    await store?.close();
    await held.release();
    throw storageFailure(folder, 'opened', cause);
  }
}

/** Where the ledger of a destination is, or would be. */
export function ledgerFolder(options: Pick<LedgerOptions, 'folder' | 'destination'>): string {
  return join(options.folder, destinationFolder(options.destination));
}

/** Makes nothing. @throws {LedgerMissingError} when the destination has no folder */
export async function assertLedgerFolder(options: Pick<LedgerOptions, 'folder' | 'destination'>): Promise<void> {
  const folder = ledgerFolder(options);
  if (!(await exists(folder))) throw new LedgerMissingError(folder);
}

/** A ledger as it looks from outside. */
export interface ListedLedger {
  readonly folder: string;
  /** Undefined when its description can't be read: opening it tells why. */
  readonly destination: DestinationParts | undefined;
  /** Epoch milliseconds. */
  readonly createdAt: number | undefined;
}

/** The ledgers below a `--ledger` folder, read without opening them. Folders that are none are left out. */
export async function listLedgers(folder: string): Promise<readonly ListedLedger[]> {
  const names = (await exists(folder)) ? (await readdir(folder)).sort() : [];
  const ledgers: ListedLedger[] = [];
  for (const name of names) {
    const listed = await lookAt(join(folder, name));
    if (listed !== undefined) ledgers.push(listed);
  }
  return ledgers;
}

/** Undefined when there is no ledger in the folder. */
export async function lookAt(folder: string): Promise<ListedLedger | undefined> {
  try {
    const meta = (await readMetaFile(folder))?.meta;
    if (meta !== undefined) return { folder, destination: meta.destination, createdAt: meta.createdAt };
    if ((await generations(folder)).length === 0) return undefined;
  } catch (error) {
    // Its description is there, and no good. Anything else is a file, or a folder that is none of ours.
    if (!(error instanceof LedgerError)) return undefined;
  }
  return { folder, destination: undefined, createdAt: undefined };
}

async function makeLedger(folder: string, { destination, idRule, clock, hooks }: OpenOptions): Promise<MetaFile> {
  const meta: Meta = {
    format: FORMAT,
    destination: destinationParts(destination),
    idRule,
    secret: randomBytes(16).toString('hex'),
    createdAt: clock.now(),
  };
  await buildStore(folder, 1, async (store) => {
    const counters = { sequence: 1, delivered: 0, inDoubt: 0 };
    const ops = [
      { key: COUNTERS_KEY, value: encodeCounters(counters) },
      { key: META_KEY, value: seal(meta) },
    ];
    await store.batch(ops, { sync: true });
    await store.mark(counters.sequence);
  });
  const file = { meta, generation: 1 };
  await writeMetaFile(folder, file, hooks);
  return file;
}

async function closeAll(ledger: StoredLedger, held: HeldFolder): Promise<void> {
  try {
    await ledger.close();
  } finally {
    await held.release();
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
