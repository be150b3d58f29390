import { exitCodeOf } from '../../core/exit-code.js';
import { LedgerError } from '../../core/ledger.js';
import type { RunIdentity } from '../../io/ledger/holder.js';
import type { Call } from '../commands/command.js';
import type { CommandContext } from '../context.js';
import { newRunId } from '../import/run-id.js';
import { failureJson } from '../output/failure-json.js';
import type { Message } from '../output/messages/message.js';
import { printable } from '../output/printable.js';
import { createReporter, type Reporter, wantsColor } from '../output/reporter.js';
import type { CommandName } from '../settings/option-spec.js';
import type { Place } from '../settings/place.js';
import { type Preparation, type PreparedLedger, prepareLedger, prepareLedgers } from '../settings/prepared.js';
import { type FlagValues, type Resolved, resolveSettings } from '../settings/resolve.js';
import type { SettingKey, Settings, Source } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';
import { ledgerCommand } from './command-to-type.js';
import { ledgerProblem } from './problem.js';

/** One call of a verb of `ledger`, with its settings. */
export interface Verb<P extends Place | undefined = Place> {
  readonly name: string;
  /** Whose ledger; undefined where all are meant. */
  readonly place: P;
  /** The folder that holds a folder per destination. */
  readonly ledger: string;
  readonly operands: readonly string[];
  /** Its own flags among them. */
  readonly flags: FlagValues;
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingKey, Source>>;
  readonly context: CommandContext;
  readonly reporter: Reporter;
  /** Who holds the ledger meanwhile. */
  readonly identity: RunIdentity;
}

/** What a verb found out or did: one object with `--json`, else text. */
export interface Answer {
  readonly json: object;
  /** Without its last line's end. */
  readonly text: string;
  /** 0 unless it says otherwise. */
  readonly exitCode?: number;
}

/** A verb could not come to an answer. */
export class VerbFailure extends Error {
  override readonly name = 'VerbFailure';
  readonly what: Message;
  readonly exitCode: number;

  constructor(what: Message, exitCode: number) {
    super(what.text);
    this.what = what;
    this.exitCode = exitCode;
  }
}

/** A verb that had begun to write its answer bit by bit, and ended it, met this error. */
export class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
}

/** The answer was written bit by bit. */
export interface Streamed {
  readonly streamed: true;
  readonly exitCode: number;
}

/**
 * Carries out a verb that is about the ledger of one destination.
 * @param options whose options of the table it takes
 * @returns the exit code
 * @throws {UsageError}
 */
export function runVerb(
  name: string,
  call: Call,
  act: (verb: Verb) => Promise<Answer | Streamed>,
  options: CommandName = 'ledger',
): Promise<number> {
  return run(name, call, prepareLedger, act, options);
}

/** Carries out a verb that is about all ledgers where no destination is named. */
export function runOverallVerb(
  name: string,
  call: Call,
  act: (verb: Verb<Place | undefined>) => Promise<Answer>,
): Promise<number> {
  return run(name, call, prepareLedgers, act, 'ledger');
}

async function run<P extends Place | undefined>(
  name: string,
  { operands, flags, context }: Call,
  prepare: (resolved: Resolved, around: CommandContext) => Preparation<Omit<PreparedLedger, 'place'> & { place: P }>,
  act: (verb: Verb<P>) => Promise<Answer | Streamed>,
  options: CommandName,
): Promise<number> {
  const { prepared, problems, warnings } = prepare(resolveSettings(options, flags, context), context);
  if (prepared === undefined) throw new UsageError(problems);
  const color = wantsColor(context.stderr, context.env, prepared.settings.noColor);
  const reporter = createReporter(context, { quiet: false, debug: false, color });
  for (const warning of warnings) reporter.warning(warning);
  const { pid, host, user } = context;
  const startedAt = context.now();
  const identity = { id: newRunId(startedAt), pid, host, user, startedAt, command: `ledger ${name}` };
  try {
    const answer = await act({ name, operands, flags, context, reporter, identity, ...prepared });
    if ('streamed' in answer) return answer.exitCode;
    const { json } = prepared.settings;
    context.stdout.write(json ? `${JSON.stringify(answer.json)}\n` : `${printable(answer.text)}\n`);
    return answer.exitCode ?? 0;
  } catch (error) {
    const isAnswered = error instanceof BrokenOff;
    const { settings, sources } = prepared;
    const repair = ledgerCommand(context.program, ['repair'], settings, sources);
    const { what, exitCode } = failureIn(isAnswered ? error.cause : error, repair);
    reporter.error(what);
    if (settings.json && !isAnswered) context.stdout.write(failureJson([what], exitCode));
    return exitCode;
  }
}

/** What to tell of an error. Throws it again where it is none that a verb can meet. */
function failureIn(error: unknown, repair: string): Pick<VerbFailure, 'what' | 'exitCode'> {
  if (error instanceof VerbFailure) return error;
  if (!(error instanceof LedgerError)) throw error;
  const { reason, message } = ledgerProblem(error, repair);
  return { what: message, exitCode: exitCodeOf(reason) };
}
