import type { Verdict } from '../../core/exit-code.js';
import type { HoldingKind } from '../../core/holding.js';
import { describeOrigin } from '../../core/origin.js';
import type { RunResult } from '../../core/run.js';
import type { Verification, VerifyFinding } from '../../pipeline/verify.js';
import { count, counted, moment } from '../output/figures.js';
import { notReadLine } from '../output/not-read.js';
import { amountRows, inReadingOrder, shownCommon, shownFinding } from './shown.js';
import type { Recall } from './with-inputs.js';

/** `verify --json` */
export function verifyJson(
  recall: Recall,
  ledger: string,
  verdict: Verdict,
  results: readonly RunResult[],
  sample: number | undefined,
  { records, holdings, unread, findings, reading }: Verification,
): object {
  const { events, duplicates } = reading.tally;
  return {
    ...shownCommon(recall, ledger, verdict, results),
    sample: sample ?? null,
    records: { read: events.read, ...records, repeated: duplicates.input, rejected: events.rejected },
    verdicts: holdings,
    unread,
    findings: inReadingOrder(findings, reading.tally.files).map(({ holding, record, origin }) => ({
      verdict: holding.kind,
      paths: holding.kind === 'different' ? holding.paths : [],
      why: holding.kind === 'cantBeTold' ? holding.why : null,
      ...shownFinding(record, origin),
    })),
    findingsLeftOut: leftOut(holdings, findings),
  };
}

/** The same for people. */
export function verifyText(verdict: Verdict, verification: Verification): string {
  const { records, holdings, unread, findings, reading, asking } = verification;
  const { match, missing, different, cantBeTold } = holdings;
  const left = leftOut(holdings, findings);
  const paragraphs: readonly (readonly string[])[] = [
    [notReadLine(reading) ?? '', headline(verdict, verification)],
    amountRows([
      ['match', match, true],
      ['missing', missing, true],
      ['different', different, true],
      ["can't be told", cantBeTold, true],
      ['not read back', unread],
    ]),
    ...(['missing', 'different', 'cantBeTold'] as const).map((kind) => listed(kind, verification)),
    left === 0 ? [] : [`And ${count(left)} more.`],
    notAsked(records),
    asking.stop === undefined ? [] : [`Stopped: ${asking.stop.message}`],
  ];
  return paragraphs
    .map((lines) => lines.filter((line) => line !== '').join('\n'))
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
}

function headline({ reason }: Verdict, { records, holdings, unread }: Verification): string {
  const { match, missing, different, cantBeTold } = holdings;
  const read = match + missing + different + cantBeTold;
  const of = `${count(read)} of ${counted(records.delivered, 'delivered event')}`;
  if (missing + different > 0) {
    return `Read back ${of}: ${counted(missing + different, 'event')} not as ${missing + different === 1 ? 'it was' : 'they were'} delivered.`;
  }
  if (reason !== 'completed' || unread > 0) return `Read back ${of}, and not all that were to be.`;
  if (records.delivered === 0) return 'There was nothing to read back.';
  return cantBeTold > 0 ? `Read back ${of}: nothing is known to be wrong.` : `Read back ${of}: all match.`;
}

const TITLES: Readonly<Record<Exclude<HoldingKind, 'match'>, string>> = {
  missing: 'Missing:',
  different: 'Different:',
  cantBeTold: "Can't be told:",
};

function listed(kind: keyof typeof TITLES, { findings, reading }: Verification): readonly string[] {
  const these = inReadingOrder(
    findings.filter(({ holding }) => holding.kind === kind),
    reading.tally.files,
  );
  return these.length === 0 ? [] : [TITLES[kind], ...these.map((finding) => `  ${line(finding)}`)];
}

function line({ holding, record, origin }: VerifyFinding): string {
  const delivered = `${describeOrigin(origin)}, delivered ${moment(record.time)} by run ${record.run}`;
  switch (holding.kind) {
    case 'missing':
      return delivered;
    case 'different':
      return `${delivered}, at ${holding.paths.map((path) => path || 'the whole').join(', ')}`;
    case 'cantBeTold':
      return `${delivered}: ${holding.why}`;
  }
}

function notAsked({ otherContent, inDoubt, notDelivered }: Verification['records']): readonly string[] {
  const rows = amountRows([
    ['not delivered, as far as the ledger knows', notDelivered],
    ['delivered with other content', otherContent],
    ['in doubt', inDoubt],
  ]);
  return rows.length === 0 ? [] : ['Not asked about:', ...rows];
}

function leftOut({ missing, different, cantBeTold }: Verification['holdings'], { length }: { length: number }): number {
  return Math.max(0, missing + different + cantBeTold - length);
}
