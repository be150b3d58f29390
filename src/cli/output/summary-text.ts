import type { WarningName } from '../../core/block.js';
import { WARNING_NAMES } from '../../core/block.js';
import type { Verdict } from '../../core/exit-code.js';
import { describeOrigin } from '../../core/origin.js';
import type { Plan } from '../../core/plan.js';
import type { RunResult, Tally } from '../../core/run.js';
import { bytes, count, counted, duration } from './figures.js';
import { type NextCommands, nextStep } from './next-step.js';
import { notReadLine } from './not-read.js';
import { planLines } from './plan-text.js';
import { printable } from './printable.js';
import { rejectedCount, rejectLines } from './rejects-text.js';

/** What the text for people is made of. */
export interface SummaryTextFacts {
  readonly command: 'import' | 'validate';
  /** `--dry-run`: nothing was sent. */
  readonly dryRun: boolean;
  /** What an import would do: of a dry run. */
  readonly plan?: Plan | undefined;
  readonly verdict: Verdict;
  readonly result: RunResult;
  readonly rejectsFile: string | undefined;
  readonly durationMs: number;
  /** Undefined where it is told of long after. */
  readonly next: NextCommands | undefined;
  /** The reader has just seen why the run stopped and which inputs are damaged: on a terminal, where stderr is shown too. */
  readonly saidAbove?: boolean;
}

/** The end of a run, for people: what was not read, what happened, where the rejects are, and what to type next. */
export function summaryText(facts: SummaryTextFacts): string {
  const { tally } = facts.result;
  const rejects = rejectLines(tally);
  const paragraphs: readonly (readonly string[])[] = [
    [notReadLine(facts.result) ?? '', headline(facts)],
    figures(facts),
    facts.plan === undefined ? [] : ['Plan:', ...planLines(facts.plan, tally).map(indented)],
    rejects.length === 0 ? [] : ['Rejected:', ...rejects.map(indented)],
    warningLines(tally),
    facts.saidAbove === true ? [] : damageLines(tally),
    facts.rejectsFile === undefined ? [] : [`Rejects file: ${facts.rejectsFile}`],
    [facts.next === undefined ? '' : (nextStep(facts.command, facts.verdict.reason, facts.next) ?? '')],
  ];
  const text = paragraphs
    .map((lines) => lines.filter((line) => line !== '').join('\n'))
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
  return `${printable(text)}\n`;
}

function headline({ command, dryRun, verdict, result, saidAbove = false }: SummaryTextFacts): string {
  const { tally, stop } = result;
  if (stop !== undefined) {
    if (saidAbove) return 'Stopped, as said above.';
    return stop.message.startsWith('stopped') ? `S${stop.message.slice(1)}` : `Stopped: ${stop.message}`;
  }
  switch (verdict.reason) {
    case 'completed':
      if (tally.events.read === 0) {
        return 'Done: there was nothing to read.';
      }
      if (dryRun) {
        return `Dry run: nothing was sent; ${counted(tally.events.undelivered, 'event')} would be.`;
      }
      if (tally.files.some(({ accepted }) => accepted)) {
        return 'Done: every event was delivered, now or before, but for rejects that were accepted (ledger accept).';
      }
      return command === 'validate' ? 'Done: every event is valid.' : 'Done: every event was delivered, now or before.';
    case 'rejects':
      return `Finished, but ${rejectedCount(tally)}.`;
    case 'input':
      return 'Finished, but not every input could be read to its end.';
    case 'in_doubt':
      return `Finished, but ${counted(tally.events.inDoubt, 'event')} ${tally.events.inDoubt === 1 ? 'is' : 'are'} in doubt.`;
    case 'unavailable':
      return `Finished, but ${counted(tally.events.undelivered, 'event')} could not be delivered.`;
    case 'bug':
      return 'Ended by a bug: these numbers may be wrong.';
    default:
      return `Ended: ${verdict.reason}.`;
  }
}

