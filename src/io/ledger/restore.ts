import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { LedgerError } from '../../core/ledger.js';
import { ARCHIVE_VERSION, type ArchiveHeader, ArchiveReader } from './archive-format.js';
import { COUNTERS_KEY, encodeCounters } from './counters.js';
import { destinationParts } from './destination.js';
import { LedgerDamagedError, LedgerVersionError, storageFailure } from './errors.js';
import type { Transferred } from './export.js';
import { readHead } from './head-file.js';
import { holdFolder } from './held-folder.js';
import { numberedKey, numberInKey, PREFIX } from './keys.js';
import { readCounters } from './ledger.js';
import { storePaths } from './level-store.js';
import { checkFormat, checkPurpose, type MetaFile, writeMetaFile } from './meta.js';
import { type LedgerOptions, ledgerFolder } from './open.js';
import type { AuditRecord } from './operator.js';
import { RunRegister } from './run-register.js';
import { seal } from './sealed-json.js';
import { buildStore, dataFolder, findLedger, generations, LOOK, openStore, removeLeftovers } from './store-folder.js';

/** The file is not what an export wrote, or what it would replace is not older. Nothing was changed. */
export class LedgerRestoreError extends LedgerError {
  override readonly name = 'LedgerRestoreError';
}

/**
 * Puts an exported ledger in place of the destination's ledger, or where there is none, and records that in it. The
 * file is checked to its end first; a kill at any moment leaves the old ledger or the new one.
 * @throws {LedgerRestoreError} also when the ledger there holds writes or runs that the file lacks
 * @throws {LedgerInUseError, LedgerMismatchError, LedgerVersionError, LedgerError}
 */
export async function restoreLedger(options: LedgerOptions, path: string): Promise<Transferred> {
  const folder = ledgerFolder(options);
  const { header, sha256 } = await checkArchive(path);
  if (header.version > ARCHIVE_VERSION) throw new LedgerVersionError(path, header.version, ARCHIVE_VERSION);
  checkFormat(path, header.meta);
  checkPurpose(path, header.meta, destinationParts(options.destination), options.idRule);

  const held = await holdFolder(folder, options.run, options.hooks);
  try {
    await assertOlder(folder, header, options, path);
    const generation = Math.max(0, ...(await generations(folder))) + 1;
    const reader = new ArchiveReader(decompressed(path));
    await buildStore(folder, generation, async (store) => {
      await reader.header();
      let audits = 0;
      for await (const page of reader.entries()) {
        for (const [key] of page) if (key[0] === PREFIX.audit) audits = Math.max(audits, numberInKey(key, 0));
        await store.batch(
          page.map(([key, value]) => ({ key, value })),
          { sync: false },
        );
      }
      const { delivered, inDoubt } = header.counters;
      const { clock, run } = options;
      const audit: AuditRecord = { time: clock.now(), user: run.user ?? '', what: 'restore', ids: delivered + inDoubt };
      // The counters stay the file's own: that it was restored makes the ledger no newer, and it can be restored again.
      const ops = [
        { key: COUNTERS_KEY, value: encodeCounters(header.counters) },
        { key: numberedKey(PREFIX.audit, audits + 1), value: seal(audit) },
      ];
      await store.batch(ops, { sync: true });
      await store.mark(header.counters.sequence);
    });
    await writeMetaFile(folder, { meta: header.meta, generation }, options.hooks);
    await removeLeftovers(folder, generation);
  } catch (cause) {
    throw storageFailure(folder, 'written', cause);
  } finally {
    await held.release();
  }
  return { delivered: header.counters.delivered, inDoubt: header.counters.inDoubt, sha256 };
}

/** Reads the file to its end, and believes nothing before. */
async function checkArchive(path: string): Promise<{ readonly header: ArchiveHeader; readonly sha256: string }> {
  try {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    const reader = new ArchiveReader(decompressed(path));
    const header = await reader.header();
    for await (const _ of reader.entries());
    return { header, sha256: hash.digest('hex') };
  } catch (cause) {
    throw new LedgerRestoreError(
      `${path} can't be restored: ${(cause as Error).message}. Nothing was changed; take another export.`,
      { cause },
    );
  }
}

async function* decompressed(path: string): AsyncIterable<Uint8Array> {
  const source = createReadStream(path);
  const gunzip = createGunzip();
  // Errors of the file must reach who reads from the decompressor.
  source.on('error', (error) => gunzip.destroy(error));
  yield* source.pipe(gunzip) as AsyncIterable<Uint8Array>;
}

async function assertOlder(folder: string, header: ArchiveHeader, options: LedgerOptions, path: string): Promise<void> {
  const refuse = (why: string): never => {
    throw new LedgerRestoreError(
      `${path} is not restored over the ledger ${folder}: ${why}. Restoring would forget what was delivered since. ` +
        'If that is what you want, move that folder away first.',
    );
  };
  let file: MetaFile | undefined;
  try {
    file = await findLedger(folder, options.hooks);
    if (file === undefined) return;
    const { store } = await openStore(folder, file, LOOK);
    try {
      const counters = await readCounters(store);
      const runs = (await RunRegister.load(store, options.run)).runs;
      const isUnused = counters.delivered + counters.inDoubt === 0 && runs.length === 0;
      if (file.meta.secret !== header.meta.secret) {
        if (!isUnused) refuse('that is another ledger');
        return;
      }
      if (counters.sequence > header.counters.sequence) refuse('that one is newer');
      const strange = runs.find(({ id }) => !header.runs.includes(id));
      if (strange !== undefined) refuse(`run ${strange.id} is not in the file`);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof LedgerDamagedError)) throw error;
    // Of a damaged ledger the head tells how new it was.
    const head = file === undefined ? undefined : await readHead(storePaths(dataFolder(folder, file.generation)).head);
    if (file?.meta.secret !== header.meta.secret || head === undefined) refuse('that one is damaged, and may be newer');
    else if (head.head.sequence > header.counters.sequence) refuse('that one is newer (and damaged)');
  }
}
