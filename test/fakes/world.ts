import type { Input } from '../../src/core/input.js';
import type { RunResult } from '../../src/core/run.js';
import { findImbalance } from '../../src/core/tally.js';
import { type ImportPorts, type ImportSettings, startImport } from '../../src/pipeline/import.js';
import type { Running } from '../../src/pipeline/run-ports.js';
import { createDidomiRules } from '../../src/targets/didomi/rules.js';
import { createDidomiTarget } from '../../src/targets/didomi/target.js';
import { FakeDidomi, type FakeDidomiOptions } from './fake-didomi.js';
import { type LedgerContent, MemoryLedger } from './memory-ledger.js';
import { MemoryRejects } from './memory-rejects.js';
import { VirtualClock } from './virtual-clock.js';

export type SettingsChange = Omit<Partial<ImportSettings>, 'dispatch'> & {
  readonly dispatch?: Partial<ImportSettings['dispatch']>;
};

export function settingsWith({ dispatch, ...change }: SettingsChange = {}): ImportSettings {
  return {
    run: 'run-1',
    maxLineBytes: 100_000,
    skipInputCheck: false,
    onConflict: 'reject',
    maxRejects: { kind: 'none' },
    onInputError: 'continue',
    maxDurationMs: undefined,
    drainTimeMs: 25_000,
    maxRequestsPerMinute: undefined,
    ...change,
    dispatch: {
      order: 'strict',
      batch: { events: 100, bytes: 1024 * 1024 },
      concurrency: 8,
      giveUpAfterMs: 600_000,
      maxWaitMs: 65 * 60_000,
      limit: undefined,
      ...dispatch,
    },
  };
}

/** They hold nothing between two records, and take a while to make. */
const RULES = createDidomiRules({ organizationId: 'acme' });

/** A whole run's surroundings in memory: clock, target, ledger, rejects. */
export class World {
  readonly clock: VirtualClock;
  readonly didomi: FakeDidomi;
  readonly ledger: MemoryLedger;
  readonly rejects = new MemoryRejects();
  readonly #ports: Partial<ImportPorts>;
  #random = 1;

  /** @param options `ports` take the place of the world's own, or stand beside them */
  constructor(
    options: FakeDidomiOptions & {
      readonly content?: LedgerContent;
      readonly clock?: VirtualClock;
      readonly ports?: Partial<ImportPorts>;
    } = {},
  ) {
    this.#ports = options.ports ?? {};
    this.clock = options.clock ?? new VirtualClock();
    this.didomi = new FakeDidomi(this.clock, options);
    this.ledger = new MemoryLedger(this.clock, 'run-1', options.content);
  }

  start(inputs: readonly Input[], change: SettingsChange = {}): Promise<Running> {
    const target = createDidomiTarget({
      organizationId: 'acme',
      disableIntegrations: false,
      credentials: { key: 'k', secret: 's' },
    });
    return startImport(inputs, settingsWith(change), {
      ...{
        clock: this.clock,
        ledger: this.ledger,
        rejects: this.rejects,
        transport: this.didomi,
        rules: RULES,
        target,
      },
      // A stream of numbers without any hidden state: Park and Miller's.
      random: () => {
        this.#random = (this.#random * 48_271) % 2_147_483_647;
        return this.#random / 2_147_483_647;
      },
      ...this.#ports,
    });
  }

  /** Runs to the end and checks that the accounts balance. `during` may disturb the run. */
  async import(
    inputs: readonly Input[],
    change: SettingsChange = {},
    during?: (running: Running) => void,
  ): Promise<RunResult> {
    const running = await this.clock.run(this.start(inputs, change));
    during?.(running);
    const result = await this.clock.run(running.result);
    const imbalance = findImbalance(result.tally);
    if (imbalance !== undefined) throw new Error(imbalance);
    return result;
  }
}

/** The line of a valid event. */
export function eventLine(id: string, person: string, more: Record<string, unknown> = {}): string {
  const user = { organization_user_id: person };
  return JSON.stringify({ id, created_at: '2024-05-06T07:08:09Z', user, consents: { purposes: [] }, ...more });
}

/** `count` events of `persons` persons in turn: `e0` to `e…`, of `p0` to `p…`. */
export function eventLines(count: number, persons = count): string[] {
  return Array.from({ length: count }, (_, i) => eventLine(`e${i}`, `p${i % persons}`));
}
