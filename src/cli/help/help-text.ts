import type { ActionSpec, CommandSpec, GroupSpec } from '../commands/command.js';
import { type CallFlag, HELP_GROUPS, type OptionSpec } from '../settings/option-spec.js';
import { definitions, hanging, wrapped } from './layout.js';

/** Who is helped, and how much room there is. */
export interface HelpFor {
  /** How the user types the program's name. */
  readonly program: string;
  /** Columns. */
  readonly width: number;
}

/** Where a command has more options than this, its `--help` only names them: so it fits a screen. */
const MOST_EXPLAINED = 12;

const PROMISE =
  'Import consent records into a consent platform (Didomi, OneTrust): nothing lost, nothing twice, nothing out of order, nothing altered.';

/** The help of the program: what it does, two examples, the commands. Fits a screen of 80 × 24. */
export function rootHelp(commands: readonly CommandSpec[], { program, width }: HelpFor): string {
  const examples = commands.flatMap((spec) => ('examples' in spec ? spec.examples : [])).slice(0, 2);
  return paragraphs([
    wrapped(PROMISE, width),
    exampleLines(examples, program),
    [`Usage: ${program} <command> [options]`],
    [
      'Commands:',
      ...definitions(
        [
          ...commands.map(({ name, summary }) => [name, summary] as const),
          ['help <command>', 'all about a command; <command> --help: in short'],
        ],
        width,
      ),
    ],
    wrapped('Also: -h, --help · -V, --version · man consent-import', width),
  ]);
}

/** The help of a command that is named with a verb. */
export function groupHelp(group: GroupSpec, end: string, { program, width }: HelpFor): string {
  const examples = group.verbs.flatMap((verb) => verb.examples).slice(0, 2);
  return paragraphs([
    wrapped(sentence(group.summary), width),
    exampleLines(examples, program),
    [`Usage: ${program} ${group.name} <verb> [options]`],
    ['Verbs:', ...definitions([...group.verbs.map(({ name, summary }) => [name, summary] as const)], width)],
    wrapped(`For a verb: ${program} ${group.name} <verb> --help`, width),
    [end],
  ]);
}

/** What the help of a command or verb is made of. */
export interface ActionHelp {
  readonly spec: ActionSpec;
  /** The command before it, of a verb. */
  readonly group?: string | undefined;
  readonly options: readonly OptionSpec[];
  /** More text at its end. */
  readonly end: string;
}

/** What `--help` shows of a command: everything, or where that is too long for a screen, the names of its options. */
export function shortHelp(action: ActionHelp, who: HelpFor): string {
  if (action.options.length <= MOST_EXPLAINED) return wholeHelp(action, who);
  const path = pathOf(action);
  const { spec } = action;
  return paragraphs([
    [...wrapped(sentence(spec.summary), who.width), ...exampleLines(spec.examples.slice(0, 2), who.program)],
    [
      usageLine(action, who),
      ...grouped(action).flatMap(([group, rows]) =>
        hanging(`${group}: ${rows.map(({ flags }) => flags).join(' ')}`, who.width, 2),
      ),
    ],
    wrapped(`What each does: ${who.program} help ${path}`, who.width),
    [action.end],
  ]);
}

/** Everything about a command: what `help <command>` shows. */
export function wholeHelp(action: ActionHelp, who: HelpFor): string {
  const { spec, options } = action;
  return paragraphs([
    wrapped(sentence(spec.summary), who.width),
    exampleLines(spec.examples, who.program),
    [usageLine(action, who), ...operandLines(spec, who)],
    ...grouped(action).map(([group, rows]) => [
      `${group}:`,
      ...definitions(
        rows.map(({ syntax, meaning }) => [syntax, meaning] as const),
        who.width,
      ),
    ]),
    options.length === 0 ? [] : ELSEWHERE.flatMap((line) => wrapped(line, who.width)),
    wrapped(onlyFlags(spec.flags ?? []), who.width),
    [action.end],
  ]);
}

function usageLine(action: ActionHelp, { program }: HelpFor): string {
  const operands = action.spec.operands === undefined ? '' : ` ${action.spec.operands.syntax}`;
  return `Usage: ${program} ${pathOf(action)}${operands} [options]`;
}

function operandLines({ operands }: ActionSpec, { width }: HelpFor): readonly string[] {
  return operands === undefined ? [] : wrapped(`${operands.syntax}: ${operands.description}`, width);
}

function pathOf({ spec, group }: ActionHelp): string {
  return group === undefined ? spec.name : `${group} ${spec.name}`;
}

const ELSEWHERE = [
  'Each option can also be set in the environment (CONSENT_IMPORT_MAX_REJECTS for --max-rejects) or in a config file (maxRejects). A flag counts more than the environment, which counts more than a file.',
];

function onlyFlags(flags: readonly CallFlag[]): string {
  return flags.length === 0 ? '' : `Only the command line can say ${flags.map(({ name }) => `--${name}`).join(', ')}.`;
}

interface Row {
  /** `-n/--dry-run` */
  readonly flags: string;
  /** `-n, --dry-run`, `--limit <n>` */
  readonly syntax: string;
  readonly meaning: string;
}

/** Flags of its own first, then the options, each under its heading; `--help` under the last. */
function grouped({ spec, options }: ActionHelp): readonly (readonly [group: string, rows: readonly Row[]])[] {
  const groups = new Map<string, Row[]>();
  const ordered = [...options].sort((a, b) => HELP_GROUPS.indexOf(a.group) - HELP_GROUPS.indexOf(b.group));
  const add = (group: string, row: Row): void => {
    const rows = groups.get(group) ?? [];
    groups.set(group, rows);
    rows.push(row);
  };
  for (const { name, placeholder, group, help } of spec.flags ?? []) {
    add(group, { flags: `--${name}`, syntax: `--${name}${value(placeholder)}`, meaning: help });
  }
  for (const option of ordered) add(option.group, optionRow(option));
  const last = ordered.at(-1)?.group ?? spec.flags?.at(-1)?.group ?? 'Options';
  add(last, { flags: '-h', syntax: '-h, --help', meaning: 'show this help' });
  return [...groups];
}

function optionRow(option: OptionSpec): Row {
  const { name, short, placeholder, help, kind } = option;
  const otherwise = option.default ?? option.defaultText;
  const choices = kind.type === 'choice' && !kind.choices.every((choice) => help.includes(choice));
  return {
    flags: `${short === undefined ? '' : `-${short}/`}--${name}`,
    syntax: `${short === undefined ? '' : `-${short}, `}--${name}${value(placeholder)}`,
    meaning: `${help}${choices ? `: ${kind.choices.join(', ')}` : ''}${otherwise === undefined ? '' : ` [${otherwise}]`}`,
  };
}

function value(placeholder: string | undefined): string {
  return placeholder === undefined ? '' : ` <${placeholder}>`;
}

function exampleLines(examples: readonly string[], program: string): readonly string[] {
  return examples.map((line) => `  ${program} ${line}`);
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

function paragraphs(parts: readonly (readonly string[])[]): string {
  const texts = parts.map((lines) => lines.filter((line) => line !== '').join('\n')).filter((text) => text !== '');
  return `${texts.join('\n\n')}\n`;
}
