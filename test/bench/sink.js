// A server that takes everything: a process of its own, so that its work does not count as the importer's.
// Usage: node sink.js '{"latencyMs":20,"share429":0,"share503":0,"perMinute":0}'
import { createServer } from 'node:http';

const { latencyMs = 0, share429 = 0, share503 = 0, perMinute = 0 } = JSON.parse(process.argv[2] ?? '{}');
const stats = { requests: 0, accepted: 0, throttled: 0, failed: 0, mostInFlight: 0, firstAt: 0, lastAt: 0, levels: [] };
let inFlight = 0;
/** Arrival times within the last minute, for the hard limit. */
const arrivals = [];

function answerOf() {
  const now = Date.now();
  if (perMinute > 0) {
    while (arrivals.length > 0 && arrivals[0] <= now - 60_000) arrivals.shift();
    if (arrivals.length >= perMinute) return 429;
    arrivals.push(now);
  }
  const chance = Math.random();
  if (chance < share429) return 429;
  return chance < share429 + share503 ? 503 : 200;
}

const server = createServer((request, response) => {
  if (request.url === '/stats') {
    response.end(JSON.stringify(stats));
    return;
  }
  const isSession = request.url.includes('/sessions');
  const status = isSession ? 200 : answerOf();
  if (!isSession) {
    inFlight += 1;
    stats.requests += 1;
    stats.mostInFlight = Math.max(stats.mostInFlight, inFlight);
    stats.firstAt ||= Date.now();
    stats.levels.push([Date.now() - stats.firstAt, inFlight]);
    if (stats.levels.length > 5_000) stats.levels.pop();
    if (status === 200) stats.accepted += 1;
    if (status === 429) stats.throttled += 1;
    if (status === 503) stats.failed += 1;
  }
  request.resume().on('end', () => {
    const end = () => {
      if (!isSession) inFlight -= 1;
      stats.lastAt = Date.now();
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(status === 429 ? { 'retry-after': '1' } : {}),
      });
      response.end(isSession ? '{"access_token":"token"}' : '[]');
    };
    if (latencyMs > 0 && !isSession) setTimeout(end, latencyMs);
    else end();
  });
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port));
process.on('disconnect', () => process.exit());
