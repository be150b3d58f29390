import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { LedgerError } from '../../core/ledger.js';
import { ARCHIVE_VERSION, type ArchiveHeader, encodeArchive } from './archive-format.js';
import { syncFolder } from './atomic-file.js';
import { destinationParts } from './destination.js';
import { LedgerMissingError, storageFailure } from './errors.js';
import { holdFolder } from './held-folder.js';
import { readCounters } from './ledger.js';
import { checkPurpose } from './meta.js';
import { type LedgerOptions, ledgerFolder } from './open.js';
import { RunRegister } from './run-register.js';
import { findLedger, openStore } from './store-folder.js';

/** What was exported or restored. */
export interface Transferred {
  readonly delivered: number;
  readonly inDoubt: number;
  /** SHA-256 of the file, in hex. */
  readonly sha256: string;
}

/**
 * Writes the whole ledger, as it is between two runs, to one file (gzip; mode 0600; it holds the ledger's secret).
 * Written under another name first: the file is there whole or not at all.
 * @throws {LedgerInUseError, LedgerMissingError, LedgerMismatchError, LedgerDamagedError, LedgerError}
 */
export async function exportLedger(options: LedgerOptions, path: string): Promise<Transferred> {
  const folder = ledgerFolder(options);
  const held = await holdFolder(folder, options.run, options.hooks);
  try {
    const file = await findLedger(folder, options.hooks);
    if (file === undefined) throw new LedgerMissingError(folder);
    checkPurpose(folder, file.meta, destinationParts(options.destination), options.idRule);
    const { store } = await openStore(folder, file, 'all');
    try {
      const counters = await readCounters(store);
      const runs = (await RunRegister.load(store, options.run)).runs.map(({ id }) => id);
      const header: ArchiveHeader = {
        format: 'consent-import ledger',
        version: ARCHIVE_VERSION,
        meta: file.meta,
        counters,
        runs,
      };
      const all = store.iterate({ gte: Uint8Array.of(0), lt: Uint8Array.of(0xff) });
      const sha256 = await writeWhole(path, encodeArchive(header, all));
      return { delivered: counters.delivered, inDoubt: counters.inDoubt, sha256 };
    } finally {
      await store.close();
    }
  } catch (cause) {
    throw storageFailure(folder, 'read', cause);
  } finally {
    await held.release();
  }
}

async function writeWhole(path: string, bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const temporary = `${path}.new`;
  const hash = createHash('sha256');
  try {
    await rm(temporary, { force: true });
    await pipeline(bytes, createGzip(), hashing(hash), createWriteStream(temporary, { mode: 0o600, flags: 'wx' }));
    const file = await open(temporary, 'r+');
    await file.sync().finally(() => file.close());
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (cause instanceof LedgerError) throw cause;
    throw new LedgerError(`The ledger can't be exported to ${path}: ${(cause as Error).message}.`, { cause });
  }
  return hash.digest('hex');
}

function hashing(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}
