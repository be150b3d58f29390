import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { END_REASONS } from '../../src/core/run.js';

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));
const MESSAGES = join(SOURCES, 'cli', 'output', 'messages');

/** A code, and what is said with it: `…` stands for what differs. */
export interface CodeRow {
  readonly code: string;
  readonly text: string;
}

/** Every code, by name, read from the sources: where messages are built, and where the codes of some of them come from. */
export function messageCodes(): readonly CodeRow[] {
  const built = readdirSync(MESSAGES)
    .sort()
    .flatMap((file) => builtIn(readFileSync(join(MESSAGES, file), 'utf8')));
  const all = [...built, ...ofStops(), ...ofInputs(), ...OF_THE_PARSER];
  const texts = new Map<string, Set<string>>();
  for (const { code, text } of all) texts.set(code, (texts.get(code) ?? new Set()).add(text));
  return [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, said]) => ({ code, text: [...said].join(' · ') }));
}

/** The table of all codes, as README has it. */
export function codesTable(): string {
  const rows = messageCodes().map(({ code, text }) => `| \`${code}\` | ${shown(text)} |`);
  return ['', '| code | what is said |', '|---|---|', ...rows, ''].join('\n');
}

/** Calls of `message('code', text)`. */
function builtIn(source: string): readonly CodeRow[] {
  return [...source.matchAll(/\bmessage\(\s*([^,`]*'[a-z_]+'),\s*/g)].flatMap((found) => {
    const { text } = literals(source, found.index + found[0].length);
    const codes = [...found[1]!.matchAll(/'([a-z_]+)'/g)].map(([, code]) => code!);
    return codes.map((code) => ({ code, text: text === '' ? 'in the words of what found it' : text }));
  });
}

/** The text of the string literals from `at` to the bracket that closes the call. */
function literals(source: string, at: number): { readonly text: string; readonly end: number } {
  let text = '';
  let depth = 0;
  for (let i = at; i < source.length; i++) {
    const char = source[i]!;
    if (char === "'" || char === '"' || char === '`') {
      const literal = literalAt(source, i);
      if (depth === 0) text += literal.text;
      i = literal.end;
    } else if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) {
      if (depth === 0) return { text, end: i };
      depth--;
    }
  }
  throw new Error('a call of message() does not end');
}

/** @returns where it ends: its closing quote */
function literalAt(source: string, at: number): { readonly text: string; readonly end: number } {
  const quote = source[at];
  let text = '';
  for (let i = at + 1; ; i++) {
    const char = source[i]!;
    if (char === quote) return { text, end: i };
    if (char === '\\') {
      text += source[i + 1] === 'n' ? ' ' : source[i + 1];
      i++;
    } else if (quote === '`' && source.startsWith('${', i)) {
      text += '…';
      i = literals(source, i + 2).end;
    } else text += char;
  }
}

/** A run that is stopped is told with the reason as code. */
function ofStops(): readonly CodeRow[] {
  const notStops = ['completed', 'rejects', 'usage', 'ledger_in_use', 'in_doubt', 'input'];
  const text = 'why the run stopped, and what to do: see the tables of early ends and exit codes';
  return END_REASONS.filter((reason) => !notStops.includes(reason)).map((code) => ({ code, text }));
}

/** An input that can't be read to its end is told with the kind of damage. */
function ofInputs(): readonly CodeRow[] {
  const source = readFileSync(join(SOURCES, 'core', 'input.ts'), 'utf8');
  const union = /export interface InputDamage \{\s*readonly code:([^;]*);/.exec(source)?.[1] ?? '';
  const names = [...union.matchAll(/'([a-z_]+)'/g)].map(([, name]) => name!);
  return names.map((name) => ({
    code: `input_${name}`,
    text: 'which input, how far it could be read, and what to do',
  }));
}

/** What the parser of command lines finds, named by it. `test/cli/program.test.ts` asserts each. */
const OF_THE_PARSER: readonly CodeRow[] = [
  { code: 'no_command', text: 'say what to do. See … --help' },
  { code: 'no_verb', text: 'say what to do. See … --help' },
  { code: 'unknown_command', text: "unknown command '…'. Did you mean '…'? See … --help" },
  { code: 'unknown_option', text: "unknown option '…'. Did you mean '…'? See … --help" },
  { code: 'missing_argument', text: "missing required argument '…'. See … --help" },
  { code: 'option_missing_argument', text: "option '…' argument missing. See … --help" },
  { code: 'excess_arguments', text: "too many arguments for '…'. Expected … but got …. See … --help" },
];

function shown(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*');
}
