import { crc32, deflateRawSync, type ZlibOptions } from 'node:zlib';
import fc from 'fast-check';

export interface Parts {
  readonly extra?: Uint8Array;
  readonly name?: string;
  readonly comment?: string;
  readonly headerCrc?: boolean;
  readonly deflate?: ZlibOptions;
}

/** One gzip member with any header (RFC 1952). */
export function member(content: Uint8Array | string, parts: Parts = {}): Buffer {
  const bytes = Buffer.from(content);
  const flags =
    (parts.headerCrc ? 2 : 0) |
    (parts.extra ? 4 : 0) |
    (parts.name === undefined ? 0 : 8) |
    (parts.comment === undefined ? 0 : 16);
  const header = [Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3])];
  if (parts.extra)
    header.push(Buffer.from([parts.extra.length & 255, parts.extra.length >> 8]), Buffer.from(parts.extra));
  for (const text of [parts.name, parts.comment])
    if (text !== undefined) header.push(Buffer.from(`${text}\0`, 'latin1'));
  if (parts.headerCrc) {
    const crc = crc32(Buffer.concat(header)) & 0xffff;
    header.push(Buffer.from([crc & 255, crc >> 8]));
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(bytes), 0);
  trailer.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([...header, deflateRawSync(bytes, parts.deflate), trailer]);
}

/** `count` lines of JSON that don't repeat, so that deflate has something to do. */
export function lines(count: number, from = 0): string {
  return Array.from({ length: count }, (_, index) => {
    const n = from + index;
    return `{"id":"${((n * 2654435761) % 2 ** 32).toString(16)}","user":{"organization_user_id":"u${n * 7919}"},"n":${n}}\n`;
  }).join('');
}

const headerText = fc.string({ unit: fc.constantFrom('a', 'b', '.', 'é', ' '), maxLength: 12 });

/** Any header and any way of deflating. */
export const anyParts: fc.Arbitrary<Parts> = fc.record(
  {
    extra: fc.uint8Array({ maxLength: 40 }),
    name: headerText,
    comment: headerText,
    headerCrc: fc.boolean(),
    deflate: fc.record({ level: fc.integer({ min: 0, max: 9 }), strategy: fc.constantFrom(0, 2, 3, 4) }),
  },
  { requiredKeys: [] },
);

/** Bytes that look like lines as often as not, and repeat. */
export const anyContent: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof(
      fc.constant('\n'),
      fc.string(),
      fc.constant('{"id":"x"}\n'),
      fc.integer({ min: 1, max: 3000 }).map((n) => lines(n % 60, n)),
    ),
    {
      maxLength: 8,
    },
  )
  .map((texts) => Buffer.from(texts.join('')));
