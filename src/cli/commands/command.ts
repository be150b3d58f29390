import type { CommandContext } from '../context.js';
import type { Runners } from '../runners.js';
import type { CommandName } from '../settings/option-spec.js';
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

/** A command of the program: a row of `COMMANDS`. */
export interface CommandSpec {
  readonly name: string;
  /** For the list in `--help`. */
  readonly summary: string;
  /** Operands in commander's notation: `<input...>`. */
  readonly operands?: { readonly syntax: string; readonly description: string };
  /** The options that it takes from the table. */
  readonly options?: CommandName;
  readonly examples: readonly string[];
  /** More text at the end of its help, loaded only when it is shown. */
  readonly helpEnd?: () => Promise<string>;
  /** Loads the command's module when it is used. */
  readonly load: () => Promise<Execute>;
}
