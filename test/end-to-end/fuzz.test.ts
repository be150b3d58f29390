import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Input } from '../../src/core/input.js';
import type { FileAccount } from '../../src/core/run.js';
import { FileInput } from '../../src/io/inputs/file-input.js';
import { recogniseFormat } from '../../src/io/inputs/signature.js';
import { memoryInput } from '../fakes/memory-input.js';
import { eventLine, World } from '../fakes/world.js';
import { NEVER, readAll } from '../io/inputs/collect.js';
import { arrived, expectBalanced, Place, sandbox } from './harness.js';

/** More runs than a slice: `FUZZ_RUNS=20000 npx vitest run test/end-to-end/fuzz`. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 150);

const generator = new URL('../../fixtures/kinds/generate.js', import.meta.url);
const { kinds } = (await import(generator.href)) as { kinds(): Record<string, Buffer> };
const GOOD = new Set(kinds()['plain.jsonl']!.toString().trimEnd().split('\n'));
const COMPRESSED = Object.keys(kinds()).filter((name) => /\.(?:gz|zip)$|\.xlsx|wrong-name/.test(name));
const TEXTS = Object.keys(kinds()).filter((name) => !COMPRESSED.includes(name));
const idOf = (line: string): string => (JSON.parse(line) as { id: string }).id;

const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Changes some bytes, takes some out, doubles some, or cuts the end off. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  kind: fc.constantFrom('set', 'flip', 'drop', 'double', 'cut'),
  length: fc.integer({ min: 1, max: 40 }),
  byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('\n\r[]{}",\\:0 \0'))),
});
const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function mutated(bytes: Buffer, changes: readonly Mutation[]): Buffer {
  let result = Buffer.from(bytes);
  for (const { at, kind, length, byte } of changes) {
    const start = Math.floor(at * result.length);
    const end = Math.min(result.length, start + length);
    const piece = result.subarray(start, end);
    if (kind === 'set' && start < result.length) result[start] = byte;
    else if (kind === 'flip' && start < result.length) result[start] = result[start]! ^ (1 << (byte & 7));
    else if (kind === 'drop') result = Buffer.concat([result.subarray(0, start), result.subarray(end)]);
    else if (kind === 'double') result = Buffer.concat([result.subarray(0, end), piece, result.subarray(end)]);
    else if (kind === 'cut') result = result.subarray(0, start);
  }
  return result;
}

/** Imports one file; its accounts balance, or this throws. The file is read first: the clock is virtual, the disk is not. */
async function importFile(bytes: Buffer): Promise<{ world: World; file: FileAccount }> {
  const path = join(folder, 'input');
  writeFileSync(path, bytes);
  const source = new FileInput({ path, size: bytes.length });
  const inspection = await source.inspect(NEVER);
  const { chunks, error } = await readAll(source);
  const input: Input = {
    info: source.info,
    inspect: async () => inspection,
    sha256: () => source.sha256(),
    async *read() {
      yield* chunks;
      if (error !== undefined) throw error;
    },
  };
  const world = new World();
  const result = await world.import([input]);
  expect(result.stop).toBeUndefined();
  return { world, file: result.tally.files[0]! };
}

