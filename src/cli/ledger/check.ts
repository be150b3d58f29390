import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { exitCodeOf } from '../../core/exit-code.js';
import { systemClock } from '../../io/clock.js';
import { lookUp } from '../../pipeline/look-up.js';
import { decodeSubjectList, onlyAbout, type SubjectList } from '../../targets/subjects.js';
import type { Execute } from '../commands/command.js';
import { findInputs } from '../import/inputs.js';
import { createRules } from '../import/rules.js';
import { unwrapSettings } from '../import/unwrap-settings.js';
import {
  badLine,
  badSubjects,
  noInputsToCheck,
  stdinTwice,
  subjectsUnreadable,
} from '../output/messages/ledger-messages.js';
import { damagedInput } from '../output/messages/run-messages.js';
import { UsageError } from '../usage-error.js';
import { CheckOutput } from './check-output.js';
import { BrokenOff, runVerb, type Verb } from './verb.js';
import { withLedger } from './with-ledger.js';

/**
 * `ledger check <input...>`: what became of each record. Sends nothing, changes nothing. Exit 0 whatever the answer is; 3
 * when an input could not be read to its end.
 */
export const executeCheck: Execute = (call) =>
  runVerb(
    'check',
    call,
    async (verb) => {
      const { operands, settings, context, reporter } = verb;
      if (operands.length === 0) throw new UsageError([noInputsToCheck()]);
      const line = lineIn(verb);
      const people = await peopleIn(verb);
      const found = await findInputs(operands, settings, undefined, context, reporter);
      try {
        return await withLedger(verb, 'all', async ({ ledger, folder }) => {
          found.tell();
          const output = new CheckOutput(context.stdout, folder, {
            json: settings.json,
            ofPeople: people !== undefined,
          });
          const rules = rulesFor(verb);
          const { complete, tally } = await lookUp(
            found.inputs,
            { maxLineBytes: settings.maxLineBytes, unwrap: unwrapSettings(settings), line },
            {
              ...{ clock: systemClock, ledger, undoing: ledger.undoing, found: (records) => output.add(records) },
              rules: people === undefined ? rules : onlyAbout(rules, verb.place.target, people),
            },
          ).catch(async (error: unknown) => {
            if (!output.begun) throw error;
            await output.end(false);
            throw new BrokenOff('the answer was broken off', { cause: error });
          });
          for (const { damage } of tally.files) if (damage !== undefined) reporter.error(damagedInput(damage));
          const isWhole = complete && !found.nothingMatched;
          await output.end(isWhole);
          return { streamed: true, exitCode: isWhole ? 0 : exitCodeOf('input') };
        });
      } finally {
        await found.close();
      }
    },
    'check',
  );

/** @throws {UsageError} */
function lineIn({ flags }: Verb): number | undefined {
  const given = flags.get('line');
  if (given === undefined) return undefined;
  const line = Number(given);
  if (!Number.isSafeInteger(line) || line < 1) throw new UsageError([badLine(String(given))]);
  return line;
}

/** The ids of `--subjects`, from a file, or with `-` from standard input. @throws {UsageError} */
async function peopleIn({ flags, operands, context }: Verb): Promise<SubjectList | undefined> {
  const given = flags.get('subjects');
  if (given === undefined || given === true) return undefined;
  if (given !== '-') throw new UsageError([subjectsUnreadable()]);
  if (operands.includes('-')) throw new UsageError([stdinTwice()]);
  const people = subjectsIn(await buffer(context.stdin.bytes() as Readable));
  if (people.ids.size === 0) throw new UsageError([badSubjects('standard input names nobody')]);
  return people;
}

/** @throws {UsageError} */
function subjectsIn(bytes: Uint8Array): SubjectList {
  try {
    return decodeSubjectList(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError([badSubjects(`standard input can't be read: ${error.message}`)]);
  }
}

function rulesFor({ place, settings }: Verb): ReturnType<typeof createRules> {
  if (place.target === 'didomi')
    return createRules({ target: place.target, organization: place.organization }, settings);
  const { target, token } = place;
  return createRules({ target, token, tokenMayLack: true, authorizations: undefined, wereSent: true }, settings);
}
