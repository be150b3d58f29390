import type { LedgerRecord } from '../../core/ledger.js';
import { describeOrigin } from '../../core/origin.js';
import { counted, moment } from '../output/figures.js';
import { ledgerCommand } from './command-to-type.js';
import { NEVER_IN_DOUBT } from './never-in-doubt.js';
import type { Verb } from './verb.js';

/** What is in doubt, for people, and what to type next. */
export function doubtLines(records: readonly LedgerRecord[], verb: Verb): readonly string[] {
  if (verb.place.target === 'didomi' && records.length === 0) return [NEVER_IN_DOUBT];
  if (records.length === 0) return ['Nothing is in doubt.'];
  const { context, settings, sources } = verb;
  const command = (...act: string[]): string =>
    `  ${ledgerCommand(context.program, ['resolve', ...act], settings, sources)}`;
  const files = [...new Set(records.map(({ origin }) => origin.file))];
  const platform = settings.platformUrl === undefined ? ['--platform-url', 'https://app.onetrust.com'] : [];
  const ask =
    verb.place.target === 'didomi' || verb.place.kind === 'sandbox'
      ? []
      : [
          'Let OneTrust tell, with ONETRUST_CLIENT_ID and ONETRUST_CLIENT_SECRET in the environment; its platform has an address of its own:',
          command('--reconcile', ...files.sort(), ...platform),
        ];
  const are = records.length === 1 ? 'is' : 'are';
  return [
    `${counted(records.length, 'event')} ${are} in doubt: sent, but never answered.`,
    ...[...records].sort(inReadingOrder).map(line),
    ...ask,
    `${ask.length === 0 ? 'Find out' : 'Or find out yourself'} whether they arrived. If they did:`,
    command('--all', '--delivered'),
    'If they did not, let the next import send them:',
    command('--all', '--retry'),
    'For a part of them: --id, --file or --run in the place of --all.',
  ];
}

function line({ origin, time, run }: LedgerRecord): string {
  return `  ${describeOrigin(origin)}, sent ${moment(time)} by run ${run}`;
}

/** Of two records, which stands first in the files. */
export function inReadingOrder(a: LedgerRecord, b: LedgerRecord): number {
  const names = (record: LedgerRecord): string => `${record.origin.file}\n${record.origin.entry ?? ''}`;
  const [first, second] = [names(a), names(b)];
  if (first !== second) return first < second ? -1 : 1;
  const place = ({ line, element = 0, index = 0 }: LedgerRecord['origin']): readonly number[] => [line, element, index];
  const [left, right] = [place(a.origin), place(b.origin)];
  const at = left.findIndex((value, position) => value !== right[position]);
  return at < 0 ? 0 : left[at]! - right[at]!;
}
