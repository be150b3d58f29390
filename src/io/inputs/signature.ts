/** What the first bytes of an input say it is. */
export type Format =
  | { readonly kind: 'gzip' }
  | { readonly kind: 'zip' }
  /** Text, as far as its first bytes tell: lines or JSON arrays. */
  | { readonly kind: 'plain' }
  /** Can't be imported as it is. `name` and `advice` complete "<path> seems to be <name>: <advice>." */
  | { readonly kind: 'refused'; readonly name: string; readonly advice: string };

/** How many bytes tell every format that is known here (tar has its mark at byte 257). */
export const SIGNATURE_BYTES = 512;

interface Signature {
  readonly name: string;
  readonly advice: string;
  readonly at?: number;
  readonly bytes: readonly number[];
}

const UNPACK = 'unpack it and import the files in it';
export const AS_LINES = 'export it as JSON lines (one event per line) and import that';
export const OFFICE_DOCUMENT = 'an Excel workbook, or another document of an Office program';
const AS_UTF8 = 'save it as UTF-8 and import that';
const again = (command: string) => `decompress it (${command}) and import the result`;

const SIGNATURES: readonly Signature[] = [
  { name: 'an empty zip archive', advice: 'check that this is the right file', bytes: [...text('PK'), 5, 6] },
  { name: 'a part of a split zip archive', advice: UNPACK, bytes: [...text('PK'), 7, 8] },
  { name: 'a zstd file', advice: again('zstd -d'), bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'a bzip2 file', advice: again('bunzip2'), bytes: text('BZh') },
  { name: 'an xz file', advice: again('unxz'), bytes: [0xfd, ...text('7zXZ'), 0] },
  { name: 'an lz4 file', advice: again('lz4 -d'), bytes: [0x04, 0x22, 0x4d, 0x18] },
  { name: 'a file of the old compress program', advice: again('uncompress'), bytes: [0x1f, 0x9d] },
  { name: 'a 7z archive', advice: UNPACK, bytes: [...text('7z'), 0xbc, 0xaf, 0x27, 0x1c] },
  { name: 'a RAR archive', advice: UNPACK, bytes: text('Rar!') },
  { name: 'a tar archive', advice: UNPACK, at: 257, bytes: text('ustar') },
  { name: OFFICE_DOCUMENT, advice: AS_LINES, bytes: [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1] },
  {
    name: 'a JSON text sequence (RFC 7464)',
    advice: "take the record separators out (tr -d '\\036' < old > new.jsonl) and import that",
    bytes: [0x1e, 0x7b],
  },
  { name: 'a PDF document', advice: AS_LINES, bytes: text('%PDF') },
  { name: 'a PNG image', advice: AS_LINES, bytes: [0x89, ...text('PNG')] },
  { name: 'a Parquet file', advice: AS_LINES, bytes: text('PAR1') },
  { name: 'an Avro file', advice: AS_LINES, bytes: [...text('Obj'), 1] },
  { name: 'an ORC file', advice: AS_LINES, bytes: text('ORC') },
  { name: 'an SQLite database', advice: AS_LINES, bytes: text('SQLite format 3') },
  { name: 'UTF-16 text', advice: AS_UTF8, bytes: [0xff, 0xfe] },
  { name: 'UTF-16 text', advice: AS_UTF8, bytes: [0xfe, 0xff] },
  {
    name: 'a Git LFS pointer, not the file itself',
    advice: 'get the file with git lfs pull',
    bytes: text('version https://git-lfs'),
  },
];

/** Nothing that is JSON has such a beginning. */
const HTML = /^(?:\xEF\xBB\xBF)?\s*<[!?a-z]/i;

/** A local file header (APPNOTE.TXT, section 4.3.7). */
const ZIP_MAGIC = [...text('PK'), 3, 4];
/** The magic, and the one method there is (RFC 1952). */
const GZIP_MAGIC = [0x1f, 0x8b, 0x08];
/** `{`, `[`, white space, and the first byte of a UTF-8 byte order mark. */
const JSON_BEGINNINGS = [0x7b, 0x5b, 0x20, 0x09, 0x0a, 0x0d, 0xef];

function text(ascii: string): readonly number[] {
  return Array.from(ascii, (character) => character.charCodeAt(0));
}

/**
 * Tells a format by its signature, never by a name. Gzip and zip count as such also when one byte of their magic is
 * damaged, so that they are reported as damaged; no single damaged byte makes another format of JSON text.
 * @param head the first bytes, `SIGNATURE_BYTES` of them if there are as many
 */
export function recogniseFormat(head: Uint8Array): Format {
  const signature = SIGNATURES.find(({ at = 0, bytes }) => bytes.every((byte, index) => head[at + index] === byte));
  if (signature !== undefined) return { kind: 'refused', name: signature.name, advice: signature.advice };
  if (ZIP_MAGIC.filter((byte, index) => head[index] === byte).length >= 3) return { kind: 'zip' };
  if (isGzip(head)) return { kind: 'gzip' };
  if (isUtf16WithoutMark(head)) return { kind: 'refused', name: 'UTF-16 text', advice: AS_UTF8 };
  if (HTML.test(String.fromCharCode(...head.subarray(0, SIGNATURE_BYTES)))) {
    return {
      kind: 'refused',
      name: 'an HTML or XML page, as a server sends in place of a file',
      advice: 'open it to see what it says, then get the file again',
    };
  }
  return { kind: 'plain' };
}

/** Bytes that can begin JSON text: then nobody need wait for `SIGNATURE_BYTES` of a stream, which may be slow. */
export function beginsJson(head: Uint8Array): boolean {
  return JSON_BEGINNINGS.includes(head[0] ?? 0) && head.length > 1 && head[1] !== 0;
}

function isGzip(head: Uint8Array): boolean {
  if (head.length === 1) return head[0] === GZIP_MAGIC[0];
  return GZIP_MAGIC.filter((byte, index) => head[index] === byte).length >= 2;
}

function isUtf16WithoutMark(head: Uint8Array): boolean {
  const zeros = Array.from(head.subarray(0, 4), (byte) => (byte === 0 ? '0' : 'x')).join('');
  return zeros === 'x0x0' || zeros === '0x0x';
}
