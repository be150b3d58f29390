import { expect, it } from 'vitest';
import { temporaryFolder, withLedger } from './fixture.js';
import { startSecondProcess } from './second-process.js';

it('holds after kill -9 everything that was recorded, again and again', async () => {
  const folder = await temporaryFolder();
  const written: string[] = [];
  for (const groups of [1, 30, 200, 7]) {
    const writer = startSecondProcess(folder, 'write');
    await writer.hasSaid(1 + groups);
    await writer.kill();
    written.push(...writer.said.slice(1));
    await withLedger(folder, async (ledger) => {
      for (const line of written) {
        const [kind, first] = line.split(' ') as [string, string];
        const ids = Array.from({ length: 20 }, (_, index) => `${kind}-${Number(first) + index}`);
        const records = await ledger.lookup(ids.map((id) => ledger.hashOf(id)));
        const state = kind === 'doubt' ? 'inDoubt' : 'delivered';
        expect(records.map((record) => record?.state)).toEqual(ids.map(() => state));
        expect(records[3]?.origin).toEqual({ file: 'b.jsonl', line: Number(first) + 3 });
      }
      // What it was writing when it was killed may be there too, but only as a whole group.
      expect(ledger.size % 20).toBe(0);
      expect(ledger.size - written.length * 20).toBeLessThanOrEqual(20 * 4);
    });
  }
});
