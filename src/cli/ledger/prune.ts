import { ledgerFolder } from '../../io/ledger/open.js';
import { pruneLedger } from '../../io/ledger/prune.js';
import { instantOf } from '../../targets/date-time.js';
import type { Execute } from '../commands/command.js';
import { count, counted } from '../output/figures.js';
import { badDate, noDate, pruneQuestion } from '../output/messages/ledger-messages.js';
import { UsageError } from '../usage-error.js';
import { changedBy } from './changed-by.js';
import { assertCanConfirm, confirmChange } from './permission.js';
import { runVerb, type Verb } from './verb.js';
import { knownLedger, withLedger } from './with-ledger.js';

/** Events of one file that one run delivered. */
interface Share {
  readonly run: string;
  readonly file: string;
  events: number;
}

/** `ledger prune --before <date>`: forgets what was delivered before, and says what could then be sent again. */
export const executePrune: Execute = (call) =>
  runVerb('prune', call, async (verb) => {
    const { name: date, time: before } = dateIn(verb);
    assertCanConfirm(verb);
    const options = await knownLedger(verb);
    const folder = ledgerFolder(options);
    const look = await withLedger(verb, 'all', async ({ ledger }) => ({
      files: await shares(ledger.operator.delivered({ before })),
      ...ledger.counters,
    }));
    const told = look.files.reduce((sum, { events }) => sum + events, 0);
    const json = { version: 1, ledger: folder, before: new Date(before).toISOString() };
    if (told === 0) {
      const { delivered, inDoubt } = look;
      return {
        json: { ...json, forgotten: 0, delivered, inDoubt, files: [] },
        text: `Nothing was delivered before ${date}: the ledger stays as it is.`,
      };
    }
    const lines = [
      `${counted(told, 'event')} ${told === 1 ? 'was' : 'were'} delivered before ${date}:`,
      ...shareLines(look.files),
      AGAIN[verb.place.target],
    ];
    await confirmChange(verb, pruneQuestion(lines.join('\n')));
    const by = changedBy(verb, `prune --before ${date}`);
    const { forgotten, delivered, inDoubt } = await pruneLedger({ ...options, before, by });
    return {
      json: { ...json, forgotten, delivered, inDoubt, files: look.files },
      text: [
        ...lines,
        `Forgotten: ${counted(forgotten, 'event')}; ${count(delivered)} left as delivered, ${count(inDoubt)} in doubt. ` +
          'The next import reads every file again.',
      ].join('\n'),
    };
  });

const AGAIN: Readonly<Record<Verb['place']['target'], string>> = {
  didomi:
    'If their files are imported again, they are sent again: Didomi knows events by their ids, and takes none twice.',
  onetrust:
    'If their files are imported again, they are sent again, and OneTrust then has them twice. Keep those files out of reach.',
};

const MOST_LINES = 10;

function shareLines(files: readonly Share[]): string[] {
  const rest = files.length - MOST_LINES;
  return [
    ...files.slice(0, MOST_LINES).map(({ run, file, events }) => `  ${count(events)} of ${file} (run ${run})`),
    ...(rest > 0 ? [`  and those of ${counted(rest, 'more file')}`] : []),
  ];
}

/** By file and run, in the order in which they are met first; the largest first. */
async function shares(
  pages: AsyncIterable<
    readonly { readonly record: { readonly run: string; readonly origin: { readonly file: string } } }[]
  >,
): Promise<readonly Share[]> {
  const found = new Map<string, Share>();
  for await (const page of pages) {
    for (const { record } of page) {
      const { run, origin } = record;
      const key = `${run}\n${origin.file}`;
      const share = found.get(key) ?? { run, file: origin.file, events: 0 };
      share.events += 1;
      found.set(key, share);
    }
  }
  return [...found.values()].sort(
    (a, b) => b.events - a.events || (a.run < b.run ? -1 : a.run > b.run ? 1 : a.file < b.file ? -1 : 1),
  );
}

/** A day stands for its beginning in UTC. @throws {UsageError} */
function dateIn({ flags }: Verb): { readonly name: string; readonly time: number } {
  const given = flags.get('before');
  if (typeof given !== 'string') throw new UsageError([noDate()]);
  const time = instantOf(/^\d{4}-\d\d-\d\d$/.test(given) ? `${given}T00:00:00Z` : given);
  if (Number.isNaN(time)) throw new UsageError([badDate(given)]);
  return { name: given, time };
}
