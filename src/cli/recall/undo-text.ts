import type { Verdict } from '../../core/exit-code.js';
import { describeOrigin } from '../../core/origin.js';
import type { RunResult } from '../../core/run.js';
import type { Undo, UndoFinding } from '../../pipeline/undo.js';
import { count, counted, moment } from '../output/figures.js';
import { NOT_UNDONE, otherRunsLine } from '../output/messages/recall-messages.js';
import { notReadLine } from '../output/not-read.js';
import { amountRows, inReadingOrder, shownCommon, shownFinding } from './shown.js';
import type { Recall } from './with-inputs.js';

/** How an undo went. */
export interface Undone {
  readonly undo: Undo;
  readonly result: RunResult;
  /** The ledger's folder. */
  readonly ledger: string;
  /** Which run was to be undone. */
  readonly run: string;
}

/** `undo --json` */
export function undoJson(recall: Recall, verdict: Verdict, { undo, result, ledger, run }: Undone): object {
  const { events, duplicates } = result.tally;
  const { counts, findings, otherRuns } = undo;
  return {
    ...shownCommon(recall, ledger, verdict, [result]),
    undoneRun: run,
    dryRun: recall.prepared.settings.dryRun,
    records: {
      read: events.read,
      ...counts,
      repeated: duplicates.input,
      rejected: events.rejected - counts.refused,
    },
    otherRuns: Object.fromEntries(otherRuns),
    findings: inReadingOrder(findings, result.tally.files).map(({ what, record, origin, why }) => ({
      ...{ what, why: why ?? null },
      ...shownFinding(record, origin),
    })),
    findingsLeftOut: leftOut(undo),
  };
}

/** The same for people. */
export function undoText(recall: Recall, verdict: Verdict, { undo, result, run }: Undone): string {
  const { counts, otherRuns } = undo;
  const left = leftOut(undo);
  const isDidomi = recall.prepared.destination.target === 'didomi';
  const paragraphs: readonly (readonly string[])[] = [
    [notReadLine(result) ?? '', headline(recall, verdict, undo, run)],
    amountRows([
      ['created by the run', counts.created, true],
      ['deleted', counts.deleted, isDidomi && !recall.prepared.settings.dryRun],
      ['not there any more', counts.gone],
      ['refused by the target', counts.refused],
      ['left for the next time', counts.unsent],
      ['still there, with other content than these lines', counts.changed],
      ['undone before', counts.undoneBefore],
    ]),
    ...(['refused', 'unsent', 'changed', 'created', 'hadBefore', 'maybeHadBefore'] as const).map((what) =>
      listed(what, undo, result, isDidomi),
    ),
    left === 0 ? [] : [`And ${count(left)} more.`],
    notTouched(undo),
    otherRuns.size === 0 ? [] : [otherRunsLine(otherRuns)],
    isDidomi && counts.created > 0 ? [NOT_UNDONE] : [],
    result.stop === undefined ? [] : [`Stopped: ${result.stop.message}`],
  ];
  return paragraphs
    .map((lines) => lines.filter((line) => line !== '').join('\n'))
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
}

function headline({ prepared }: Recall, { reason }: Verdict, { counts }: Undo, run: string): string {
  const { created, deleted, gone, refused, unsent, changed } = counts;
  if (created === 0 && changed > 0) {
    return `Nothing was undone: as far as the ledger knows, run ${run} created none of these events as they are now.`;
  }
  if (created === 0) {
    return counts.undoneBefore > 0
      ? `Nothing is left to be undone of run ${run}.`
      : `There is nothing to undo: as far as the ledger knows, run ${run} created none of these events.`;
  }
  if (prepared.destination.target === 'onetrust') {
    const [these, can] = created === 1 ? ['this one', 'is'] : ['these', 'are'];
    return `OneTrust keeps receipts for ever: ${counted(created, 'receipt')} of run ${run} can't be undone, and ${these} ${can} still there.`;
  }
  if (prepared.settings.dryRun) return `Dry run: nothing was deleted; ${counted(created, 'event')} would be.`;
  const done = deleted + gone;
  if (refused + unsent > 0) {
    return `Undone in part: ${count(done)} of ${counted(created, 'event')}. Run the same command again.`;
  }
  if (changed > 0) {
    return `Undone in part: ${count(done)} of ${counted(created + changed, 'event')}. The lines of the others have changed since.`;
  }
  const end = reason === 'completed' ? 'A later import sends them again.' : 'Not every input was read to its end.';
  return `Undone: ${counted(done, 'event')} of run ${run}. ${end}`;
}

const TITLES: Readonly<Record<UndoFinding['what'], string>> = {
  created: 'Created by the run:',
  refused: 'Refused by the target:',
  unsent: 'Left for the next time:',
  changed: 'Still there, for the line has changed since. Undo it with the file as it was imported:',
  hadBefore: 'Not touched, for the target said that it had them before:',
  maybeHadBefore: 'Not touched, for whether the run created them can not be told:',
};

/** Of what a dry run would delete, so many are shown. */
const MOST_EXAMPLES = 10;

/** What is only left for the next time is too much to be listed, and the same command finds it. */
function listed(
  what: UndoFinding['what'],
  { findings }: Undo,
  { tally }: RunResult,
  isDidomi: boolean,
): readonly string[] {
  const these = inReadingOrder(
    findings.filter((finding) => finding.what === what),
    tally.files,
  );
  if (these.length === 0 || what === 'unsent') return [];
  const shown = what === 'created' && isDidomi ? these.slice(0, MOST_EXAMPLES) : these;
  const more = these.length - shown.length;
  return [
    TITLES[what],
    ...shown.map((finding) => `  ${line(finding)}`),
    ...(more > 0 ? [`  and ${count(more)} more in these inputs`] : []),
  ];
}

function line({ origin, record, why }: UndoFinding): string {
  return `${describeOrigin(origin)}, delivered ${moment(record.time)}${why === undefined ? '' : `: ${why}`}`;
}

function notTouched({ counts }: Undo): readonly string[] {
  const rows = amountRows([
    ['not delivered, as far as the ledger knows', counts.notDelivered],
    ['delivered by other runs', counts.otherRun],
    ['delivered with other content', counts.otherContent],
    ['had before by the target', counts.hadBefore],
    ['perhaps had before by the target', counts.maybeHadBefore],
  ]);
  return rows.length === 0 ? [] : ['Not touched:', ...rows];
}

function leftOut({ counts, findings }: Undo): number {
  const { refused, unsent, changed, hadBefore, maybeHadBefore, created, deleted, gone } = counts;
  const stillThere = deleted + gone + refused + unsent === 0 ? created : 0;
  return Math.max(0, refused + unsent + changed + hadBefore + maybeHadBefore + stillThere - findings.length);
}
