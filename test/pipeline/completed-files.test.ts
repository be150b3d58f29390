import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileState } from '../../src/core/run.js';
import { MemoryFile } from '../fakes/memory-file.js';
import { memoryInput } from '../fakes/memory-input.js';
import { type Ran, RememberingWorld } from '../fakes/remembering-world.js';
import { eventLine, eventLines, type World } from '../fakes/world.js';

function states({ result }: Ran): FileState[] {
  return result.tally.files.map(({ state }) => state);
}

/** What the target is sent in a run. */
function sent({ world }: Ran): string[] {
  return world.didomi.eventCalls.flatMap(({ events }) => events.map(({ id }) => id));
}

async function rememberedIn(worlds: RememberingWorld): Promise<string[]> {
  const ledger = await worlds.open('look');
  return (await ledger.files.completedFiles()).map(({ sha256 }) => sha256).sort();
}

describe('a file that was completed', () => {
  it('is neither read nor hashed when the file system says that it is as it was; its records count as duplicates', async () => {
    const worlds = new RememberingWorld();
    const file = new MemoryFile('a.jsonl', eventLines(300));
    const first = await worlds.import([file]);
    const second = await worlds.import([file]);

    expect(states(first)).toEqual(['complete']);
    expect(states(second)).toEqual(['skipped']);
    expect([file.reads, file.hashes]).toEqual([1, 0]);
    expect(second.result.complete).toBe(true);
    expect(second.result.tally.events).toMatchObject({ read: 300, delivered: 0, duplicate: 300 });
    expect(second.result.tally.duplicates).toEqual({ ledger: 300, input: 0, target: 0 });
    expect(second.result.tally.files[0]).toMatchObject({ sha256: file.sha256, read: 300, duplicate: 300 });
    expect(second.world.didomi.calls).toEqual([]);
  });

  it('is hashed, and not read, when only its name or its times are new', async () => {
    const worlds = new RememberingWorld();
    const file = new MemoryFile('a.jsonl', eventLines(50));
    await worlds.import([file]);
    const copy = new MemoryFile('copy.jsonl', file.text);
    file.touch();
    const again = await worlds.import([file, copy]);

    expect(states(again)).toEqual(['skipped', 'skipped']);
    expect([file.reads, file.hashes, copy.reads, copy.hashes]).toEqual([1, 1, 0, 1]);
    expect(again.result.tally.events).toMatchObject({ read: 100, duplicate: 100 });
  });

  it('is read again when its content changed, even where its size did not', async () => {
    const worlds = new RememberingWorld();
    const file = new MemoryFile('a.jsonl', eventLines(10));
    await worlds.import([file]);
    file.write(file.text.replace('"e9"', '"f9"'));
    const changed = await worlds.import([file]);
    file.write(`${file.text}\n${eventLine('g', 'p')}`);
    const longer = await worlds.import([file]);

    expect([states(changed), sent(changed)]).toEqual([['complete'], ['f9']]);
    expect([states(longer), sent(longer)]).toEqual([['complete'], ['g']]);
    // A file of another size can't be the same, and is not hashed to find out.
    expect(file.hashes).toBe(1);
  });

  it('is read again with --no-skip, and with other settings', async () => {
    const worlds = new RememberingWorld();
    const file = new MemoryFile('a.jsonl', eventLines(10));
    await worlds.import([file]);
    const asked = await worlds.import([file], { skip: false });
    const other = await worlds.import([file], { fingerprint: 'others' });

    expect([states(asked), states(other), file.reads]).toEqual([['complete'], ['complete'], 3]);
    expect([...sent(asked), ...sent(other)]).toEqual([]);
    // Both were remembered in turn.
    expect(states(await worlds.import([file]))).toEqual(['skipped']);
    expect(states(await worlds.import([file], { fingerprint: 'others' }))).toEqual(['skipped']);
  });

  it('is skipped as often as it is named', async () => {
    const worlds = new RememberingWorld();
    const file = new MemoryFile('a.jsonl', eventLines(10));
    const twice = await worlds.import([file, file]);
    const again = await worlds.import([file, file]);

    expect([states(twice), file.reads]).toEqual([['complete', 'complete'], 2]);
    expect(twice.result.tally.duplicates).toEqual({ ledger: 0, input: 10, target: 0 });
    expect(states(again)).toEqual(['skipped', 'skipped']);
    expect(again.result.tally.duplicates).toEqual({ ledger: 20, input: 0, target: 0 });
  });

  it('in this run only is not called skipped', async () => {
    const worlds = new RememberingWorld();
    const file = new MemoryFile('a.jsonl', eventLines(10));
    const other = new MemoryFile('b.jsonl', [eventLine('x', 'p')]);
    const slow = other.input(worlds.clock, { waitMs: 60_000 });
    const run = await worlds.import([file, slow, file]);

    expect(states(run)).toEqual(['complete', 'complete', 'complete']);
    expect(run.result.tally.events).toMatchObject({ read: 21, delivered: 11, duplicate: 10 });
  });

  it('counts no more for how much is still to be read', async () => {
    const worlds = new RememberingWorld();
    const old = new MemoryFile('a.jsonl', eventLines(100));
    await worlds.import([old]);
    const fresh = new MemoryFile('b.jsonl', [eventLine('new', 'p')]);
    let total = (): number | undefined => undefined;
    const run = await worlds.import([old, fresh], {
      during: (running) => {
        total = () => running.progress().bytesTotal;
      },
    });

    expect(total()).toBe(run.result.tally.bytes.read);
    expect(total()).toBe(fresh.text.length);
  });

  it('may be empty', async () => {
    const worlds = new RememberingWorld();
    const file = new MemoryFile('a.jsonl', '');
    expect(states(await worlds.import([file]))).toEqual(['complete']);
    expect(states(await worlds.import([file]))).toEqual(['skipped']);
  });
});

