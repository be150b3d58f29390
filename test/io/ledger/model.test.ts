import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LedgerDamagedError } from '../../../src/io/ledger/errors.js';
import { StoredLedger } from '../../../src/io/ledger/ledger.js';
import { entryFor, ManualClock, runNamed } from './fixture.js';
import { MemoryDisk } from './memory-store.js';

const META = { format: 1, destination: ['d'], idRule: 'r', secret: '0123456789abcdef'.repeat(2), createdAt: 0 };
const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 400);

type Change =
  | { readonly kind: 'delivered' | 'intents'; readonly ids: readonly string[]; readonly line: number }
  | { readonly kind: 'forget'; readonly ids: readonly string[] };
type Step =
  /** Asked at the same moment. */
  | { readonly kind: 'changes'; readonly changes: readonly Change[] }
  | { readonly kind: 'resolve'; readonly ids: readonly string[]; readonly as: 'delivered' | 'retry' }
  | { readonly kind: 'drop'; readonly ids: readonly string[] }
  | { readonly kind: 'time passes' }
  | { readonly kind: 'clean end' }
  | { readonly kind: 'kill' }
  | { readonly kind: 'power loss'; readonly writes: number }
  | { readonly kind: 'kill while writing'; readonly changes: readonly Change[]; readonly turns: number };

/** What is known of an id: `run:line` where it was recorded, and whether it was in doubt before its last intent. */
type Known = { readonly state: 'delivered' | 'inDoubt'; readonly at: string; readonly doubtBefore: boolean };
type Model = ReadonlyMap<string, Known>;

function changed(model: Model, changes: readonly Change[], run: string): Model {
  const next = new Map(model);
  for (const change of changes) {
    for (const id of change.ids) {
      const known = next.get(id);
      if (change.kind === 'forget') {
        if (known?.state === 'inDoubt' && !known.doubtBefore) next.delete(id);
      } else if (change.kind === 'delivered') {
        next.set(id, { state: 'delivered', at: `${run}:${change.line}`, doubtBefore: false });
      } else if (known?.state !== 'delivered') {
        const doubtBefore = known !== undefined && (known.doubtBefore || !known.at.startsWith(`${run}:`));
        next.set(id, { state: 'inDoubt', at: `${run}:${change.line}`, doubtBefore });
      }
    }
  }
  return next;
}

const ids = fc.subarray(IDS, { minLength: 1 });
const line = fc.integer({ min: 1, max: 2 ** 40 });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constantFrom('delivered' as const, 'intents' as const), ids, line }),
  fc.record({ kind: fc.constant('forget' as const), ids }),
);
const changes = fc.array(change, { minLength: 1, maxLength: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('changes' as const), changes }) },
  fc.record({
    kind: fc.constant('resolve' as const),
    ids,
    as: fc.constantFrom('delivered' as const, 'retry' as const),
  }),
  fc.record({ kind: fc.constant('drop' as const), ids }),
  fc.constantFrom<Step>({ kind: 'time passes' }, { kind: 'clean end' }, { kind: 'kill' }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('power loss' as const), writes: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill while writing' as const), changes, turns: fc.nat(25) }) },
);

class World {
  readonly disk = new MemoryDisk();
  clock = new ManualClock();
  ledger!: StoredLedger;
  model: Model = new Map();
  /** What the ledger held after each write. */
  history: { readonly sequence: number; readonly model: Model }[] = [{ sequence: 0, model: new Map() }];
  #runs = 0;
  run = '';

  async open(): Promise<void> {
    this.run = `run-${++this.#runs}`;
    this.clock = new ManualClock();
    this.ledger = await StoredLedger.open(this.disk.open(), META, runNamed(this.run), this.clock);
  }

  ask(change: Change): Promise<void> {
    const { ledger } = this;
    if (change.kind === 'forget') return ledger.forgetIntents(change.ids.map((id) => ledger.hashOf(id)));
    const entries = change.ids.map((id) => entryFor(ledger, id, change.line));
    return change.kind === 'delivered' ? ledger.recordDelivered(entries) : ledger.recordIntents(entries);
  }

