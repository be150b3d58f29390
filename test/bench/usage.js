// Loaded into a measured process (node --import): tells what it used when it ends, on file descriptor 3.
import { readFileSync, writeSync } from 'node:fs';

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeSync(
    3,
    JSON.stringify({ cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, rssMiB: (peakKiB() ?? maxRSS) / 1024 }),
  );
});

/** Where the system tells it: `maxRSS` would also count what the starting process held when this one was forked off. */
function peakKiB() {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? Number.NaN) || undefined;
  } catch {
    return undefined;
  }
}
