import type { ActionSpec, CommandSpec } from '../commands/command.js';
import type { OptionSpec } from '../settings/option-spec.js';
import { optionsOf } from '../settings/options.js';

/** What can stand at a place of the command line. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' | 'folders' }
  /** One of these words, or a file. */
  | { readonly kind: 'words or files'; readonly words: readonly string[] }
  /** Anything: a number, a name. */
  | { readonly kind: 'free' };

export interface TreeOption {
  readonly name: string;
  readonly short: string | undefined;
  readonly help: string;
  /** What stands for its value; undefined for a flag. */
  readonly placeholder: string | undefined;
  readonly values: Values;
}

/** A command without verbs, or a verb with its command. */
export interface TreeCommand {
  /** `['ledger', 'status']` */
  readonly path: readonly string[];
  readonly summary: string;
  readonly operands: { readonly syntax: string; readonly values: Values } | undefined;
  readonly options: readonly TreeOption[];
}

/** The command tree as shells and man pages need it: from the same tables as the parser and the help. */
export interface Tree {
  /** The commands, and those that have verbs. */
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly groups: readonly {
    readonly name: string;
    readonly verbs: readonly { readonly name: string; readonly summary: string }[];
  }[];
  readonly actions: readonly TreeCommand[];
}

/** @param words more words that the value of an option may be, by its name */
export function commandTree(
  specs: readonly CommandSpec[],
  words: Readonly<Record<string, readonly string[]>> = {},
): Tree {
  const described = ({ name, summary }: { readonly name: string; readonly summary: string }) => ({ name, summary });
  return {
    commands: [...specs.map(described), { name: 'help', summary: 'all about a command' }],
    groups: specs.flatMap((spec) => ('verbs' in spec ? [{ name: spec.name, verbs: spec.verbs.map(described) }] : [])),
    actions: [
      ...specs.flatMap((spec) =>
        'verbs' in spec
          ? spec.verbs.map((verb) => action([spec.name, verb.name], verb, words))
          : [action([spec.name], spec, words)],
      ),
      {
        path: ['help'],
        summary: 'all about a command',
        operands: { syntax: '<command>', values: { kind: 'words', words: specs.map(({ name }) => name) } },
        options: [],
      },
    ],
  };
}

function action(
  path: readonly string[],
  { summary, operands, options, flags = [] }: ActionSpec,
  words: Readonly<Record<string, readonly string[]>>,
): TreeCommand {
  return {
    path,
    summary,
    operands: operands === undefined ? undefined : { syntax: operands.syntax, values: operandValues(operands) },
    options: [
      ...flags.map(({ name, placeholder, help }) => ({
        name,
        short: undefined,
        help,
        placeholder,
        values: placeholder === 'file' ? ({ kind: 'files' } as const) : FREE,
      })),
      ...(options === undefined ? [] : optionsOf(options)).map((option) => ({
        name: option.name,
        short: option.short,
        help: option.help,
        placeholder: option.placeholder,
        values: optionValues(option, words[option.name]),
      })),
      { name: 'help', short: 'h', help: 'show help', placeholder: undefined, values: FREE },
    ],
  };
}

const FREE: Values = { kind: 'free' };

function operandValues({ choices, syntax }: NonNullable<ActionSpec['operands']>): Values {
  if (choices !== undefined) return { kind: 'words', words: choices };
  return /^[<[](input|file)\b/.test(syntax) ? { kind: 'files' } : FREE;
}

function optionValues({ kind, placeholder }: OptionSpec, words: readonly string[] | undefined): Values {
  if (words !== undefined) return { kind: 'words or files', words };
  if (kind.type === 'choice') return { kind: 'words', words: kind.choices };
  if (kind.type === 'path') return { kind: placeholder === 'dir' ? 'folders' : 'files' };
  return FREE;
}
