import { join } from 'node:path';
import { AskError } from '../../core/ask.js';
import { exitCodeOf } from '../../core/exit-code.js';
import { systemClock } from '../../io/clock.js';
import { HttpTransport } from '../../io/http-transport.js';
import type { OpenLedger } from '../../io/ledger/open.js';
import type { FoundRecord } from '../../io/ledger/records.js';
import { createPatientAsk } from '../../pipeline/patient-ask.js';
import { type Reconciliation, reconcile } from '../../pipeline/reconcile.js';
import { createOneTrustInquiry } from '../../targets/onetrust/inquiry.js';
import { ONETRUST_READS_PER_MINUTE } from '../../targets/onetrust/limits.js';
import { createPlatformAuthorizer } from '../../targets/onetrust/platform-authorize.js';
import { createOneTrustRules } from '../../targets/onetrust/rules.js';
import { payloadNameOf } from '../../targets/onetrust/stamp.js';
import { readToldLimits } from '../../targets/told-limits.js';
import { type FoundInputs, findInputs } from '../import/inputs.js';
import { isReadOnce } from '../import/rehearsal.js';
import { unwrapSettings } from '../import/unwrap-settings.js';
import {
  reconcileFailed,
  reconcileInSandbox,
  reconcileNeedsTwice,
  reconcileQuestion,
  reconcileUnread,
  reconcileWithoutInputs,
} from '../output/messages/ledger-messages.js';
import { damagedInput } from '../output/messages/run-messages.js';
import { networkOf } from '../settings/network.js';
import { type Platform, requirePlatform } from '../settings/platform.js';
import { UsageError } from '../usage-error.js';
import { changedBy } from './changed-by.js';
import { nothingToAsk, reconciledAnswer } from './reconciled-text.js';
import { type Choice, recordedChoice } from './selection.js';
import { type Answer, type Verb, VerbFailure } from './verb.js';
import { changeLedger } from './with-ledger.js';

/**
 * `ledger resolve --reconcile <input...>`: finds out at the platform what became of events in doubt, and settles those
 * of which it can be told.
 * @param inDoubt reads what is in doubt
 * @throws {UsageError, LedgerError, VerbFailure}
 */
export async function reconcileDoubts(
  verb: Verb,
  choice: Choice,
  inDoubt: (opened: OpenLedger) => Promise<readonly FoundRecord[]>,
): Promise<Answer> {
  const { place, operands, settings, context, reporter } = verb;
  if (place.target === 'didomi') return nothingToAsk('didomi');
  if (operands.length === 0) throw new UsageError([reconcileWithoutInputs()]);
  if (place.kind === 'sandbox') throw new UsageError([reconcileInSandbox()]);
  const platform = requirePlatform(settings, context.env);
  // There is no rejects file; its place is taken by a name that no input has.
  const found = await findInputs(operands, settings, join(context.cwd, NO_REJECTS), context, reporter);
  try {
    for (const { info } of found.inputs) {
      if (await isReadOnce(info.path)) throw new UsageError([reconcileNeedsTwice(info.path)]);
    }
    return await changeLedger(
      verb,
      inDoubt,
      (doubts) => (doubts.length === 0 ? undefined : reconcileQuestion(doubts.length, platform.url)),
      async (opened) => {
        const doubts = await inDoubt(opened);
        found.tell();
        if (doubts.length === 0) return nothingToAsk('onetrust', opened.folder);
        const answers = await ask(verb, platform, found, opened, doubts);
        const by = (as: string) => changedBy(verb, `resolve --reconcile ${recordedChoice(choice)} (${as})`);
        const keys = (meant: string) => doubts.filter((_, i) => answers[i] === meant).map(({ key }) => key);
        const { operator } = opened.ledger;
        const [arrived, notTaken] = [keys('arrived'), keys('not_taken')];
        if (arrived.length > 0) await operator.resolve({ keys: arrived }, 'delivered', by('delivered'));
        if (notTaken.length > 0) await operator.resolve({ keys: notTaken }, 'retry', by('retry'));
        return reconciledAnswer(doubts, answers, opened, context.now());
      },
    );
  } finally {
    await found.close();
  }
}

const NO_REJECTS = '.consent-import-no-rejects-file';

type Answers = NonNullable<Reconciliation['answers']>;

/** @throws {VerbFailure} when the platform can't be asked, or not everything could be read */
async function ask(
  { place, settings, context, reporter, identity }: Verb,
  { url, client }: Platform,
  { inputs, nothingMatched }: FoundInputs,
  { ledger }: OpenLedger,
  doubts: readonly FoundRecord[],
): Promise<Answers> {
  const token = place.target === 'onetrust' ? place.token : undefined;
  const { idPointer, stamp, maxLineBytes, timeout, giveUpAfter, maxWait } = settings;
  const network = networkOf(settings, context.env);
  const abort = new AbortController();
  let signal: 'SIGINT' | 'SIGTERM' = 'SIGINT';
  const stopListening = context.onSignal((which) => {
    signal = which;
    abort.abort();
  });
  const transport = new HttpTransport({
    ...{ apiUrl: url, connections: 1, timeoutMs: timeout, keepAliveMs: 4_000 },
    ...{ ca: network.ca, proxy: network.proxyFor(new URL(url)) },
    userAgent: `consent-import/${context.toolVersion}`,
  });
  const asking = createPatientAsk(
    { requestsPerMinute: ONETRUST_READS_PER_MINUTE, giveUpAfterMs: giveUpAfter, maxWaitMs: maxWait },
    {
      ...{ clock: systemClock, random: Math.random, transport, readLimits: readToldLimits },
      authorizer: createPlatformAuthorizer(client),
    },
  );
  try {
    const { answers, reading } = await reconcile(
      inputs,
      doubts,
      { run: identity.id, maxLineBytes, unwrap: unwrapSettings(settings) },
      {
        ...{ clock: systemClock, ledger, signal: abort.signal },
        rules: createOneTrustRules({ token, idPointer, stamp, wereSent: true }),
        inquiry: createOneTrustInquiry(asking, systemClock, { token, payloadName: payloadNameOf(idPointer, stamp) }),
      },
    );
    if (answers !== undefined && !nothingMatched) return answers;
    if (abort.signal.aborted) throw new AskError('interrupted', 'interrupted');
    for (const { damage } of reading.tally.files) if (damage !== undefined) reporter.error(damagedInput(damage));
    throw new VerbFailure(reconcileUnread(), exitCodeOf('input'));
  } catch (error) {
    if (!(error instanceof AskError)) throw error;
    const { reason, message } = error;
    throw new VerbFailure(reconcileFailed(message, reason), exitCodeOf(reason, signal));
  } finally {
    stopListening();
    await transport.close();
  }
}
