import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { event, oddEvents, personIn } from './events.js';
import { arrived, counts, type Ended, expectBalanced, Place, sandbox } from './harness.js';

const KINDS = fileURLToPath(new URL('../../fixtures/kinds/', import.meta.url));
const kinds = readdirSync(KINDS).filter(
  (name) => /\.(jsonl|json|gz|zip|csv|html)$/.test(name) && name !== 'settings.json',
);

/** What a run found out and wrote, without what is different each time. */
function told({ summary, said, exitCode }: Ended, place: Place, rejects: string): unknown {
  const { run, startedAt, finishedAt, durationMs, settings, ...rest } = summary;
  const plain = (text: string): string => text.replaceAll(run, 'RUN').replaceAll(rejects, 'rejects');
  return {
    exitCode,
    rest: JSON.parse(plain(JSON.stringify(rest))),
    said: said.map(plain),
    rejects: place.exists(rejects) ? plain(place.read(rejects)) : undefined,
  };
}

async function validate(place: Place, files: readonly string[], threads: number, ...flags: string[]): Promise<unknown> {
  const rejects = `rejects-${threads}`;
  const args = [
    '--target',
    'didomi',
    '--threads',
    `${threads}`,
    '--max-rejects',
    'none',
    '--rejects',
    rejects,
    '--json',
  ];
  return told(await place.run(['validate', ...files, ...args, ...flags]), place, rejects);
}

describe('worker threads', () => {
  it.each([[[]], [['--unwrap']], [['--strict']]])(
    'find out of every kind of file what the main thread finds out, with %j',
    async (flags) => {
      const place = new Place();
      const files = kinds.map((name) => join(KINDS, name));
      const alone = await validate(place, files, 0, ...flags);
      expect(await validate(place, files, 3, ...flags)).toEqual(alone);
    },
    60_000,
  );

  it('keep line numbers and the order of rejects over many blocks, with a schema of the user and repeats', async () => {
    const place = new Place();
    const odd = oddEvents(9_000, 500);
    const lines = odd.flatMap((line, i) => {
      if (i % 700 === 3) return [line.slice(0, -1)];
      if (i % 900 === 5) return ['', line, odd[i - 4]!];
      return [i % 1_100 === 7 ? line.replace('"enabled":true', '"enabled":"yes"') : line];
    });
    place.write('a.jsonl.gz', gzipSync(lines.map((line) => `${line}\n`).join('')));
    const elements = odd.slice(0, 4_000).map((line, i) => (i % 500 === 9 ? `${line.slice(0, -1)},}` : line));
    place.write('b.json', `[${elements.join(',\n')}]`);
    place.write('schema.json', JSON.stringify({ properties: { metadata: { properties: { n: { maximum: 8_990 } } } } }));
    const files = ['a.jsonl.gz', 'b.json'];
    const alone = await validate(place, files, 0, '--schema', 'schema.json');
    expect(alone).toMatchObject({ exitCode: 1, rest: { rejectedByReason: { invalid_json: 21 } } });
    expect(await validate(place, files, 2, '--schema', 'schema.json')).toEqual(alone);
  }, 60_000);

  it('deliver the bytes of each event once, and those of a person in the order of the file', async () => {
    const place = new Place();
    const server = await sandbox();
    const lines = oddEvents(12_000, 300);
    place.write('a.jsonl', lines);
    const { summary, exitCode } = await place.import(server.url, ['a.jsonl', '--threads', '2']);
    expect(exitCode).toBe(0);
    expect(summary.events).toEqual(counts({ read: 12_000, delivered: 12_000 }));
    // Stable, so that those of one person stay in their order.
    const byPerson = (all: readonly string[]): string[] =>
      all.toSorted((a, b) => (personIn(a) < personIn(b) ? -1 : personIn(a) > personIn(b) ? 1 : 0));
    expect(byPerson(arrived(server))).toEqual(byPerson(lines));
  }, 60_000);

  it.each([
    ['begins', 0],
    ['works', 20],
  ])(
    'end the run as a bug when one fails as it %s, and the accounts balance',
    async (_, made) => {
      const place = new Place();
      place.write(
        'a.jsonl',
        Array.from({ length: 40_000 }, (_, i) => event(i + 1)),
      );
      const planted = place.write(
        'planted.mjs',
        `import { isMainThread } from 'node:worker_threads';
       let made = 0;
       const Real = Uint16Array;
       const planted = function (...args) {
         if (++made > ${made}) throw new RangeError('planted');
         return new Real(...args);
       };
       if (!isMainThread) globalThis.Uint16Array = planted;`,
      );
      const { exitCode, summary } = await place.run(
        ['validate', 'a.jsonl', '--target', 'didomi', '--threads', '2', '--json'],
        { env: { NODE_OPTIONS: `--import ${join(place.cwd, planted)}` } },
      );
      expect({ exitCode, reason: summary.reason, complete: summary.complete }).toEqual({
        ...{ exitCode: 70, reason: 'bug', complete: false },
      });
      expectBalanced(summary);
    },
    60_000,
  );
});
