/** A file in an archive that is built; what is given besides name and content is written in place of what is true. */
export interface BuiltFile {
  readonly name: string;
  readonly content?: Uint8Array | string;
  readonly method?: number;
  readonly data?: Uint8Array;
  readonly flags?: number;
  readonly descriptor?: boolean;
  readonly zip64?: boolean;
  readonly crc?: number;
  readonly size?: number;
  readonly storedSize?: number;
  readonly offset?: number;
}

export interface BuiltArchive {
  readonly comment?: string;
  readonly directory?: boolean;
  readonly zip64?: boolean;
}

const load = async (name: string): Promise<unknown> =>
  import(new URL(`../../../../fixtures/kinds/${name}`, import.meta.url).href);

/** The generator beside the fixtures. */
export const { zip } = (await load('zip.js')) as {
  zip(files: readonly BuiltFile[], options?: BuiltArchive): Buffer;
};
export const { deflate64 } = (await load('deflate64.js')) as { deflate64(bytes: Uint8Array): Buffer };
