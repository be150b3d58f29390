import { exitCodeOf } from '../../core/exit-code.js';
import { describeOrigin } from '../../core/origin.js';
import type { TargetName } from '../../core/target.js';
import type { OpenLedger } from '../../io/ledger/open.js';
import type { FoundRecord } from '../../io/ledger/records.js';
import type { Reconciled } from '../../pipeline/reconcile.js';
import { SHOWN_AFTER_MS } from '../../targets/onetrust/inquiry.js';
import { counted, moment } from '../output/figures.js';
import { inReadingOrder } from './doubt-text.js';
import { NEVER_IN_DOUBT } from './never-in-doubt.js';
import { shownRecord } from './shown-record.js';
import type { Answer } from './verb.js';

/** Why an event stays in doubt, in words. */
const REASONS: Readonly<Record<Exclude<Reconciled, 'arrived' | 'not_taken'>, string>> = {
  too_soon: 'not found, but it was sent so recently that it may not be shown yet',
  too_old: 'sent so long ago that OneTrust does not show it any more',
  ambiguous: 'a receipt was found that may be it, or another one',
  not_all_read: 'not found, but not all receipts of this person could be read',
  unproved:
    'not found, but no receipt that is known to be delivered was found either: check that --platform-url and the OAuth client are those of this collection point',
  not_in_inputs: 'its record is not among the inputs',
  changed: 'its record was changed since it was sent',
};

/** What was found out, for people and for scripts. Exit 7 when something stays in doubt. */
export function reconciledAnswer(
  doubts: readonly FoundRecord[],
  answers: readonly Reconciled[],
  { ledger, folder }: OpenLedger,
  nowMs: number,
): Answer {
  const count = (meant: Reconciled): number => answers.filter((answer) => answer === meant).length;
  const [arrived, notTaken] = [count('arrived'), count('not_taken')];
  const stay = doubts.length - arrived - notTaken;
  const open = doubts
    .map(({ record }, i) => ({ record, answer: answers[i]! }))
    .filter(({ answer }) => answer !== 'arrived' && answer !== 'not_taken')
    .sort((a, b) => inReadingOrder(a.record, b.record));
  const lines = open.map(({ record, answer }) => {
    const again = answer === 'too_soon' ? `; ask again after ${moment(record.time + SHOWN_AFTER_MS)}` : '';
    return `  ${describeOrigin(record.origin)}: ${REASONS[answer as keyof typeof REASONS]}${again}`;
  });
  const events = doubts.map(({ record }, i) => ({ ...shownRecord(record), became: answers[i]! }));
  const { inDoubt } = ledger.counters;
  return {
    json: {
      ...{ version: 1, ledger: folder, asked: doubts.length, delivered: arrived, retry: notTaken, inDoubt },
      ...{ askedAt: new Date(nowMs).toISOString(), events },
    },
    text: [
      `Of ${counted(doubts.length, 'event')} in doubt, ${arrived} arrived, now recorded as delivered; ${notTaken} did not, left for the next import to send; ${stay} ${stay === 1 ? 'stays' : 'stay'} in doubt.`,
      ...lines,
    ].join('\n'),
    exitCode: inDoubt === 0 || stay === 0 ? 0 : exitCodeOf('in_doubt'),
  };
}

/** Nothing is in doubt. */
export function nothingToAsk(target: TargetName, folder?: string): Answer {
  const json = { version: 1, ...(folder !== undefined && { ledger: folder }), asked: 0, delivered: 0, retry: 0 };
  return {
    json: { ...json, inDoubt: 0, events: [] },
    text: target === 'didomi' ? NEVER_IN_DOUBT : 'Nothing is in doubt.',
  };
}