  async take(step: Step): Promise<void> {
    const { ledger, disk } = this;
    const keys = 'ids' in step ? step.ids.map((id) => ledger.hashOf(id)) : [];
    const next = new Map(this.model);
    if (step.kind === 'changes') {
      await Promise.all(step.changes.map((each) => this.ask(each)));
      this.model = changed(this.model, step.changes, this.run);
    } else if (step.kind === 'resolve') {
      await ledger.operator.resolve({ keys }, step.as, { time: 0, user: 'jo', what: 'resolve' });
      for (const id of step.ids) {
        const known = next.get(id);
        if (known?.state !== 'inDoubt') continue;
        if (step.as === 'retry') next.delete(id);
        else next.set(id, { ...known, state: 'delivered', doubtBefore: false });
      }
      this.model = next;
    } else if (step.kind === 'drop') {
      await ledger.operator.drop({ keys }, { time: 0, user: 'jo', what: 'resend' });
      for (const id of step.ids) if (next.get(id)?.state === 'delivered') next.delete(id);
      this.model = next;
    } else if (step.kind === 'time passes') {
      this.clock.advance(1000);
      await this.clock.yield();
      expect(disk.unsynced).toBe(0);
    } else if (step.kind === 'clean end') {
      await ledger.close();
      expect(disk.unsynced).toBe(0);
      await this.open();
    } else if (step.kind === 'kill while writing') {
      const after = changed(this.model, step.changes, this.run);
      const asked = step.changes.map((each) =>
        this.ask(each).then(
          () => true,
          () => false,
        ),
      );
      for (let turn = 0; turn < step.turns; turn++) await Promise.resolve();
      disk.losePower(0);
      const answers = await Promise.all(asked);
      await this.open();
      // Acknowledged means written; what was not acknowledged is there as a whole group or not at all.
      const wrote = this.ledger.counters.sequence > this.history.at(-1)!.sequence;
      if (answers.some(Boolean)) expect(wrote).toBe(true);
      if (wrote) this.model = after;
    } else {
      disk.losePower(step.kind === 'kill' ? 0 : step.writes);
      await this.open();
      const { sequence } = this.ledger.counters;
      if (step.kind === 'kill') expect(sequence).toBe(this.history.at(-1)!.sequence);
      this.history = this.history.filter((each) => each.sequence <= sequence);
      this.model = this.history.at(-1)!.model;
    }
    this.history.push({ sequence: this.ledger.counters.sequence, model: this.model });
  }

  async compare(): Promise<void> {
    const { ledger, model } = this;
    const records = await ledger.lookup(IDS.map((id) => ledger.hashOf(id)));
    const found = records.map((record) => record && `${record.state} ${record.run}:${record.origin.line}`);
    const expected = IDS.map((id) => model.get(id)).map((known) => known && `${known.state} ${known.at}`);
    expect(found).toEqual(expected);
    const count = (state: string): number => [...model.values()].filter((known) => known.state === state).length;
    expect(ledger.counters).toMatchObject({ delivered: count('delivered'), inDoubt: count('inDoubt') });
    let listed = 0;
    for await (const page of ledger.operator.inDoubt()) listed += page.length;
    expect(listed).toBe(count('inDoubt'));
  }
}

describe('the ledger against a model of it', () => {
  it('agrees after any operations, kills and power losses', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const world = new World();
        await world.open();
        for (const each of steps) {
          await world.take(each);
          await world.compare();
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('never loses an intent to a power loss', async () => {
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(9), async (asked, writes) => {
        const world = new World();
        await world.open();
        await world.take({ kind: 'changes', changes: asked });
        await world.take({ kind: 'changes', changes: [{ kind: 'intents', ids: ['z'], line: 1 }] });
        await world.take({ kind: 'power loss', writes });
        expect((await world.ledger.show('z'))?.state).toBe('inDoubt');
      }),
      { numRuns: 50 },
    );
  });

  it('refuses a store that lacks writes which were on disk', async () => {
    const world = new World();
    await world.open();
    await world.ask({ kind: 'delivered', ids: ['a'], line: 1 });
    await world.ask({ kind: 'intents', ids: ['b'], line: 2 });
    await world.ask({ kind: 'intents', ids: ['c'], line: 2 });
    world.disk.loseSynced(2);
    const reopened = world.open();
    await expect(reopened).rejects.toThrow(LedgerDamagedError);
    await expect(reopened).rejects.toThrow(/^The ledger \/memory is damaged: its last 2 writes are missing\. /);
  });
});
