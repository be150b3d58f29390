import { Command, CommanderError, Option } from 'commander';
import type { ActionSpec, CommandSpec, Execute } from './commands/command.js';
import { COMMANDS } from './commands/table.js';
import type { CommandContext } from './context.js';
import type { CallFlag, OptionSpec } from './settings/option-spec.js';
import { optionsOf } from './settings/options.js';
import type { FlagValues } from './settings/resolve.js';

/** Called with what the command line asked for. */
export type Handle = (execute: Execute, operands: readonly string[], flags: FlagValues) => Promise<void>;

/** What the parser found wrong with a command line, in its own words. */
export interface ParserFinding {
  /** `commander.unknownOption` */
  readonly code: string;
  /** `error: unknown option '--ordr'` */
  readonly message: string;
}

/**
 * Reads a command line and calls `handle`, unless it asks for help or the version, which are printed. The only home of
 * commander.
 * @returns what is wrong with the command line, if anything is
 */
export async function readCommandLine(
  args: readonly string[],
  context: CommandContext,
  handle: Handle,
  helpEnds: ReadonlyMap<string, string>,
): Promise<ParserFinding | undefined> {
  const root = buildCommandTree(context, handle, helpEnds);
  if (args.length === 0) {
    context.stderr.write(root.helpInformation());
    return { code: 'commander.noCommand', message: 'say what to do' };
  }
  try {
    await root.parseAsync(args, { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return undefined;
      // A command without its verb: its help was shown on stderr.
      return error.code === 'commander.help' ? { code: 'commander.noVerb', message: 'say what to do' } : error;
    }
    throw error;
  }
}

/** Makes the command tree from the tables of commands and options. It throws instead of ending the process. */
function buildCommandTree(context: CommandContext, handle: Handle, helpEnds: ReadonlyMap<string, string>): Command {
  const root = new Command('consent-import')
    .description(`${WHAT_IT_IS}\n\n${examples(context.program, FIRST_EXAMPLES)}`)
    .usage('<command> [options]')
    .version(context.toolVersion, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help; also: help <command>')
    .helpCommand('help [command]', 'show the help of a command')
    .exitOverride()
    // Similar words are suggested by our own message, which leaves out what may be a secret.
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // Wrong usage is told by whoever catches the error, as all other messages are.
      outputError: () => {},
      getOutHelpWidth: () => helpWidth(context.stdout),
      getErrHelpWidth: () => helpWidth(context.stderr),
    });
  for (const spec of COMMANDS) {
    addCommand(root, spec, context, handle, helpEnds.get(spec.name) ?? '');
  }
  return root;
}

function addCommand(root: Command, spec: CommandSpec, context: CommandContext, handle: Handle, helpEnd: string): void {
  if (!('verbs' in spec)) {
    addAction(root, spec, context, handle, helpEnd);
    return;
  }
  const group = root
    .command(spec.name)
    .description(spec.summary)
    .copyInheritedSettings(root)
    .usage('<verb> [options]')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [verb]', 'show the help of a verb')
    .addHelpText('after', helpEnd === '' ? '' : `\n${helpEnd}`);
  for (const verb of spec.verbs) {
    addAction(group, verb, context, handle, '');
  }
}

function addAction(parent: Command, spec: ActionSpec, context: CommandContext, handle: Handle, helpEnd: string): void {
  const command = parent.command(spec.name).description(spec.summary).copyInheritedSettings(parent);
  if (spec.operands !== undefined) {
    command.argument(spec.operands.syntax, spec.operands.description);
  }
  const specs = spec.options === undefined ? [] : optionsOf(spec.options);
  const options = [
    ...(spec.flags ?? []).map((flag) => ({ spec: flag, option: flagToCommander(flag) })),
    ...specs.map((option) => ({ spec: option, option: toCommander(option) })),
  ];
  for (const { option } of options) {
    command.addOption(option);
  }
  const ends = [examples(context.program, spec.examples), specs.length === 0 ? '' : elsewhere(spec.flags), helpEnd];
  command
    .addHelpOption(new Option('-h, --help', 'show this help').helpGroup(`${specs.at(-1)?.group ?? 'Options'}:`))
    .addHelpText('after', `\n${ends.filter((end) => end !== '').join('\n\n')}`)
    .action(async () => {
      const flags = new Map<string, string | true>();
      for (const { spec: each, option } of options) {
        const key = option.attributeName();
        if (command.getOptionValueSource(key) === 'cli') {
          const value: unknown = command.getOptionValue(key);
          flags.set(each.name, typeof value === 'string' ? value : true);
        }
      }
      await handle(await spec.load(), command.args, flags);
    });
}

const WHAT_IT_IS =
  'Import consent records into a consent platform: nothing lost, nothing twice, nothing out of order, nothing altered.';

const FIRST_EXAMPLES = COMMANDS.flatMap((spec) => ('examples' in spec ? spec.examples : [])).slice(0, 2);

const ELSEWHERE = `Each option can also be set in the environment (CONSENT_IMPORT_MAX_REJECTS for --max-rejects) or in a
config file (maxRejects). A flag counts more than the environment, which counts more than a file.`;

function elsewhere(flags: readonly CallFlag[] = []): string {
  const names = flags.map(({ name }) => `--${name}`).join(', ');
  return names === '' ? ELSEWHERE : `${ELSEWHERE}\nOnly the command line can say ${names}.`;
}

function toCommander(spec: OptionSpec): Option {
  const value = spec.placeholder === undefined ? '' : ` <${spec.placeholder}>`;
  const short = spec.short === undefined ? '' : `-${spec.short}, `;
  return new Option(`${short}--${spec.name}${value}`, optionHelp(spec)).helpGroup(`${spec.group}:`);
}

function flagToCommander({ name, placeholder, help, group }: CallFlag): Option {
  return new Option(`--${name}${placeholder === undefined ? '' : ` <${placeholder}>`}`, help).helpGroup(`${group}:`);
}

function optionHelp(spec: OptionSpec): string {
  const otherwise = spec.default ?? spec.defaultText;
  const choices = spec.kind.type === 'choice' && spec.kind.choices.length === 1 ? `: ${spec.kind.choices[0]}` : '';
  return `${spec.help}${choices}${otherwise === undefined ? '' : ` [${otherwise}]`}`;
}

function examples(program: string, lines: readonly string[]): string {
  return ['Examples:', ...lines.map((line) => `  ${program} ${line}`)].join('\n');
}

/** Lines of more than about 110 characters are hard to read. */
function helpWidth(output: CommandContext['stdout']): number {
  return output.isTTY ? Math.min(output.columns(), 110) : 110;
}