describe('a file is not complete', () => {
  it.each([
    ['its own check rejected a record', '{"id":"x"}'],
    ['a record is no JSON', '{'],
    ['a record conflicts with another', eventLine('e1', 'other')],
  ])('when %s', async (_, line) => {
    const worlds = new RememberingWorld();
    const file = new MemoryFile('a.jsonl', [...eventLines(5), line]);
    const first = await worlds.import([file]);
    const second = await worlds.import([file]);

    expect([states(first), states(second)]).toEqual([['partial'], ['partial']]);
    // What was rejected is named again.
    expect(second.world.rejects.records.map(({ origin }) => origin.line)).toEqual([6]);
    expect(await rememberedIn(worlds)).toEqual([]);
  });

  it('when the target refused an event', async () => {
    const worlds = new RememberingWorld();
    const file = new MemoryFile('a.jsonl', eventLines(5));
    const first = await worlds.import([file], { fate: refusing('e3') });
    const second = await worlds.import([file]);

    expect(states(first)).toEqual(['partial']);
    expect([states(second), sent(second)]).toEqual([['complete'], ['e3']]);
  });

  it('when the run stopped before all was delivered', async () => {
    const worlds = new RememberingWorld();
    const file = new MemoryFile('a.jsonl', eventLines(50));
    const first = await worlds.import([file], { settings: { dispatch: { limit: 49 } } });
    const second = await worlds.import([file]);

    expect(states(first)).toEqual(['partial']);
    expect([states(second), sent(second)]).toEqual([['complete'], ['e49']]);
  });

  it('when it is damaged, although all that could be read was delivered', async () => {
    const worlds = new RememberingWorld();
    const file = new MemoryFile('a.jsonl', `${eventLines(5).join('\n')}\n`);
    const damage = { code: 'cut_off' as const, message: 'a.jsonl is cut off.' };
    const first = await worlds.import([file], { reading: { damage } });
    const second = await worlds.import([file]);

    expect([states(first), first.result.tally.events.delivered]).toEqual([['unreadable'], 5]);
    expect(await rememberedIn(worlds)).toEqual([file.sha256]);
    expect([states(second), sent(second)]).toEqual([['complete'], []]);
  });

  it('when the ledger could not be written', async () => {
    const worlds = new RememberingWorld();
    const file = new MemoryFile('a.jsonl', eventLines(5));
    const full = {
      before: ({ holds }: { holds: string }): void => {
        if (holds.includes('i')) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
    };
    const first = await worlds.import([file], { hooks: full });
    const second = await worlds.import([file]);

    expect(first.result.stop?.reason).toBe('storage');
    expect(first.result.tally.events.delivered).toBe(5);
    // The target was sent them twice, which on this one is harmless, and the ledger knows them now.
    expect([states(second), sent(second)]).toEqual([['complete'], ['e0', 'e1', 'e2', 'e3', 'e4']]);
    expect(await rememberedIn(worlds)).toEqual([file.sha256]);
  });

  it('when what says that it is could not be written, which ends the run', async () => {
    const worlds = new RememberingWorld();
    const file = new MemoryFile('a.jsonl', eventLines(5));
    const full = {
      before: ({ holds }: { holds: string }): void => {
        if (holds.includes('f')) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
    };
    const first = await worlds.import([file], { hooks: full });

    expect(first.result.stop?.reason).toBe('storage');
    expect(await rememberedIn(worlds)).toEqual([]);
  });

  it('when it can not be named again: standard input', async () => {
    const worlds = new RememberingWorld();
    const input = memoryInput('-', eventLines(5).join('\n'), worlds.clock);
    const { identity: _, ...nameless } = { identity: undefined, ...input };
    await worlds.import([nameless]);
    expect(await rememberedIn(worlds)).toEqual([]);
  });
});

describe('a file that holds a copy of an event that is in flight for another file', () => {
  const a = (): MemoryFile => new MemoryFile('a.jsonl', [eventLine('shared', 'p')]);
  const b = (): MemoryFile => new MemoryFile('b.jsonl', [eventLine('shared', 'p'), eventLine('own', 'q')]);
  /** A batch of its own for each event, so that B is read to its end while A's event is in flight. */
  const slow = { settings: { dispatch: { batch: { events: 1, bytes: 1e6 } } }, latencyMs: () => 60_000 };

  it('is not complete when that event is refused, and a re-run of it loses nothing', async () => {
    const worlds = new RememberingWorld();
    const [first, second] = [a(), b()];
    const run = await worlds.import([first, second], { ...slow, fate: refusing('shared') });
    expect(states(run)).toEqual(['partial', 'partial']);
    expect(run.result.tally.events).toMatchObject({ read: 3, delivered: 1, rejected: 2 });
    expect(await rememberedIn(worlds)).toEqual([]);

    const again = await worlds.import([second]);
    expect([states(again), sent(again)]).toEqual([['complete'], ['shared']]);
  });

  it('is not complete when that event stays undelivered', async () => {
    const worlds = new RememberingWorld();
    const [first, second] = [a(), b()];
    const run = await worlds.import([first, second], {
      ...slow,
      fate: ({ events }) => (events.some(({ id }) => id === 'shared') ? { failure: 'lost' } : undefined),
      during: (running) => void worlds.clock.after(130_000, () => running.interrupt('SIGTERM')),
    });
    expect(states(run)).toEqual(['partial', 'partial']);
    expect(await rememberedIn(worlds)).toEqual([]);
    expect(sent(await worlds.import([second]))).toEqual(['shared']);
  });

  it('is complete only after the ledger holds that event', async () => {
    const worlds = new RememberingWorld();
    const writes: string[] = [];
    const [first, second] = [a(), b()];
    const run = await worlds.import([first, second], {
      ...slow,
      hooks: { before: ({ kind, holds }) => void writes.push(`${kind} ${holds}`) },
    });
    expect(states(run)).toEqual(['complete', 'complete']);
    const holding = (prefix: string): number => writes.findIndex((write) => write.split(' ')[1]!.includes(prefix));
    expect(holding('i')).toBeGreaterThanOrEqual(0);
    expect(holding('f')).toBeGreaterThan(holding('i'));
    expect(writes[holding('f')]).toMatch(/^sync /);
    expect(await rememberedIn(worlds)).toEqual([first.sha256, second.sha256].sort());
  });
});

it('whatever happens, a file is remembered only when the ledger holds every id in it; and in the end all is delivered', async () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const file = fc.array(fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...ids) }, fc.constant('{"bad":1}')), {
    maxLength: 8,
  });
  const run = fc.record({
    order: fc.shuffledSubarray([0, 1, 2], { minLength: 1 }),
    refused: fc.subarray(ids, { maxLength: 2 }),
    failing: fc.nat(3),
    limit: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    killAfterMs: fc.option(fc.nat(200), { nil: undefined }),
    diskFailsAt: fc.option(fc.nat(12), { nil: undefined }),
    batch: fc.integer({ min: 1, max: 4 }),
    waitMs: fc.nat(30),
  });
  const seen = { skipped: 0, killed: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { minLength: 3, maxLength: 3 }),
      fc.array(run, { maxLength: 5 }),
      async (texts, runs) => {
        const worlds = new RememberingWorld();
        const files = texts.map(
          (lines, i) =>
            new MemoryFile(
              `${i}.jsonl`,
              lines.map((line) => (line.startsWith('{') ? line : eventLine(line, `p-${line}`))),
            ),
        );
        const taken = new Set<string>();
        const check = async (): Promise<void> => {
          const ledger = await worlds.open('look');
          const remembered = new Set((await ledger.files.completedFiles()).map(({ sha256 }) => sha256));
          for (const [i, lines] of texts.entries()) {
            if (!remembered.has(files[i]!.sha256)) continue;
            expect(lines.some((line) => line.startsWith('{'))).toBe(false);
            const records = await worlds.clock.run(ledger.lookup(lines.map((id) => ledger.hashOf(id))));
            expect(records.map((record) => record?.state)).toEqual(lines.map(() => 'delivered'));
            for (const id of lines) expect(taken).toContain(id);
          }
        };
        for (const { order, refused, failing, limit, killAfterMs, diskFailsAt, batch, waitMs } of runs) {
          let writes = 0;
          const ran = await worlds.import(
            order.map((i) => files[i]!),
            {
              settings: { dispatch: { limit, batch: { events: batch, bytes: 1e6 } } },
              reading: { chunkBytes: 200, waitMs },
              ...(killAfterMs === undefined ? {} : { killAfterMs }),
              hooks: {
                before: () => {
                  if (writes++ === diskFailsAt) throw new Error('the disk is full');
                },
              },
              fate: (call) => {
                if (call.route === 'sessions') return undefined;
                if (call.number <= failing) return { failure: 'lost', arrives: call.number % 2 === 0 };
                return call.events.some(({ id }) => refused.includes(id))
                  ? { status: 400, body: { code: 400 } }
                  : undefined;
              },
            },
          );
          for (const id of ran.world.didomi.taken) taken.add(id);
          seen.skipped += states(ran).filter((state) => state === 'skipped').length;
          seen.killed += killAfterMs !== undefined && ran.result.stop?.reason === 'storage' ? 1 : 0;
          seen.refused += ran.result.tally.rejectedByReason.refused ?? 0;
          await check();
        }
        const last = await worlds.import(files);
        for (const id of last.world.didomi.taken) taken.add(id);
        await check();
        expect([...taken].sort()).toEqual([...new Set(texts.flat().filter((line) => !line.startsWith('{')))].sort());
      },
    ),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300) },
  );
  // Or it would prove little.
  expect(Math.min(seen.skipped, seen.killed, seen.refused)).toBeGreaterThan(5);
});

/** Refuses every request that holds this event, as often as it comes. */
function refusing(id: string): NonNullable<ConstructorParameters<typeof World>[0]>['fate'] & object {
  return ({ route, events }) =>
    route === 'events' && events.some((event) => event.id === id) ? { status: 400, body: { code: 400 } } : undefined;
}
