import { resolve } from 'node:path';
import { LedgerError } from '../../core/ledger.js';
import { type Rejects, RejectsError, type RunResult, type Stop } from '../../core/run.js';
import * as stops from '../../core/stops.js';
import { newTally } from '../../core/tally.js';
import type { RecordRules } from '../../core/target.js';
import { checkDeliveredFile, type DeliveredFile, openDeliveredFile } from '../../io/delivered-file.js';
import { hashFile } from '../../io/hash-file.js';
import type { RunIdentity } from '../../io/ledger/holder.js';
import { openRejectsFile, type RejectsFile } from '../../io/rejects-file.js';
import { checkSummaryFile, SummaryFileError } from '../../io/summary-file.js';
import type { CommandContext } from '../context.js';
import { ledgerProblem } from '../ledger/problem.js';
import { twoOutputsInOne } from '../output/messages/audit-messages.js';
import type { Message } from '../output/messages/message.js';
import { cantOpenOutput, outputFailed } from '../output/messages/run-messages.js';
import { ownerText } from '../output/owner-text.js';
import type { Reporter } from '../output/reporter.js';
import type { PreparedImport, PreparedValidate } from '../settings/prepared.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';
import { type EndFacts, endRun, summaryOf } from './ending.js';
import { type KeptRun, keepRun } from './kept-run.js';
import { RejectsTable } from './rejects-table.js';
import { newRunId } from './run-id.js';
import { SeriesRecorder } from './series-recorder.js';

/** What `import` and `validate` have in common around their runs. */
export class RunFrame {
  readonly run: string;
  readonly rejectsPath: string;
  readonly rejects: RejectsFile;
  /** Undefined without `--delivered`. */
  readonly delivered: DeliveredFile | undefined;
  readonly identity: RunIdentity;
  /** Records the run for its report, where one is wanted. */
  readonly recorder: SeriesRecorder | undefined;
  readonly #prepared: PreparedImport | PreparedValidate;
  readonly #context: CommandContext;
  readonly #reporter: Reporter;
  readonly #startedAt: number;
  readonly #startedMonotonic: number;
  #table: RejectsTable | undefined;

