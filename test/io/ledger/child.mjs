// A second process that uses a ledger. It is given the compiled program's folder and the ledger's folder, and what to do:
// `hold` keeps the ledger open; `write` records groups of ids until it is killed, saying which are written.
import { pathToFileURL } from 'node:url';

const [, , compiled, folder, act] = process.argv;
const { openLedger } = await import(pathToFileURL(`${compiled}/io/ledger/open.js`).href);
const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};
const { ledger } = await openLedger({
  folder,
  destination: { target: 'didomi', address: 'https://api.didomi.io/v1', organization: 'acme' },
  idRule: 'didomi:id',
  create: true,
  run: {
    id: `child-${process.pid}`,
    pid: process.pid,
    host: 'importer-2',
    startedAt: 1_700_000_000_000,
    command: 'import b.jsonl',
  },
  clock,
});
const entry = (name, line) => ({
  key: ledger.hashOf(`${name}-${line}`),
  fingerprint: [line, 1],
  origin: { file: 'b.jsonl', line },
  time: Date.now(),
});

process.stdout.write('open\n');
if (act === 'hold') setInterval(() => undefined, 1000);
else {
  const start = ledger.size;
  for (let group = 0; ; group++) {
    const lines = Array.from({ length: 20 }, (_, index) => start + group * 20 + index);
    const kind = group % 3 === 0 ? 'doubt' : 'sure';
    const entries = lines.map((line) => entry(kind, line));
    await (kind === 'doubt' ? ledger.recordIntents(entries) : ledger.recordDelivered(entries));
    process.stdout.write(`${kind} ${lines[0]}\n`);
  }
}
