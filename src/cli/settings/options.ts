import { type CommandName, configKey, type OptionSpec } from './option-spec.js';
import { DESTINATION_OPTIONS } from './options/destination.js';
import { READING_OPTIONS } from './options/reading.js';
import { RUNNING_OPTIONS } from './options/running.js';
import { SANDBOX_OPTIONS } from './options/sandbox.js';
import { SENDING_OPTIONS } from './options/sending.js';
import { WATCHING_OPTIONS } from './options/watching.js';

/**
 * Every option of every command. Flags, environment, config files, help, the summary's `settings` and the type
 * `Settings` are derived from this table, so an option is added here and nowhere else.
 */
export const OPTIONS = [
  ...DESTINATION_OPTIONS,
  ...READING_OPTIONS,
  ...SENDING_OPTIONS,
  ...RUNNING_OPTIONS,
  ...WATCHING_OPTIONS,
  ...SANDBOX_OPTIONS,
] as const satisfies readonly OptionSpec[];

/** The options of one command, in the order of the help. `doctor` looks at what an import would be called with. */
export function optionsOf(command: CommandName): readonly OptionSpec[] {
  const like = command === 'doctor' ? 'import' : command;
  return (OPTIONS as readonly OptionSpec[]).filter((option) => option.commands.includes(like));
}

/** The option with this key in camelCase. */
export function optionWithKey(key: string): OptionSpec | undefined {
  return (OPTIONS as readonly OptionSpec[]).find((option) => configKey(option.name) === key);
}

/** What is set of the options that name a file or a folder. */
export function pathsIn(settings: Readonly<Record<string, unknown>>): readonly string[] {
  const values = (OPTIONS as readonly OptionSpec[])
    .filter(({ kind }) => kind.type === 'path')
    .map(({ name }) => settings[configKey(name)]);
  return values.filter((value) => typeof value === 'string');
}
