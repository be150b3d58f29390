import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALL } from './crash/extent.js';
import { event, events } from './events.js';
import { arrived, Place, sandbox } from './harness.js';

type Damage = (path: string) => void;

function flipped(where: (size: number) => number): Damage {
  return (path) => {
    const bytes = readFileSync(path);
    const at = Math.min(bytes.length - 1, where(bytes.length));
    bytes[at] = bytes[at]! ^ 0x04;
    writeFileSync(path, bytes);
  };
}

const DAMAGES: readonly (readonly [string, Damage])[] = [
  ['a flipped bit at its start', flipped(() => 0)],
  ['a flipped bit in the middle', flipped((size) => size >> 1)],
  ['a flipped bit at its end', flipped((size) => size - 1)],
  ['its second half cut off', (path) => truncateSync(path, statSync(path).size >> 1)],
  ['its last byte cut off', (path) => truncateSync(path, Math.max(0, statSync(path).size - 1))],
  ['nothing in it', (path) => truncateSync(path, 0)],
  ['no such file any more', (path) => rmSync(path)],
];

const WHAT_TO_DO =
  ' is damaged: .+\\. Without it, events that were delivered would be sent again\\. Put back a copy of the folder, or restore an export \\(ledger restore\\), or repair it \\(ledger repair\\), which forgets what can no longer be read\\. To repair it:';

describe('a ledger of which one file is not what was written', () => {
  it('is refused with exit 10 and what to do, or is as good as before: nothing is ever sent again without a word', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('events.jsonl', events(400));
    place.write('more.jsonl', [event(1_001)]);
    // Two runs: the first one's ids stand in a table then, the second one's in a log.
    await place.import(server.url, ['events.jsonl', '--ledger', 'whole', '--max-events-per-day', '9999']);
    await place.import(server.url, ['more.jsonl', '--ledger', 'whole', '--max-events-per-day', '9999']);
    const files = filesBelow(join(place.cwd, 'whole'));
    const outcomes = new Map<string, Set<number | undefined>>();
    for (const [i, file] of files.entries()) {
      for (const [j, [what, damage]] of DAMAGES.entries()) {
        // Of fewer, two for each file, so that each kind of file has several.
        if (!ALL && (i + j) % 4 !== 0) continue;
        const message = `${file}: ${what}`;
        rmSync(join(place.cwd, 'l'), { recursive: true, force: true });
        cpSync(join(place.cwd, 'whole'), join(place.cwd, 'l'), { recursive: true });
        if (statSync(join(place.cwd, 'l', file)).size === 0) continue;
        damage(join(place.cwd, 'l', file));

        const run = await place.import(server.url, ['events.jsonl', 'more.jsonl', '--no-skip', '--ledger', 'l']);

        expect(server.stats().events, message).toMatchObject({ accepted: 401, resent: 0 });
        if (run.exitCode === 10) {
          expect(run.said[0], message).toMatch(new RegExp(`^error\\[ledger_damaged\\]: The ledger \\S+${WHAT_TO_DO}$`));
          expect(run.summary, message).toMatchObject({ reason: 'storage', events: { read: 0 } });
        } else {
          expect([run.exitCode, run.said], message).toEqual([0, []]);
          expect(run.summary.events, message).toMatchObject({ read: 401, duplicate: 401 });
        }
        const kind = file.replace(/^.*\//, '').replace(/\d+/g, 'N');
        outcomes.set(kind, (outcomes.get(kind) ?? new Set()).add(run.exitCode));
      }
    }
    // These hold what was delivered, or tell whether all of it is there.
    for (const kind of ['N.log', 'N.ldb', 'MANIFEST-N', 'CURRENT', 'ledger.json', 'head']) {
      expect({ kind, refused: outcomes.get(kind)?.has(10) }).toEqual({ kind, refused: true });
    }
    expect(arrived(server)).toHaveLength(401);
  }, 300_000);
});

/** Below a folder, as paths from there. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
}
