import { verify } from '../../pipeline/verify.js';
import type { Execute } from '../commands/command.js';
import { count } from '../output/figures.js';
import { allMissing, badSample, nothingToVerify, sampleAndAll } from '../output/messages/recall-messages.js';
import type { FlagValues } from '../settings/resolve.js';
import { UsageError } from '../usage-error.js';
import { askToRead } from './asked.js';
import { verdictOn } from './verdict.js';
import { verifyJson, verifyText } from './verify-text.js';
import { runRecall } from './with-inputs.js';

const DEFAULT_SAMPLE = 100;

/** `verify`: exit 1 when something that was delivered is missing or different at the target. */
export const executeVerify: Execute = async (call) => {
  const sample = sampleIn(call.flags);
  return runRecall(
    {
      name: 'verify',
      doing: 'Reading back from',
      readsTwice: () => false,
      ask: askToRead,
      act: async (recall) => {
        const { reporter, settings, inputs, nothingMatched } = recall;
        const { verification, ledger } = await recall.withLedger(async ({ folder }, ports) => ({
          ledger: folder,
          verification: await verify(
            inputs,
            { ...settings, sample, dispatch: { ...settings.dispatch, order: 'none' } },
            ports,
            (running, look) => recall.watch(running, () => progressText(look())),
          ),
        }));
        const { holdings, records, reading, asking } = verification;
        const { match, missing, different } = holdings;
        const results = reading === asking ? [reading] : [reading, asking];
        if (records.delivered === 0 && reading.stop === undefined) reporter.warning(nothingToVerify());
        if (missing > 1 && match + different === 0) reporter.warning(allMissing(missing));
        const verdict = verdictOn(results, missing + different > 0, nothingMatched);
        return {
          json: verifyJson(recall, ledger, verdict, results, sample, verification),
          text: verifyText(verdict, verification),
          exitCode: verdict.exitCode,
        };
      },
    },
    call,
  );
};

/** Undefined: all. @throws {UsageError} */
function sampleIn(flags: FlagValues): number | undefined {
  const given = flags.get('sample');
  if (flags.has('all')) {
    if (given !== undefined) throw new UsageError([sampleAndAll()]);
    return undefined;
  }
  if (given === undefined || given === true) return DEFAULT_SAMPLE;
  const value = Number(given);
  if (!/^\d+$/.test(given) || value < 1 || value > Number.MAX_SAFE_INTEGER) throw new UsageError([badSample(given)]);
  return value;
}

function progressText({ match, missing, different, cantBeTold }: Parameters<typeof verifyText>[1]['holdings']): string {
  const read = match + missing + different + cantBeTold;
  if (read === 0) return 'reading the inputs';
  return `reading back: ${count(read)} so far, ${count(missing)} missing, ${count(different)} different`;
}
