// The floor: the same bytes through gunzip, split and parse only, nothing checked and nothing sent.
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

const chunks = createReadStream(process.argv[2], { highWaterMark: 256 * 1024 }).pipe(
  createGunzip({ chunkSize: 256 * 1024 }),
);
let rest = Buffer.alloc(0);
let count = 0;
for await (const chunk of chunks) {
  const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
  let from = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
    if (typeof JSON.parse(bytes.latin1Slice(from, end)) === 'object') count += 1;
    from = end + 1;
  }
  rest = bytes.subarray(from);
}
process.stdout.write(`${JSON.stringify({ events: { read: count } })}\n`);
