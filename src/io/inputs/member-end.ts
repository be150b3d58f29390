/**
 * How many stored bytes `endsLikeAMember` should see. Deflate data that went wrong stumbles on until it meets an end
 * mark by chance; one has at most 15 bits, so hardly ever for longer than ten times 2^15 symbols of at most 15 bits.
 */
export const TAIL_BYTES = 1024 * 1024;

/** How far a wrong decoding's size may lie from the true one. */
const SIZE_TOLERANCE = 16 * 1024 * 1024;

/**
 * One flipped bit can make deflate data run past its own end and to the end of the input, with altered bytes all the
 * way. That looks like an input that was cut off, but it isn't: the member's trailer was there, and was read as data.
 * Tells whether the tail has such a trailer: a size (the last four bytes, RFC 1952) near the size that was decoded, in
 * front of zero padding or of another member's header. Of inputs that were really cut off, under 1 % look so by chance;
 * less of them is imported, but nothing altered.
 *
 * @param tail the input's last bytes, at most back to where the deflate data began
 * @param decodedSize bytes decoded from the member
 */
export function endsLikeAMember(tail: Uint8Array, decodedSize: number): boolean {
  let zeros = 0;
  while (zeros < 4 && tail[tail.length - 1 - zeros] === 0) zeros++;
  if (zeros === 4) return true;

  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let padding = 0; padding <= zeros && tail.length >= padding + 4; padding++) {
    const size = view.getUint32(tail.length - padding - 4, true);
    const distance = (size - decodedSize) >>> 0;
    if (Math.min(distance, 2 ** 32 - distance) <= SIZE_TOLERANCE) return true;
  }
  return hasHeader(tail);
}

/** Finds what only a gzip header looks like: magic, method, flags, extra flags and system, ten bytes in all. */
function hasHeader(tail: Uint8Array): boolean {
  for (let at = tail.indexOf(0x1f); at !== -1; at = tail.indexOf(0x1f, at + 1)) {
    if (tail[at + 1] !== 0x8b || tail[at + 2] !== 8 || at + 10 > tail.length) continue;
    const [flags, extra, system] = [tail[at + 3]!, tail[at + 8]!, tail[at + 9]!];
    if (flags < 0x20 && (extra === 0 || extra === 2 || extra === 4) && (system <= 13 || system === 255)) return true;
  }
  return false;
}
