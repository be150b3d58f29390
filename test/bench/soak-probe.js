// Loaded into an import that lasts (node --import): looks at its memory without changing it. SOAK_PROBE says where to and
// when: {"folder":"…","everyMs":60000,"snapshotsAtMs":[360000,3240000]}
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { getHeapStatistics, writeHeapSnapshot } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const { folder, everyMs, snapshotsAtMs } = JSON.parse(process.env.SOAK_PROBE);
  const note = (name, more) => {
    const { rss, external, arrayBuffers } = process.memoryUsage();
    const heapUsed = getHeapStatistics().used_heap_size;
    const sample = { atMs: performance.now(), rss, heapUsed, external, arrayBuffers, ...more };
    appendFileSync(join(folder, name), `${JSON.stringify(sample)}\n`);
  };
  setInterval(() => note('samples.jsonl'), everyMs).unref();
  for (const [i, atMs] of snapshotsAtMs.entries()) {
    setTimeout(() => {
      const file = writeHeapSnapshot(join(folder, `${i}.heapsnapshot`));
      // It begins with a collection: what is used now is used indeed.
      note('collected.jsonl', { file });
    }, atMs).unref();
  }
}