describe('any damage', () => {
  it('to a compressed file lets nothing altered through', async () => {
    // The fake target keeps what it parsed.
    const parsed = new Map([...GOOD].map((line) => [idOf(line), JSON.stringify(JSON.parse(line))]));
    let damaged = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...COMPRESSED), mutations, async (name, changes) => {
        const bytes = mutated(kinds()[name]!, changes);
        const { world, file } = await importFile(bytes);
        for (const id of world.didomi.taken) expect(world.didomi.bytes.get(id)).toBe(parsed.get(id));
        // Every record that left is one of those that went in, byte for byte, wherever a check vouches for it.
        const isTold = recogniseFormat(bytes).kind !== 'plain';
        for (const { text } of isTold && file.damage === undefined ? world.rejects.records : []) {
          expect(GOOD).toContain(text);
        }
        if (file.damage !== undefined) damaged += 1;
      }),
      { numRuns: RUNS },
    );
    expect(damaged).toBeGreaterThan(RUNS / 4);
  });

  it('to a text is met: no crash, no hang, and the accounts balance', async () => {
    let delivered = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...TEXTS), mutations, async (name, changes) => {
        const { file } = await importFile(mutated(kinds()[name]!, changes));
        delivered += file.delivered;
      }),
      { numRuns: RUNS },
    );
    expect(delivered).toBeGreaterThan(RUNS / 4);
  });

  it('to JSON lines costs no record but those that it touches', async () => {
    const plain = kinds()['plain.jsonl']!;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          mutation.filter(({ kind }) => kind === 'set' || kind === 'flip'),
          { minLength: 1, maxLength: 3 },
        ),
        async (changes) => {
          const bytes = mutated(plain, changes);
          const { world, file } = await importFile(bytes);
          const lines = bytes.toString('latin1').split('\n');
          const intact = lines.filter((line) => GOOD.has(line)).map(idOf);
          if (file.damage !== undefined) {
            // Only its first bytes can make it something else; or a first line that opens an array, with another bad one behind it.
            const isForeign = recogniseFormat(bytes).kind !== 'plain';
            const bad = lines.slice(0, 3).filter((line) => !GOOD.has(line)).length;
            expect(isForeign || (!GOOD.has(lines[0]!) && bad > 1)).toBe(true);
            return;
          }
          for (const id of intact) {
            const conflicts = world.rejects.records.some(({ reason }) => reason === 'conflicting_duplicate');
            if (!conflicts) expect(world.didomi.taken).toContain(id);
          }
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe('any text that is nearly JSON lines', () => {
  const first = eventLine('first', 'first');
  const good = fc.integer({ min: 1, max: 9_999 }).map((n) => eventLine(`e${n}`, `p${n % 5}`));
  const bad = fc.oneof(
    fc.json().filter((text) => !text.includes('\n')),
    fc.string().filter((text) => !text.includes('\n')),
    good.chain((line) => fc.nat({ max: line.length }).map((cut) => line.slice(0, cut))),
    good.map((line) => `${line}${line}`),
    good.map((line) => `[${line}]`),
    fc.constantFrom(
      '',
      ' ',
      '\t',
      '\0',
      '{',
      '}',
      '[',
      ']',
      '"',
      '\ufeff',
      '\\',
      '{"__proto__":1}',
      '{"id":1e999}',
      '\ud800',
      'null',
    ),
  );
  const line = fc.oneof(
    good.map((text) => ({ text, isGood: true })),
    bad.map((text) => ({ text, isGood: false })),
  );
  const lineEnd = fc.constantFrom('\n', '\r\n', ' \n', '\n\n');

  it('gives its good lines, in order, and rejects the others', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(line, lineEnd), { maxLength: 30 }),
        fc.integer({ min: 1, max: 300 }),
        async (parts, chunkBytes) => {
          const text = `${first}\n${parts.map(([{ text: one }, end]) => `${one}${end}`).join('')}`;
          const world = new World();
          const result = await world.import([memoryInput('a.jsonl', Buffer.from(text), world.clock, { chunkBytes })]);
          expect(result.tally.files[0]!.damage).toBeUndefined();
          const ids = parts.filter(([{ isGood }]) => isGood).map(([{ text: one }]) => idOf(one));
          for (const id of ids) expect(world.didomi.taken).toContain(id);
          const lines = text.split('\n').filter((one) => one.replace(/^\ufeff/, '').replace(/[ \t\r]/g, '') !== '');
          expect(result.tally.events.read).toBe(lines.length);
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe('the program', () => {
  const FILES = Math.min(400, Math.max(120, Math.floor(RUNS / 20)));
  const sample = (names: readonly string[]) =>
    fc.sample(fc.tuple(fc.constantFrom(...names), mutations), {
      numRuns: FILES,
      ...(RUNS > 150 ? {} : { seed: 20_260 }),
    });

  /** With and without worker threads that decode; of few runs, one of them. */
  const threads = (one: number): readonly number[] => (RUNS > 150 ? [0, 2] : [one]);

  /** Imports a folder of files; its accounts balance, and it takes no more memory than with sound files. */
  async function importAll(files: ReadonlyMap<string, Buffer>, decoders: number) {
    const place = new Place();
    const server = await sandbox();
    for (const [name, bytes] of files) place.write(`in/${name}`, bytes);
    const running = place.startImport(server.url, ['in', '--max-rejects', 'none', '--threads', `${decoders}`]);
    const memory = watchMemory(running.process.pid!);
    const run = await running.ended;
    expect(memory.mostMiB()).toBeLessThan(350);
    expect(run.stderr).not.toContain('error[bug]');
    expect([0, 1, 3]).toContain(run.exitCode);
    expect(run.summary.files).toHaveLength(files.size);
    expectBalanced(run.summary);
    return { place, run, arrived: arrived(server) };
  }

  it.each(threads(2))(
    'with %d threads lets nothing altered through from a folder of damaged archives and gzip files',
    async (decoders) => {
      const files = new Map(
        sample(COMPRESSED).map(
          ([name, changes], i) => [`${i}-${name}.json`, mutated(kinds()[name]!, changes)] as const,
        ),
      );
      // Where the first bytes are spoilt it is a text like any other, in which nothing vouches for anything.
      for (const [name, bytes] of files) if (recogniseFormat(bytes).kind === 'plain') files.delete(name);

      const { run, arrived: events } = await importAll(files, decoders);

      expect(run.exitCode).toBe(3);
      expect(events.length).toBeGreaterThan(0);
      for (const event of events) expect(GOOD).toContain(event);
    },
  );

  it.each(threads(0))('with %d threads reads a folder of damaged texts of every kind to its end', async (decoders) => {
    const files = new Map(
      sample(TEXTS).map(([name, changes], i) => [
        `${i}-${name.replace('.rejects', '')}.json`,
        mutated(kinds()[name]!, changes),
      ]),
    );
    await importAll(files, decoders);
  });

  it.each(threads(2))(
    'with %d threads delivers every intact line of a folder of damaged JSON lines, byte for byte',
    async (decoders) => {
      const originals = new Map<string, readonly string[]>();
      const files = new Map<string, Buffer>();
      for (const [i, [, changes]] of sample(['plain.jsonl']).entries()) {
        // Ids of its own, and enough lines that no file is refused as a whole.
        const lines = [...GOOD].map((line) => line.replace('"id":"0000', `"id":"f${i}-`));
        originals.set(`in/${i}.jsonl`, lines);
        files.set(`${i}.jsonl`, mutated(Buffer.from(`${lines.join('\n')}\n`), changes));
      }

      const { place, run, arrived: events } = await importAll(files, decoders);

      const delivered = new Set(events);
      const conflicts = new Set(
        run.summary.rejectedByReason['conflicting_duplicate'] === undefined
          ? []
          : place
              .rejects()
              .flatMap(({ rejected }) => (rejected.reason === 'conflicting_duplicate' ? [rejected.file] : [])),
      );
      let intact = 0;
      for (const file of run.summary.files) {
        if (file.state === 'unreadable' || conflicts.has(file.path)) continue;
        const lines = new Set(files.get(file.path.slice(3))!.toString('latin1').split('\n'));
        for (const line of originals.get(file.path)!) {
          if (!lines.has(line)) continue;
          intact += 1;
          expect(delivered).toContain(line);
        }
      }
      expect(intact).toBeGreaterThan(FILES * 2);
    },
  );
});

/** The most memory that a process had resident so far; 0 where the system does not tell. */
function watchMemory(pid: number): { mostMiB(): number } {
  let most = 0;
  const look = (): void => {
    try {
      const [, kiB = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      most = Math.max(most, Number(kiB) / 1024);
    } catch {
      clearInterval(timer);
    }
  };
  const timer = setInterval(look, 50);
  return { mostMiB: () => most };
}
