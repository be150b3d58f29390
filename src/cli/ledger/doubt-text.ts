import type { LedgerRecord } from '../../core/ledger.js';
import { describeOrigin } from '../../core/origin.js';
import { counted, moment } from '../output/figures.js';
import { ledgerCommand } from './command-to-type.js';
import type { Verb } from './verb.js';

/** What is in doubt, for people, and what to type next. */
export function doubtLines(records: readonly LedgerRecord[], verb: Verb): readonly string[] {
  if (records.length === 0) return ['Nothing is in doubt.'];
  const { context, settings, sources } = verb;
  const command = (act: string): string =>
    `  ${ledgerCommand(context.program, ['resolve', '--all', act], settings, sources)}`;
  const are = records.length === 1 ? 'is' : 'are';
  return [
    `${counted(records.length, 'event')} ${are} in doubt: sent, but never answered.`,
    ...[...records].sort(inReadingOrder).map(line),
    'Find out whether they arrived. If they did:',
    command('--delivered'),
    'If they did not, let the next import send them:',
    command('--retry'),
    'For a part of them: --id, --file or --run in the place of --all.',
  ];
}

function line({ origin, time, run }: LedgerRecord): string {
  return `  ${describeOrigin(origin)}, sent ${moment(time)} by run ${run}`;
}

function inReadingOrder(a: LedgerRecord, b: LedgerRecord): number {
  const names = (record: LedgerRecord): string => `${record.origin.file}\n${record.origin.entry ?? ''}`;
  const [first, second] = [names(a), names(b)];
  if (first !== second) return first < second ? -1 : 1;
  const place = ({ line, element = 0, index = 0 }: LedgerRecord['origin']): readonly number[] => [line, element, index];
  const [left, right] = [place(a.origin), place(b.origin)];
  const at = left.findIndex((value, position) => value !== right[position]);
  return at < 0 ? 0 : left[at]! - right[at]!;
}