  constructor(prepared: PreparedImport | PreparedValidate, context: CommandContext, reporter: Reporter) {
    this.#prepared = prepared;
    this.#context = context;
    this.#reporter = reporter;
    this.#startedAt = context.now();
    this.#startedMonotonic = context.monotonic();
    this.run = newRunId(this.#startedAt);
    this.rejectsPath = resolve(context.cwd, prepared.settings.rejects.replaceAll('{run}', this.run));
    this.rejects = openRejectsFile({ path: this.rejectsPath, content: prepared.settings.rejectsContent });
    const { delivered } = prepared.settings;
    this.delivered = delivered === undefined ? undefined : openDeliveredFile({ path: delivered });
    const { pid, host, user } = context;
    const { command } = prepared;
    this.recorder = prepared.settings.report === undefined ? undefined : new SeriesRecorder(context);
    this.identity = { id: this.run, pid, host, user, startedAt: this.#startedAt, command };
  }

  /** @throws {UsageError} when an output that is only written later could not be */
  async checkOutputs({ summaryFile, rejectsCsv, metricsFile, delivered, report }: Settings): Promise<void> {
    if (delivered !== undefined) {
      if (delivered === this.rejectsPath)
        throw new UsageError([twoOutputsInOne('--delivered', '--rejects', delivered)]);
      const reason = await checkDeliveredFile(delivered);
      if (reason !== undefined) throw new UsageError([cantOpenOutput('--delivered', delivered, reason)]);
    }
    if (report !== undefined) {
      await checkReport(report, {
        '--rejects': this.rejectsPath,
        '--rejects-csv': rejectsCsv,
        '--delivered': delivered,
        '--summary-file': summaryFile,
      });
    }
    for (const [flag, path] of [
      ['--summary-file', summaryFile],
      ['--rejects-csv', rejectsCsv],
      ['--metrics-file', metricsFile],
    ] as const) {
      if (path === undefined) continue;
      await checkSummaryFile(path).catch((error: unknown) => {
        if (!(error instanceof SummaryFileError)) throw error;
        throw new UsageError([cantOpenOutput(flag, path, error.reason)]);
      });
    }
  }

  /** Where rejected records go. Once what could end the command before its run is past. @throws {UsageError} */
  async openRejects(rules: RecordRules): Promise<Rejects> {
    const { rejectsCsv } = this.#prepared.settings;
    const { rejects } = this.rejects;
    if (rejectsCsv === undefined) return rejects;
    this.#table = await RejectsTable.open(rejectsCsv, rules, this.#context.umask);
    return this.#table.beside(rejects);
  }

  /**
   * Closes what was written on the way. That the rejects file could not be written becomes the run's end; of the other
   * files it is a warning.
   */
  async closeFiles(result: RunResult): Promise<RunResult> {
    await this.#table?.close(this.#reporter);
    const { delivered: path } = this.#prepared.settings;
    const reason = await this.delivered?.close();
    if (path !== undefined && reason !== undefined) this.#reporter.warning(outputFailed('--delivered', path, reason));
    try {
      await this.rejects.close();
      return result;
    } catch (error) {
      if (!(error instanceof RejectsError)) throw error;
      return withStop(result, stops.storageFailed(error.message));
    }
  }

  /**
   * Ends the command after a run, or without one.
   * @param keep is given how the run went before it is told; that it fails becomes the run's end
   * @returns the exit code
   */
  async end(
    facts: Pick<EndFacts, 'destination' | 'ledger' | 'result' | 'ending' | 'plan' | 'ownerId' | 'quota'>,
    keep?: (kept: KeptRun) => Promise<void>,
  ): Promise<number> {
    const { command, inputs, settings, sources } = this.#prepared;
    // What was named and not found was not read to its end either.
    const isMissing = facts.ending.nothingMatched && !settings.allowEmpty;
    const reached = isMissing ? { ...facts.result, complete: false } : facts.result;
    const all: EndFacts = {
      ...facts,
      result: reached,
      ...{ command, sources, run: this.run, operands: inputs, allSettings: settings },
      owner: 'destination' in this.#prepared ? ownerText(this.#prepared.destination) : undefined,
      recording: this.recorder,
      rejectsFile: this.rejects.count > 0 ? this.rejectsPath : undefined,
      startedAt: this.#startedAt,
      finishedAt: this.#context.now(),
      durationMs: this.#context.monotonic() - this.#startedMonotonic,
    };
    try {
      await keep?.(await this.#kept(all));
    } catch (error) {
      const result = withStop(reached, stops.storageFailed((error as Error).message));
      return endRun({ ...all, result }, this.#context, this.#reporter);
    }
    return endRun(all, this.#context, this.#reporter);
  }

  async #kept(facts: EndFacts): Promise<KeptRun> {
    const { rejectsFile, result } = facts;
    const rejectsSha256 = rejectsFile === undefined ? undefined : await hashFile(rejectsFile);
    return keepRun(summaryOf(facts, this.#context), result, rejectsSha256);
  }
}

/** @throws {UsageError} when the report could not be written there, or another output is */
async function checkReport(path: string, others: Readonly<Record<string, string | undefined>>): Promise<void> {
  for (const [flag, other] of Object.entries(others)) {
    if (other === path) throw new UsageError([twoOutputsInOne('--report', flag, path)]);
  }
  const { reportProblem } = await import('../report/report-file.js');
  const problem = await reportProblem(path);
  if (problem !== undefined) throw new UsageError([problem]);
}

/** A run that never began. */
export function noResult(stop?: Stop): RunResult {
  return { stop, complete: stop === undefined, tally: newTally() };
}

/** A disk that fails outweighs why the run stopped before, but for a bug. */
export function withStop(result: RunResult, stop: Stop): RunResult {
  return result.stop?.reason === 'bug' ? result : { ...result, stop };
}

/**
 * What a ledger that can't be opened means for the command.
 * @param repair the command that repairs it
 * @throws {UsageError} when it is another ledger that is wanted
 */
export function ledgerFailure(
  error: unknown,
  repair: string,
): { readonly failure: 'ledger_in_use' | 'storage'; readonly message: Message } {
  if (!(error instanceof LedgerError)) throw error;
  const { reason, message } = ledgerProblem(error, repair);
  if (reason === 'usage') throw new UsageError([message]);
  return { failure: reason, message };
}
