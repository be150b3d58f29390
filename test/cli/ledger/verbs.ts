import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ID_RULE } from '../../../src/cli/import/ledger-destination.js';
import { runProgram } from '../../../src/cli/program.js';
import type { Runners } from '../../../src/cli/runners.js';
import { systemClock } from '../../../src/io/clock.js';
import type { Destination } from '../../../src/io/ledger/destination.js';
import type { StoredLedger } from '../../../src/io/ledger/ledger.js';
import { ledgerFolder, type OpenLedger, openLedger } from '../../../src/io/ledger/open.js';
import { type ContextChanges, type RecordedContext, recordedContext } from '../recorded-context.js';

export const DESTINATION: Destination = {
  target: 'didomi',
  address: 'https://api.didomi.io/v1',
  organization: 'acme',
};
export const ACME = ['--target', 'didomi', '--organization-id', 'acme'] as const;
/** As messages name it. */
export const NAMED = 'didomi, organization acme, at https://api.didomi.io/v1';

const STARTED = Date.parse('2026-01-01T10:00:00Z');

const NO_RUNNERS: Runners = {
  import: async () => async () => 99,
  validate: async () => async () => 99,
};

export interface Said {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** Of `--json`. */
  readonly json: Record<string, unknown>;
}

/** A home with ledgers in it, in which verbs are typed. */
export class Ledgers {
  readonly home: string;
  readonly folder: string;
  /** Of the destination of `ACME`. */
  readonly own: string;

  private constructor(home: string) {
    this.home = home;
    this.folder = join(home, '.local/state/consent-import');
    this.own = ledgerFolder({ folder: this.folder, destination: DESTINATION });
  }

  static async make(): Promise<Ledgers> {
    const home = await mkdtemp(join(tmpdir(), 'consent-import-verbs-'));
    onTestFinished(() => rm(home, { recursive: true, force: true }));
    return new Ledgers(home);
  }

  /** Types `ledger …`. `answer` is called when a question is asked. */
  async type(
    args: readonly string[],
    changes: ContextChanges = {},
    answer: () => Promise<string | undefined> = async () => changes.answer,
  ): Promise<Said> {
    const recorded = recordedContext({ cwd: this.home, ...changes, env: { HOME: this.home, ...changes.env } });
    const context = { ...recorded, stdin: { ...recorded.stdin, readLine: answer } };
    const exitCode = await runProgram(['ledger', ...args], context, NO_RUNNERS);
    return said(exitCode, context, args.includes('--json'));
  }

  /** Opens the ledger of `ACME`, as a run does, and makes it where it is missing. */
  async open(run = 'run-1', destination = DESTINATION): Promise<OpenLedger> {
    return openLedger({
      ...{ folder: this.folder, destination, idRule: ID_RULE, clock: systemClock, create: true },
      run: { id: run, pid: 17, host: 'engine', user: 'ada', startedAt: STARTED, command: 'import' },
    });
  }

  async use<T>(act: (ledger: StoredLedger) => Promise<T>, run?: string, destination?: Destination): Promise<T> {
    const opened = await this.open(run, destination);
    try {
      return await act(opened.ledger);
    } finally {
      await opened.close();
    }
  }

  /** A run that delivered `sure-1`… of file a, and left some of files a and b in doubt. */
  async withDoubts(): Promise<this> {
    await this.use(async (ledger) => {
      await ledger.recordDelivered(entries(ledger, ['sure-1', 'sure-2', 'sure-3'], 'a.jsonl'));
      await ledger.recordIntents(entries(ledger, ['doubt-1', 'doubt-2'], 'b.jsonl'));
      await ledger.recordIntents(entries(ledger, ['doubt-3'], 'a.jsonl'));
    });
    return this;
  }
}

/** Delivered, or in doubt, on lines 1, 2, …, a second apart. */
export function entries(
  ledger: StoredLedger,
  ids: readonly string[],
  file: string,
): Parameters<StoredLedger['recordDelivered']>[0][number][] {
  return ids.map((id, i) => ({
    key: ledger.hashOf(id),
    fingerprint: [1, i] as const,
    origin: { file, line: i + 1 },
    time: STARTED + (i + 1) * 1000,
  }));
}

function said(exitCode: number, context: RecordedContext, json: boolean): Said {
  const [out, err] = [context.out(), context.err()];
  return { exitCode, out, err, json: json && out !== '' ? (JSON.parse(out) as Record<string, unknown>) : {} };
}
