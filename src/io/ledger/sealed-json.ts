import { crc32c } from './crc32c.js';
import { LedgerDamagedError } from './errors.js';

/** JSON behind its own checksum: the store can be repaired only if altered entries can be told from intact ones. */
export function seal(value: unknown): Uint8Array {
  const json = Buffer.from(JSON.stringify(value), 'utf8');
  const sealed = Buffer.allocUnsafe(4 + json.length);
  sealed.writeUInt32LE(crc32c(json), 0);
  json.copy(sealed, 4);
  return sealed;
}

export function isIntact(sealed: Uint8Array): boolean {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  return bytes.length >= 4 && bytes.readUInt32LE(0) === crc32c(bytes, 4);
}

/**
 * @param folder the ledger that it was read from, for the message
 * @throws {LedgerDamagedError} when it was altered.
 */
export function unseal(sealed: Uint8Array, folder: string): unknown {
  if (!isIntact(sealed)) throw new LedgerDamagedError(folder, 'one of its entries was altered');
  return JSON.parse(Buffer.from(sealed.buffer, sealed.byteOffset + 4, sealed.byteLength - 4).toString('utf8'));
}
