// The floor: the same bytes through gunzip, split and parse only, nothing checked and nothing sent.
import { eachLine } from './lines.js';

let read = 0;
await eachLine(process.argv[2], (bytes, from, end) => {
  if (typeof JSON.parse(bytes.latin1Slice(from, end)) === 'object') read += 1;
});
process.stdout.write(`${JSON.stringify({ events: { read } })}\n`);