function figures({ command, dryRun, result, durationMs }: SummaryTextFacts): readonly string[] {
  const { events, duplicates, requests, bytes: amounts } = result.tally;
  const kinds = [
    ['in the ledger', duplicates.ledger],
    ['repeated in the input', duplicates.input],
    ['known to the target', duplicates.target],
  ] as const;
  const told = kinds.filter(([, amount]) => amount > 0).map(([name, amount]) => `${count(amount)} ${name}`);
  const rows: readonly (readonly [string, number, string?])[] = [
    ['read', events.read],
    ...(command === 'import' && !dryRun ? ([['delivered', events.delivered]] as const) : []),
    ['duplicate', events.duplicate, told.length === 0 ? '' : `(${told.join(', ')})`],
    ['rejected', events.rejected],
    ...(events.inDoubt > 0 ? ([['in doubt', events.inDoubt]] as const) : []),
    ...(command === 'validate' ? ([['valid', events.undelivered]] as const) : []),
    ...(dryRun ? ([['to be sent', events.undelivered]] as const) : []),
    ...(command === 'import' && !dryRun && events.undelivered > 0
      ? ([['undelivered', events.undelivered]] as const)
      : []),
  ];
  const name = Math.max(...rows.map(([label]) => label.length));
  const number = Math.max(...rows.map(([, amount]) => count(amount).length));
  const lines = rows.map(([label, amount, note]) =>
    `  ${label.padEnd(name)}  ${count(amount).padStart(number)}  ${note ?? ''}`.trimEnd(),
  );
  return [...lines, speed(command, events.read, durationMs, requests, amounts)];
}

function speed(
  command: SummaryTextFacts['command'],
  read: number,
  durationMs: number,
  requests: Tally['requests'],
  amounts: Tally['bytes'],
): string {
  const parts = [`${duration(durationMs)}`, `${bytes(amounts.read)} read`];
  if (durationMs > 0 && read > 0) {
    parts.push(`${count((read / durationMs) * 1000)} events/s`);
  }
  if (command === 'import') {
    parts.push(counted(requests.sent, 'request'));
    for (const [amount, name] of [
      [requests.retried, 'retried'],
      [requests.rateLimited, 'rate limited'],
      [requests.split, 'split'],
    ] as const) {
      if (amount > 0) {
        parts.push(`${count(amount)} ${name}`);
      }
    }
  }
  return `  ${parts.join(', ')}`;
}

export const WARNING_TEXTS: Readonly<Record<WarningName, string>> = {
  missing_created_at: 'no created_at: the platform dates the event with the day of the import',
  missing_regulation: 'no regulation: the platform assumes gdpr',
  unknown_field: 'a field that the platform does not document',
  many_purposes: 'more purposes than usual',
  unchecked_against_token: "not checked against the token's own contents",
  known_to_target: 'the platform said that it had this id before; whether with the same content was not checked',
  unknown_purpose: 'a purpose that the organization does not have',
  older_than_previous: 'dated before an earlier event of the same person: which of them counts, the platform decides',
  missing_interaction_date: 'no interactionDate: what date the platform gives the receipt is not documented',
};

function warningLines(tally: Readonly<Tally>): readonly string[] {
  const lines = WARNING_NAMES.filter((name) => (tally.warnings[name] ?? 0) > 0).map((name) => {
    const first = (tally.warnedFirst[name] ?? []).map(describeOrigin).join(', ');
    const where = first === '' ? '' : `, first at ${first}`;
    return indented(`${count(tally.warnings[name] ?? 0)} × ${WARNING_TEXTS[name]} (${name})${where}`);
  });
  return lines.length === 0 ? [] : ['Warnings:', ...lines];
}

function damageLines(tally: Readonly<Tally>): readonly string[] {
  const messages = tally.files.flatMap((file) => (file.damage === undefined ? [] : [file.damage.message]));
  const rest = messages.length - 10;
  return messages.length === 0
    ? []
    : [
        'Not read to the end:',
        ...messages.slice(0, 10).map(indented),
        ...(rest > 0 ? [indented(`${counted(rest, 'more input')}`)] : []),
      ];
}

function indented(line: string): string {
  return `  ${line}`;
}
