import { resolve } from 'node:path';
import { exitCodeOf } from '../../core/exit-code.js';
import type { ReadBack } from '../../core/holding.js';
import type { Input } from '../../core/input.js';
import { LedgerError } from '../../core/ledger.js';
import type { Transport } from '../../core/ports.js';
import type { RunResult, Tally } from '../../core/run.js';
import type { RecordRules, Target } from '../../core/target.js';
import { systemClock } from '../../io/clock.js';
import type { RunIdentity } from '../../io/ledger/holder.js';
import { type OpenLedger, openLedger } from '../../io/ledger/open.js';
import type { RecallSettings } from '../../pipeline/recall.js';
import type { Running } from '../../pipeline/run-ports.js';
import type { VerifyPorts } from '../../pipeline/verify.js';
import type { Call } from '../commands/command.js';
import type { CommandContext } from '../context.js';
import { findInputs } from '../import/inputs.js';
import { idRuleOf, ledgerDestination } from '../import/ledger-destination.js';
import { newRunId } from '../import/run-id.js';
import { Signals } from '../import/signals.js';
import { unwrapSettings } from '../import/unwrap-settings.js';
import { ledgerCommand } from '../ledger/command-to-type.js';
import { ledgerLook } from '../ledger/ledger-look.js';
import { ledgerProblem } from '../ledger/problem.js';
import { failureJson } from '../output/failure-json.js';
import { recallFirstLine, recallNotInSandbox } from '../output/messages/recall-messages.js';
import { damagedInput, stopped } from '../output/messages/run-messages.js';
import { ownerText } from '../output/owner-text.js';
import { printable } from '../output/printable.js';
import { createReporter, type Reporter, wantsColor } from '../output/reporter.js';
import { type PreparedImport, prepareImport } from '../settings/prepared.js';
import { resolveSettings } from '../settings/resolve.js';
import { UsageError } from '../usage-error.js';
import { showAsked } from './progress.js';

export type RequestCount = Pick<Tally['requests'], 'sent' | 'succeeded'>;

/** Whom a command asks about records. */
export interface Asked {
  readonly rules: RecordRules;
  /** Undefined where `readBack` asks, or nobody. */
  readonly asked: { readonly target: Target; readonly transport: Transport } | undefined;
  readonly readBack: ReadBack | undefined;
  /** The requests that `readBack` made. */
  readonly requests?: () => RequestCount;
  close(): Promise<void>;
}

/** One call of `verify` or `undo`, with its settings, its inputs, and whom to ask. */
export interface Recall {
  readonly prepared: PreparedImport;
  readonly context: CommandContext;
  readonly reporter: Reporter;
  readonly identity: RunIdentity;
  readonly settings: RecallSettings;
  readonly inputs: readonly Input[];
  readonly nothingMatched: boolean;
  readonly apiUrl: string;
  /** Requests that the runs did not count. */
  readonly requests: () => RequestCount;
  /** Opens the ledger, lets `act` work with it, and closes it. @throws {LedgerError} */
  withLedger<T>(act: (opened: OpenLedger, ports: VerifyPorts) => Promise<T>): Promise<T>;
  /** Waits for a run: shows how far it is, and hands signals to it. */
  watch(running: Running, progress: () => string): Promise<RunResult>;
}

/** What a command found out or did: one object with `--json`, else text. */
export interface RecallAnswer {
  readonly json: object;
  readonly text: string;
  readonly exitCode: number;
}

export interface RecallCommand {
  readonly name: 'verify' | 'undo';
  /** Begins the first line: `Reading back from`. */
  readonly doing: string;
  /** Of some call: inputs are read twice, so what can be read only once has to be stored. */
  readonly readsTwice: (prepared: PreparedImport, context: CommandContext) => boolean;
  readonly ask: (prepared: PreparedImport, context: CommandContext) => Promise<Asked>;
  readonly act: (recall: Recall) => Promise<RecallAnswer>;
}

/**
 * Carries out a command about inputs that were imported.
 * @returns the exit code
 * @throws {UsageError}
 */
