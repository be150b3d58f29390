import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashText128 } from '../../core/siphash.js';
import { writeAtomically } from './atomic-file.js';
import type { DestinationParts } from './destination.js';
import { LedgerDamagedError, LedgerMismatchError, LedgerVersionError } from './errors.js';
import { PREFIX } from './keys.js';
import type { StorageHooks } from './store.js';

/** The format that this version writes and reads. */
export const FORMAT = 1;

/** What a ledger is. It stands in the store, and in a file beside it, so that neither can go missing unnoticed. */
export interface Meta {
  readonly format: number;
  readonly destination: DestinationParts;
  /** Names the rule that makes event ids; ids by another rule are other ids. */
  readonly idRule: string;
  /** 16 random bytes in hex: the key of all hashes. It also tells one ledger from another. */
  readonly secret: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** The file beside the store. */
export interface MetaFile {
  readonly meta: Meta;
  /** Which of the folders `data-1`, `data-2`… is the store: restoring makes the next one and switches over. */
  readonly generation: number;
}

export const META_KEY = Uint8Array.of(PREFIX.meta);

const NAME = 'ledger.json';

/** Once this file is there, the ledger exists. On disk when it resolves. */
export async function writeMetaFile(folder: string, file: MetaFile, hooks: StorageHooks | undefined): Promise<void> {
  const content = `${JSON.stringify({ ...file, check: checkOf(file) }, undefined, 2)}\n`;
  await writeAtomically(join(folder, NAME), content, { sync: true, hooks });
}

/**
 * @returns undefined when there is none.
 * @throws {LedgerVersionError, LedgerDamagedError}
 */
export async function readMetaFile(folder: string): Promise<MetaFile | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, NAME), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const altered = (cause?: unknown): LedgerDamagedError =>
    new LedgerDamagedError(folder, `its file ${NAME} was altered`, { cause });
  let file: Partial<MetaFile & { readonly check: string }> | null;
  try {
    file = JSON.parse(text) as Partial<MetaFile & { readonly check: string }> | null;
  } catch (error) {
    throw altered(error);
  }
  if (file?.meta === undefined || file.generation === undefined) throw altered();
  const { meta, generation } = file;
  checkFormat(folder, meta);
  if (file.check !== checkOf({ meta, generation })) throw altered();
  return { meta, generation };
}

/** @throws {LedgerVersionError} */
export function checkFormat(folder: string, meta: Meta): void {
  if (meta.format > FORMAT) throw new LedgerVersionError(folder, meta.format, FORMAT);
}

/** @throws {LedgerMismatchError} when the ledger is another destination's, or made with another rule for ids. */
export function checkPurpose(folder: string, meta: Meta, destination: DestinationParts, idRule: string): void {
  const [kept, asked] = [meta.destination.join(' '), destination.join(' ')];
  if (kept !== asked) throw new LedgerMismatchError(folder, 'the destination', kept, asked);
  if (meta.idRule !== idRule) throw new LedgerMismatchError(folder, 'event ids made by the rule', meta.idRule, idRule);
}

/** The key under which an event id stands: 128 bits, keyed with the ledger's secret. */
export function hashOfId(meta: Meta, id: string): Uint8Array {
  const words = new Uint32Array(4);
  hashText128(secretWords(meta), id, words, 0);
  return new Uint8Array(words.buffer);
}

export function secretWords(meta: Meta): Uint32Array {
  const bytes = Buffer.from(meta.secret, 'hex');
  return Uint32Array.from({ length: 4 }, (_, word) => bytes.readUInt32LE(4 * word));
}

export function isSameMeta(a: Meta, b: Meta): boolean {
  return checkOf({ meta: a, generation: 0 }) === checkOf({ meta: b, generation: 0 });
}

function checkOf({ meta, generation }: MetaFile): string {
  const { format, destination, idRule, secret, createdAt } = meta;
  const all = JSON.stringify([format, destination, idRule, secret, createdAt, generation]);
  return createHash('sha256').update(all).digest('hex').slice(0, 32);
}
