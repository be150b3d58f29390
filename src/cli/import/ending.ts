import { decideExit, type Ending, type Verdict } from '../../core/exit-code.js';
import { findImbalance } from '../../core/tally.js';
import { writeSummaryFile } from '../../io/summary-file.js';
import type { CommandContext } from '../context.js';
import { commandLine } from '../output/command-line.js';
import {
  accountsOff,
  damagedInput,
  outputFailed,
  rejectsArriveLate,
  stopped,
} from '../output/messages/run-messages.js';
import type { Reporter } from '../output/reporter.js';
import { buildSummary, type SummaryFacts, summaryJson } from '../output/summary.js';
import { summaryText } from '../output/summary-text.js';
import type { SettingKey, Settings, Source } from '../settings/settings.js';
import { givenFlags, shownSettings } from '../settings/shown-settings.js';

/** What a command knows at its end. */
export interface EndFacts
  extends Omit<SummaryFacts, 'verdict' | 'settings' | 'toolVersion' | 'user' | 'host' | 'finishedAt' | 'durationMs'> {
  readonly ending: Omit<Ending, 'result' | 'allowEmpty'>;
  readonly operands: readonly string[];
  readonly allSettings: Settings;
  readonly sources: Readonly<Record<SettingKey, Source>>;
  readonly startedMonotonic: number;
}

/**
 * Ends a command: says what was wrong, prints the summary, writes the summary file.
 * @returns the exit code
 */
export async function endRun(facts: EndFacts, context: CommandContext, reporter: Reporter): Promise<number> {
  const { allSettings: settings, result, command } = facts;
  const verdict = decideExit({ ...facts.ending, result, allowEmpty: settings.allowEmpty });
  sayWhatWasWrong(facts, verdict, reporter);
  const durationMs = context.monotonic() - facts.startedMonotonic;
  const summary = summaryJson(
    buildSummary({
      ...facts,
      verdict,
      settings: shownSettings(command, settings),
      toolVersion: context.toolVersion,
      user: context.user,
      host: context.host,
      finishedAt: context.now(),
      durationMs,
    }),
  );
  if (settings.json) context.stdout.write(summary);
  else if (!settings.quiet || verdict.exitCode !== 0) context.stdout.write(text(facts, verdict, durationMs, context));
  if (settings.summaryFile !== undefined) {
    const path = settings.summaryFile;
    await writeSummaryFile(path, summary).catch((error: Error & { reason?: string }) =>
      reporter.warning(outputFailed('--summary-file', path, error.reason ?? error.message)),
    );
  }
  return verdict.exitCode;
}

function sayWhatWasWrong({ result, command }: EndFacts, verdict: Verdict, reporter: Reporter): void {
  for (const { damage, path, unwrappedRejects } of result.tally.files) {
    if (damage !== undefined) reporter.error(damagedInput(damage));
    if (unwrappedRejects > 0 && command === 'import') reporter.warning(rejectsArriveLate(path));
  }
  if (result.stop !== undefined) reporter.error(stopped(result.stop));
  const imbalance = findImbalance(result.tally);
  if (verdict.reason === 'bug' && imbalance !== undefined) reporter.error(accountsOff(imbalance));
}

function text(facts: EndFacts, verdict: Verdict, durationMs: number, { program }: CommandContext): string {
  const { allSettings: settings, sources, operands, command, rejectsFile } = facts;
  const line = (inputs: readonly string[], leaveOut: readonly SettingKey[]): string =>
    commandLine(program, [command, ...givenFlags(settings, sources, leaveOut), ...inputs]);
  return summaryText({
    command,
    dryRun: settings.dryRun,
    verdict,
    result: facts.result,
    rejectsFile,
    durationMs,
    next: {
      again: line(operands, []),
      repair: rejectsFile === undefined ? undefined : line([rejectsFile], ['rejects', 'summaryFile']),
    },
  });
}
