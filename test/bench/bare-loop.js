// What one writes in an afternoon: gunzip, split, JSON.parse, the schema, ids in a Set, batches of 100 posted 10 at a time.
// No ledger, no order, no retries, no accounts, no input check. Usage: node bare-loop.js <file> <address>
import { setImmediate } from 'node:timers/promises';
import { DIDOMI_SCHEMA } from '../../dist/targets/didomi/schema.js';
import { compileSchema } from '../../dist/targets/json-schema.js';
import { eachLine } from './lines.js';
import { openPost } from './post.js';

const [file, address] = process.argv.slice(2);
const BATCH = 100;
const startedAt = performance.now();
const check = compileSchema(DIDOMI_SCHEMA);
const post = openPost(address, 10);
const seen = new Set();
const [OPEN, COMMA, CLOSE] = ['[', ',', ']'].map((text) => Buffer.from(text));
let batch = [];
let read = 0;

await eachLine(file, (bytes, from, end) => {
  read += 1;
  const event = JSON.parse(bytes.latin1Slice(from, end));
  if (check(event, end - from) !== undefined || seen.has(event.id)) return undefined;
  seen.add(event.id);
  batch.push(bytes.subarray(from, end));
  if (batch.length < BATCH) return undefined;
  // Answers are heard between two batches: else their slots stay empty while a chunk is parsed.
  return send() ?? setImmediate();
});
if (batch.length > 0) await send();
await post.end();
const events = { read, delivered: seen.size };
process.stdout.write(`${JSON.stringify({ exitCode: 0, events, durationMs: performance.now() - startedAt })}\n`);

function send() {
  const parts = batch.flatMap((line, i) => [i === 0 ? OPEN : COMMA, line]);
  batch = [];
  return post.post(Buffer.concat([...parts, CLOSE]));
}
