import type { ActionSpec, CommandSpec, GroupSpec } from '../commands/command.js';
import { COMMANDS } from '../commands/table.js';
import type { CommandContext, Output } from '../context.js';
import { groupHelp, type HelpFor, rootHelp, shortHelp, wholeHelp } from './help-text.js';

/** What a command line asks to be told about. */
export type HelpTopic =
  | { readonly kind: 'program' }
  | { readonly kind: 'command'; readonly spec: CommandSpec; readonly whole: boolean }
  | { readonly kind: 'verb'; readonly group: GroupSpec; readonly spec: ActionSpec; readonly whole: boolean }
  /** There is no such command, or verb of this command. */
  | { readonly kind: 'unknown'; readonly name: string; readonly group: GroupSpec | undefined };

/**
 * What a command line asks to be told about, where that can be seen without reading it as the parser does:
 * `--help`, `help import`, `import --help`, `ledger help show`. Undefined for every other one.
 */
export function askedHelp(args: readonly string[]): HelpTopic | undefined {
  const [first, second, third] = args;
  if (isHelpFlag(first)) return { kind: 'program' };
  if (first === 'help')
    return second === undefined || isHelpFlag(second) ? { kind: 'program' } : topic(args.slice(1), true);
  if (isHelpFlag(second)) return topic([first ?? ''], false);
  const group = COMMANDS.find(({ name }) => name === first);
  if (group === undefined || !('verbs' in group)) return undefined;
  if (second === 'help') return topic([group.name, ...(third === undefined ? [] : [third])], true);
  return isHelpFlag(third) ? topic([group.name, second ?? ''], false) : undefined;
}

/** The text that a topic is told with; undefined for an unknown one. */
export async function helpOn(asked: HelpTopic, who: HelpFor): Promise<string | undefined> {
  if (asked.kind === 'unknown') return undefined;
  if (asked.kind === 'program') return rootHelp(COMMANDS, who);
  const { spec, whole } = asked;
  const end = (await spec.helpEnd?.()) ?? '';
  if ('verbs' in spec) return groupHelp(spec, end, who);
  const options = spec.options === undefined ? [] : (await import('../settings/options.js')).optionsOf(spec.options);
  const action = { spec, group: asked.kind === 'verb' ? asked.group.name : undefined, options, end };
  return whole ? wholeHelp(action, who) : shortHelp(action, who);
}

/** Lines of more than about 110 characters are hard to read. */
export function helpWidth(output: Output): number {
  return output.isTTY ? Math.min(output.columns(), 110) : 80;
}

/** For whom a help on this output is. */
export function helpFor({ program }: Pick<CommandContext, 'program'>, output: Output): HelpFor {
  return { program, width: helpWidth(output) };
}

function topic([name = '', verb]: readonly string[], whole: boolean): HelpTopic {
  const spec = COMMANDS.find((each) => each.name === name);
  if (spec === undefined) return { kind: 'unknown', name, group: undefined };
  if (!('verbs' in spec) || verb === undefined || isHelpFlag(verb)) return { kind: 'command', spec, whole };
  const found = spec.verbs.find((each) => each.name === verb);
  return found === undefined
    ? { kind: 'unknown', name: verb, group: spec }
    : { kind: 'verb', group: spec, spec: found, whole };
}

function isHelpFlag(arg: string | undefined): boolean {
  return arg === '--help' || arg === '-h';
}
