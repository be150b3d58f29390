import type { CommandContext } from '../context.js';
import type { Runners } from '../runners.js';
import type { CallFlag, CommandName } from '../settings/option-spec.js';
import type { FlagValues } from '../settings/resolve.js';

/** One call of a command, as the command line told it. */
export interface Call {
  /** The operands: `<input...>`, `<name>`. */
  readonly operands: readonly string[];
  readonly flags: FlagValues;
  readonly context: CommandContext;
  readonly runners: Runners;
}

/** What a command does. Resolves to the exit code. @throws {UsageError} */
export type Execute = (call: Call) => Promise<number>;

interface Described {
  readonly name: string;
  /** For the list in `--help`. */
  readonly summary: string;
  /** More text at the end of its help, loaded only when it is shown. */
  readonly helpEnd?: () => Promise<string>;
}

/** What can be carried out: a command without verbs, or a verb. */
export interface ActionSpec extends Described {
  /** Operands in commander's notation: `<input...>`. */
  readonly operands?: {
    readonly syntax: string;
    readonly description: string;
    /** The words that can stand there, where they are few. */
    readonly choices?: readonly string[];
  };
  /** The options that it takes from the table. */
  readonly options?: CommandName;
  /** Flags of its own, besides the table's. */
  readonly flags?: readonly CallFlag[];
  readonly examples: readonly string[];
  /** Loads the command's module when it is used. */
  readonly load: () => Promise<Execute>;
}

/** A command that is named with one of its verbs: `ledger status`. */
export interface GroupSpec extends Described {
  readonly verbs: readonly ActionSpec[];
}

/** A command of the program: a row of `COMMANDS`. */
export type CommandSpec = ActionSpec | GroupSpec;
