import { expect, it } from 'vitest';
import { type HttpRequest, type Transport, TransportError } from '../../src/core/ports.js';
import { systemClock } from '../../src/io/clock.js';
import { StoredLedger } from '../../src/io/ledger/ledger.js';
import type { Store } from '../../src/io/ledger/store.js';
import { startImport } from '../../src/pipeline/import.js';
import { startUndo } from '../../src/pipeline/undo.js';
import { createSandboxCore } from '../../src/sandbox/sandbox.js';
import { createDidomiRules } from '../../src/targets/didomi/rules.js';
import { createDidomiTarget } from '../../src/targets/didomi/target.js';
import { createDidomiUndoer } from '../../src/targets/didomi/undo.js';
import { memoryInput } from '../fakes/memory-input.js';
import { MemoryRejects } from '../fakes/memory-rejects.js';
import { eventLines, settingsWith } from '../fakes/world.js';
import { runNamed } from '../io/ledger/fixture.js';
import { MemoryDisk } from '../io/ledger/memory-store.js';

const META = { format: 1, destination: ['d'], idRule: 'r', secret: '0123456789abcdef'.repeat(2), createdAt: 0 };
const DIDOMI = { organizationId: 'acme', credentials: { key: 'k', secret: 's' } };
const LINES = eventLines(4);
const IDS = LINES.map((line) => (JSON.parse(line) as { id: string }).id);

/** Ends everything at its `at`th step: a write, or a request, before it is made or after. */
class Kill {
  steps = 0;
  readonly #at: number;
  constructor(at = Number.POSITIVE_INFINITY) {
    this.#at = at;
  }
  get isOver(): boolean {
    return this.steps >= this.#at;
  }
  step(): void {
    this.steps += 1;
    if (this.isOver) throw new TransportError('lost', 'killed');
  }
}

class World {
  readonly disk = new MemoryDisk();
  readonly core = createSandboxCore();

  transport(kill: Kill): Transport {
    return {
      send: async (request: HttpRequest) => {
        kill.step();
        const url = new URL(`http://sandbox/v1${request.path}`);
        const body = request.body ?? new Uint8Array(0);
        const headers = Object.fromEntries(Object.entries(request.headers));
        const asked = { method: request.method, path: url.pathname, query: url.searchParams, headers, body };
        const ending = this.core.core.handle(asked, 0).end(0);
        kill.step();
        if (ending.kind !== 'response') throw new TransportError('lost', 'no answer');
        return { ...ending.response, framed: true };
      },
    };
  }

  async ledger(run: string, kill = new Kill()): Promise<StoredLedger> {
    const store = this.disk.open();
    const killed: Store = {
      ...store,
      batch: async (...args) => {
        kill.step();
        await store.batch(...args);
        kill.step();
      },
    };
    return StoredLedger.open(killed, META, runNamed(run), systemClock);
  }

  get kept(): string[] {
    return [...this.core.store.kept('acme')].map(({ id }) => id);
  }

  ports(ledger: StoredLedger) {
    const rules = createDidomiRules(DIDOMI);
    return { clock: systemClock, random: () => 0, rules, ledger, undoing: ledger.undoing };
  }

  input() {
    return [memoryInput('f', LINES.map((line) => `${line}\n`).join(''), systemClock)];
  }

  async import(run: string): Promise<void> {
    const ledger = await this.ledger(run);
    const target = createDidomiTarget({ ...DIDOMI, disableIntegrations: false });
    const ports = {
      ...this.ports(ledger),
      rejects: new MemoryRejects(),
      target,
      transport: this.transport(new Kill()),
    };
    const running = await startImport(this.input(), settingsWith({ run }), ports);
    expect((await running.result).stop).toBeUndefined();
    await ledger.close();
  }

  /** @returns how many steps it took */
  async undo(kill: Kill): Promise<number> {
    const ledger = await this.ledger('undo', kill);
    const dispatch = { order: 'strict', concurrency: 2, giveUpAfterMs: 60_000, maxWaitMs: 60_000 } as const;
    const settings = { run: 'undo', maxLineBytes: 1e6, unwrap: undefined, maxDurationMs: undefined, drainTimeMs: 0 };
    const asked = { target: createDidomiUndoer(DIDOMI), transport: this.transport(kill) };
    const ports = { ...this.ports(ledger), asked };
    const { running } = await startUndo(
      this.input(),
      'run',
      true,
      { ...settings, dispatch, maxRequestsPerMinute: undefined },
      ports,
    );
    const watch = setInterval(() => {
      if (kill.isOver) running.interrupt('SIGTERM');
    }, 1);
    await running.result;
    clearInterval(watch);
    await ledger.close().catch(() => undefined);
    return kill.steps;
  }

  /** What the ledger holds as delivered. */
  async delivered(): Promise<string[]> {
    const ledger = await this.ledger('look');
    const found = await ledger.lookup(IDS.map((id) => ledger.hashOf(id)));
    await ledger.close();
    return IDS.filter((_, i) => found[i]?.state === 'delivered');
  }
}

it('an undo that is killed anywhere leaves nothing delivered that is gone, and can be gone on with, or imported over', async () => {
  const whole = new World();
  await whole.import('run');
  expect(whole.kept).toHaveLength(IDS.length);
  const steps = await whole.undo(new Kill());
  expect([whole.kept, await whole.delivered()]).toEqual([[], []]);
  expect(steps).toBeGreaterThan(15);

  for (let at = 1; at <= steps; at += 1) {
    for (const goesOn of [true, false]) {
      const world = new World();
      await world.import('run');
      await world.undo(new Kill(at));
      world.disk.losePower(at % 2 === 0 ? 0 : world.disk.unsynced);
      const delivered = await world.delivered();
      expect(
        delivered.filter((id) => !world.kept.includes(id)),
        `killed at step ${at}`,
      ).toEqual([]);
      if (goesOn) {
        await world.undo(new Kill());
        expect([world.kept, await world.delivered()], `killed at step ${at}`).toEqual([[], []]);
      } else {
        await world.import('again');
        expect([new Set(world.kept), await world.delivered()]).toEqual([new Set(IDS), IDS]);
      }
    }
  }
}, 120_000);
