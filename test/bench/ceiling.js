// What the sink and HTTP alone allow: the same 23 KB, ready made, posted 10 at a time. Usage: node ceiling.js <requests> <address>
import { openPost } from './post.js';

const [requests, address] = [Number(process.argv[2]), process.argv[3]];
const BODY = Buffer.alloc(23_400, ' ');
const startedAt = performance.now();
const post = openPost(address, 10);
for (let request = 0; request < requests; request += 1) await post.post(BODY);
await post.end();
const events = { delivered: requests * 100 };
process.stdout.write(`${JSON.stringify({ exitCode: 0, events, durationMs: performance.now() - startedAt })}\n`);
