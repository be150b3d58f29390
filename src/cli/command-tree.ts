import { Command, CommanderError, Option } from 'commander';
import type { ActionSpec, CommandSpec, Execute } from './commands/command.js';
import { COMMANDS } from './commands/table.js';
import type { CommandContext } from './context.js';
import { helpFor } from './help/asked-help.js';
import { groupHelp, type HelpFor, rootHelp, shortHelp } from './help/help-text.js';
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
    context.stderr.write(root.helpInformation({ error: true }));
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
    .version(context.toolVersion, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    // `help <command>` is answered before a command line is read.
    .helpCommand(false)
    .exitOverride()
    // Similar words are suggested by our own message, which leaves out what may be a secret.
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // Wrong usage is told by whoever catches the error, as all other messages are.
      outputError: () => {},
    });
  shows(root, context, (who) => rootHelp(COMMANDS, who));
  for (const spec of COMMANDS) {
    addCommand(root, spec, context, handle, helpEnds.get(spec.name) ?? '');
  }
  return root;
}

function addCommand(root: Command, spec: CommandSpec, context: CommandContext, handle: Handle, helpEnd: string): void {
  if (!('verbs' in spec)) {
    addAction(root, spec, undefined, context, handle, helpEnd);
    return;
  }
  const group = root.command(spec.name).copyInheritedSettings(root).helpCommand(false);
  shows(group, context, (who) => groupHelp(spec, helpEnd, who));
  for (const verb of spec.verbs) {
    addAction(group, verb, spec.name, context, handle, '');
  }
}

function addAction(
  parent: Command,
  spec: ActionSpec,
  group: string | undefined,
  context: CommandContext,
  handle: Handle,
  end: string,
): void {
  const command = parent.command(spec.name).copyInheritedSettings(parent);
  if (spec.operands !== undefined) {
    command.argument(spec.operands.syntax, spec.operands.description);
  }
  const specs = spec.options === undefined ? [] : optionsOf(spec.options);
  const options = [
    ...(spec.flags ?? []).map((flag) => ({ spec: flag, option: toCommander(flag) })),
    ...specs.map((option) => ({ spec: option, option: toCommander(option) })),
  ];
  for (const { option } of options) {
    command.addOption(option);
  }
  shows(command, context, (who) => shortHelp({ spec, group, options: specs, end }, who));
  command.action(async () => {
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

/** Lets a command show our own help. */
function shows(command: Command, context: CommandContext, text: (who: HelpFor) => string): void {
  command.helpInformation = (how) => text(helpFor(context, how?.error === true ? context.stderr : context.stdout));
}

function toCommander(spec: { readonly name: string; readonly short?: string; readonly placeholder?: string }): Option {
  const value = spec.placeholder === undefined ? '' : ` <${spec.placeholder}>`;
  const short = spec.short === undefined ? '' : `-${spec.short}, `;
  return new Option(`${short}--${spec.name}${value}`);
}
