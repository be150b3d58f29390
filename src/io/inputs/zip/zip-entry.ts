/** One file in a zip archive, as the archive describes it (APPNOTE.TXT 6.3.10, section 4.3). */
export interface ZipEntry {
  readonly name: string;
  /** Compression method, section 4.4.5. */
  readonly method: number;
  readonly isEncrypted: boolean;
  /** CRC-32 of the decoded bytes. */
  readonly crc: number;
  /** Bytes as stored. */
  readonly storedSize: number;
  /** Bytes when decoded. */
  readonly size: number;
  /** Where its local header begins. */
  readonly headerStart: number;
  /** Where its data begins, when that is known already. */
  readonly dataStart: number | undefined;
}

export const STORED = 0;
export const DEFLATE = 8;
export const DEFLATE64 = 9;

/** Why an entry's bytes can't be trusted, or had. `what` ends a sentence that begins with the entry's name. */
export class EntryDamage extends Error {
  override readonly name = 'EntryDamage';
  readonly what: string;
  constructor(what: string, options?: ErrorOptions) {
    super(what, options);
    this.what = what;
  }
}

/** A folder's name ends in a slash, whatever slash the archiver uses. */
export function isFolder({ name }: ZipEntry): boolean {
  return /[/\\]$/.test(name);
}
