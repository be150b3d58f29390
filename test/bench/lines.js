import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

const LINE_FEED = 10;

/**
 * Calls back with every line of a gzip file: where it stands in which bytes. A promise that comes back is waited for.
 * @param {string} file
 * @param {(bytes: Buffer, from: number, end: number) => Promise<void> | undefined} onLine
 */
export async function eachLine(file, onLine) {
  const chunks = createReadStream(file, { highWaterMark: 256 * 1024 }).pipe(createGunzip({ chunkSize: 256 * 1024 }));
  /** The beginning of a line whose end has not come yet. */
  let partial = [];
  for await (const chunk of chunks) {
    if (!chunk.includes(LINE_FEED)) {
      partial.push(chunk);
      continue;
    }
    const bytes = partial.length === 0 ? chunk : Buffer.concat([...partial, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      const wait = onLine(bytes, from, end);
      if (wait !== undefined) await wait;
      from = end + 1;
    }
    partial = from === bytes.length ? [] : [bytes.subarray(from)];
  }
}
