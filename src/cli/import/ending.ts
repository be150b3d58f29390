import { decideExit, type Ending, type Verdict } from '../../core/exit-code.js';
import { findImbalance } from '../../core/tally.js';
import { writeSummaryFile } from '../../io/summary-file.js';
import type { CommandContext } from '../context.js';
import { ledgerCommand } from '../ledger/command-to-type.js';
import { commandLine } from '../output/command-line.js';
import { seemsToBe } from '../output/messages/input-messages.js';
import type { Message } from '../output/messages/message.js';
import {
  accountsOff,
  damagedInput,
  inDoubt,
  lastRejectTorn,
  leftOut,
  outputFailed,
  rejectsArriveLate,
  stopped,
} from '../output/messages/run-messages.js';
import type { Reporter } from '../output/reporter.js';
import { buildSummary, type Summary, type SummaryFacts, summaryJson } from '../output/summary.js';
import { summaryText } from '../output/summary-text.js';
import { tellWatchers } from '../output/tell-watchers.js';
import { detailsOf } from '../report/details.js';
import type { SettingKey, Settings, Source } from '../settings/settings.js';
import { givenFlags, shownSettings } from '../settings/shown-settings.js';
import type { Recording } from './series-recorder.js';

/** What a command knows at its end. */
export interface EndFacts extends Omit<SummaryFacts, 'verdict' | 'settings' | 'toolVersion' | 'user' | 'host'> {
  readonly ending: Omit<Ending, 'result' | 'allowEmpty'>;
  readonly operands: readonly string[];
  readonly allSettings: Settings;
  readonly sources: Readonly<Record<SettingKey, Source>>;
  /** Whose records they are, in words, for the report. */
  readonly owner: string | undefined;
  /** Didomi's organization, or the process id of OneTrust's collection point; '' when not known. */
  readonly ownerId?: string;
  /** How the run went over time, where a report is wanted. */
  readonly recording: Recording | undefined;
}

/**
 * Ends a command: says what was wrong, prints the summary, writes summary file and report.
 * @returns the exit code
 */
export async function endRun(facts: EndFacts, context: CommandContext, reporter: Reporter): Promise<number> {
  const { allSettings: settings } = facts;
  const verdict = verdictOn(facts);
  sayWhatWasWrong(facts, verdict, context, reporter);
  const whole = summaryOf(facts, context);
  const summary = summaryJson(whole);
  if (settings.json) context.stdout.write(summary);
  else if (!settings.quiet || verdict.exitCode !== 0) context.stdout.write(text(facts, verdict, context));
  if (settings.summaryFile !== undefined) {
    const path = settings.summaryFile;
    await writeSummaryFile(path, summary, 0o666 & ~context.umask).catch((error: Error & { reason?: string }) =>
      reporter.warning(outputFailed('--summary-file', path, error.reason ?? error.message)),
    );
  }
  if (settings.report !== undefined) {
    // Its styles and drawings are loaded only where they are wanted.
    const { writeReport } = await import('../report/report-file.js');
    const problem = await writeReport(
      settings.report,
      whole,
      detailsOf(facts.result, facts.owner, facts.recording),
      context,
    );
    if (problem !== undefined) reporter.warning(problem);
  }
  const { ownerId: owner = facts.destination.organization ?? '', quota } = facts;
  const quotaLeft = quota?.left;
  await tellWatchers({ summary: whole, problems: problemsIn(facts), owner, quotaLeft }, settings, context, reporter);
  return verdict.exitCode;
}

/** What ended the command early, or kept an input from being read to its end. */
function problemsIn({ result }: EndFacts): readonly Message[] {
  const { stop, tally } = result;
  const damages = tally.files.flatMap(({ damage }) => (damage === undefined ? [] : [damagedInput(damage)]));
  return stop === undefined ? damages : [stopped(stop), ...damages];
}

/** The summary of a command that ended so. */
export function summaryOf(facts: EndFacts, { toolVersion, user, host }: CommandContext): Summary {
  const settings = shownSettings(facts.command, facts.allSettings);
  return buildSummary({ ...facts, verdict: verdictOn(facts), settings, toolVersion, user, host });
}

function verdictOn({ ending, result, allSettings }: EndFacts): Verdict {
  return decideExit({ ...ending, result, allowEmpty: allSettings.allowEmpty });
}

function sayWhatWasWrong(facts: EndFacts, verdict: Verdict, { program }: CommandContext, reporter: Reporter): void {
  const { result, command, destination, allSettings, sources } = facts;
  for (const { damage, path, unwrappedRejects, endsTorn, leftOut: inside, kind } of result.tally.files) {
    for (const { path, why } of inside) reporter.info(leftOut(path, why), { name: 'left_out', fields: { path, why } });
    if (damage !== undefined) reporter.error(damagedInput(damage));
    const { target } = destination;
    const seems = kind === undefined || target === undefined ? undefined : seemsToBe(path, kind, target);
    if (seems !== undefined) reporter.warning(seems);
    if (unwrappedRejects > 0 && command === 'import') reporter.warning(rejectsArriveLate(path));
    if (endsTorn) reporter.warning(lastRejectTorn(path));
  }
  if (result.stop !== undefined) reporter.error(stopped(result.stop));
  // The summary as text says it only where nothing outweighs it, and as JSON never.
  const doubts = result.tally.events.inDoubt;
  if (doubts > 0 && (allSettings.json || verdict.reason !== 'in_doubt')) {
    reporter.warning(inDoubt(doubts, ledgerCommand(program, ['resolve'], allSettings, sources)));
  }
  const imbalance = findImbalance(result.tally);
  if (verdict.reason === 'bug' && imbalance !== undefined) reporter.error(accountsOff(imbalance));
}

function text(facts: EndFacts, verdict: Verdict, { program, stdout, stderr }: CommandContext): string {
  const { allSettings: settings, sources, operands, command, rejectsFile, durationMs } = facts;
  const line = (inputs: readonly string[], leaveOut: readonly SettingKey[]): string =>
    commandLine(program, [command, ...givenFlags(settings, sources, leaveOut), ...inputs]);
  return summaryText({
    command,
    dryRun: settings.dryRun,
    plan: facts.plan,
    verdict,
    result: facts.result,
    rejectsFile,
    durationMs,
    saidAbove: stdout.isTTY && stderr.isTTY && settings.logFormat === 'text',
    next: {
      again: line(operands, []),
      repair:
        rejectsFile === undefined ? undefined : line([rejectsFile], ['rejects', 'rejectsCsv', 'summaryFile', 'report']),
      resolve: ledgerCommand(program, ['resolve'], settings, sources),
    },
  });
}