export async function runRecall({ name, doing, readsTwice, ask, act }: RecallCommand, call: Call): Promise<number> {
  const { operands, flags, context } = call;
  const { prepared, problems, warnings } = prepareImport(operands, resolveSettings(name, flags, context), context);
  if (prepared === undefined) throw new UsageError(problems);
  const { destination, settings, sources } = prepared;
  if (destination.kind === 'sandbox') throw new UsageError([recallNotInSandbox(name)]);
  const color = wantsColor(context.stderr, context.env, settings.noColor);
  const reporter = createReporter(context, { quiet: settings.quiet, debug: false, color });
  for (const warning of warnings) reporter.warning(warning);
  const { pid, host, user } = context;
  const startedAt = context.now();
  const identity = { id: newRunId(startedAt), pid, host, user, startedAt, command: name };
  const unwrap = unwrapSettings(settings);
  const found = await findInputs(
    prepared.inputs,
    { ...settings, validateFirst: readsTwice(prepared, context) },
    resolve(context.cwd, settings.rejects),
    context,
    reporter,
  );
  const { apiUrl } = destination;
  const asked = await ask(prepared, context);
  let isFirst = true;
  const recall: Recall = {
    ...{
      prepared,
      context,
      reporter,
      identity,
      apiUrl,
      requests: () => asked.requests?.() ?? { sent: 0, succeeded: 0 },
    },
    ...{ inputs: found.inputs, nothingMatched: found.nothingMatched },
    settings: {
      ...{ run: identity.id, maxLineBytes: settings.maxLineBytes, unwrap },
      ...{ maxDurationMs: settings.maxDuration, drainTimeMs: settings.drainTime },
      maxRequestsPerMinute: settings.maxRequestsPerMinute,
      dispatch: {
        order: 'strict',
        ...{ concurrency: settings.concurrency, giveUpAfterMs: settings.giveUpAfter, maxWaitMs: settings.maxWait },
      },
    },
    async withLedger(work) {
      const opened = await openLedger({
        folder: prepared.ledger,
        destination: ledgerDestination(destination),
        idRule: idRuleOf(destination, settings),
        run: identity,
        clock: systemClock,
        create: false,
      });
      if (isFirst) {
        const { target } = destination;
        reporter.info(recallFirstLine(doing, { target, owner: ownerText(destination), apiUrl }, ledgerLook(opened)));
        found.tell();
      }
      isFirst = false;
      const ports = { ...asked, clock: systemClock, random: Math.random, ledger: opened.ledger };
      let done: Awaited<ReturnType<typeof work>>;
      try {
        done = await work(opened, ports);
      } catch (error) {
        // What went wrong first is what has to be told.
        await opened.close().catch(() => undefined);
        throw error;
      }
      await opened.close();
      return done;
    },
    async watch(running, progress) {
      const end = showAsked(progress, settings, reporter, context);
      // Only while something runs: at a question, say, a signal ends the process as it does by default.
      const signals = new Signals(context, reporter, settings);
      try {
        const result = await signals.during(running, running.result);
        for (const { damage } of result.tally.files) if (damage !== undefined) reporter.error(damagedInput(damage));
        if (result.stop !== undefined) reporter.error(stopped(result.stop));
        return result;
      } finally {
        signals.close();
        end();
      }
    },
  };
  let exitCode: number;
  try {
    const answer = await act(recall);
    ({ exitCode } = answer);
    if (settings.json) context.stdout.write(`${JSON.stringify(answer.json)}\n`);
    else if (!settings.quiet || exitCode !== 0) context.stdout.write(`${printable(answer.text)}\n`);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    const { reason, message } = ledgerProblem(error, ledgerCommand(context.program, ['repair'], settings, sources));
    reporter.error(message);
    exitCode = exitCodeOf(reason);
    if (settings.json) context.stdout.write(failureJson([message], exitCode));
  } finally {
    await found.close();
    await asked.close();
  }
  reporter.finish(exitCode);
  return exitCode;
}
