import { posix } from 'node:path';

/** Source files by path from the project's root. */
export type Tree = Readonly<Record<string, string>>;

/** Who may import whom, besides itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  cli: ['pipeline', 'io', 'targets', 'sandbox', 'core'],
  pipeline: ['core'],
  io: ['core'],
  targets: ['core'],
  sandbox: ['core'],
  core: [],
};

/** The one file, or folder, that may import a package. */
export const HOMES: Readonly<Record<string, string>> = {
  '@aws-sdk/client-s3': 'src/io/inputs/s3/s3-store.ts',
  ajv: 'src/targets/json-schema.ts',
  'ajv-formats': 'src/targets/json-schema.ts',
  'classic-level': 'src/io/ledger/level-store.ts',
  commander: 'src/cli/command-tree.ts',
  'p-limit': 'src/pipeline/slots.ts',
  picomatch: 'src/io/inputs/glob.ts',
  pino: 'src/cli/output/json-log.ts',
  piscina: 'src/cli/import/decode-threads.ts',
  'prom-client': 'src/cli/output/metrics-text.ts',
  'stream-json': 'src/pipeline/parse.ts',
  undici: 'src/io/http-transport.ts',
  yauzl: 'src/io/inputs/',
  'zlib-streams': 'src/io/inputs/',
};

/** What of Node a layer may use; the layers that are not named, anything. */
const BUILTINS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  pipeline: ['node:buffer', 'node:crypto', 'node:events'],
  // `node:module` loads ajv when it is needed, and no sooner.
  targets: ['node:buffer', 'node:crypto', 'node:module'],
};

/** Layers that get time and randomness passed in. */
const WITHOUT_CLOCK = ['core', 'pipeline', 'targets'];
const CLOCK =
  /\b(?:Date\.now|performance\.|Math\.random|setTimeout|setInterval|setImmediate|randomBytes|randomUUID|randomInt)\b|\bnew Date\(\)/;

/** The only files that may touch the process. */
const OWNERS_OF_PROCESS = ['src/cli/process.ts'];
const PROCESS = /(?<![\w.])(?:process|console)\s*(?:\.|\?\.|\[)/;

export const MOST_LINES = 220;
/** Larger files, and how large they may be: each with its reason. */
export const LARGE_FILES: Readonly<Record<string, number>> = {
  // One state machine: its states are told in one place.
  'src/pipeline/dispatch.ts': 325,
};

const VAGUE_NAME = /(?:^|[-.])(?:utils?|helpers?|common|managers?|misc)(?=[-.]|$)/i;

/** Everything that is wrong with a tree, in words. */
export function violations(tree: Tree): string[] {
  const found = Object.entries(tree).flatMap(([path, text]) =>
    [...violationsIn(path, text, tree)].map((what) => `${path}: ${what}`),
  );
  return [...found, ...circles(tree)];
}

function* violationsIn(path: string, text: string, tree: Tree): Generator<string> {
  const layer = path.split('/')[1]!;
  const rule = path.split('/').length > 2 ? LAYERS[layer] : undefined;
  if (rule === undefined) yield 'stands in no layer';
  const vague = path
    .split('/')
    .slice(1)
    .find((name) => VAGUE_NAME.test(name));
  if (vague !== undefined) yield `"${vague}" says nothing`;
  const lines = linesIn(text);
  if (lines > (LARGE_FILES[path] ?? MOST_LINES)) yield `has ${lines} lines`;
  for (const { specifier } of importsIn(text)) {
    if (specifier.startsWith('.')) {
      if (!specifier.endsWith('.js')) yield `${specifier} does not end in .js`;
      else if (tree[resolved(path, specifier)] === undefined) yield `there is no ${resolved(path, specifier)}`;
      const other = resolved(path, specifier).split('/')[1]!;
      if (rule !== undefined && other !== layer && !rule.includes(other)) yield `${layer} may not import ${other}`;
    } else if (specifier.startsWith('node:')) {
      if (BUILTINS[layer]?.includes(specifier) === false) yield `${layer} may not use ${specifier}`;
    } else {
      yield* homeless(path, specifier);
    }
  }
  const code = withoutStrings(text);
  if (/\bimport\s*\(\s*[^\s'")]/.test(withoutComments(text))) yield 'imports what only a run can tell';
  const touches = PROCESS.test(code) || importsIn(text).some(({ specifier }) => specifier === 'node:process');
  if (touches && !OWNERS_OF_PROCESS.includes(path)) yield 'uses process or console';
  if (WITHOUT_CLOCK.includes(layer) && CLOCK.test(code)) yield `${layer} has no clock and no chance of its own`;
}

function* homeless(path: string, specifier: string): Generator<string> {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const home = HOMES[name];
  if (home === undefined) yield `${name} has no home`;
  else if (home.endsWith('/') ? !path.startsWith(home) : path !== home) yield `${name} belongs to ${home}`;
}

/** Circles of imports that are still there when the program runs, each told once. */
function circles(tree: Tree): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) {
      found.push(`${path}: imports itself by way of ${way.slice(way.indexOf(path) + 1).join(', ')}`);
      return;
    }
    if (done.has(path)) return;
    for (const { specifier, onlyTypes } of importsIn(tree[path] ?? '')) {
      if (specifier.startsWith('.') && !onlyTypes) visit(resolved(path, specifier), [...way, path]);
    }
    done.add(path);
  };
  for (const path of Object.keys(tree)) visit(path, []);
  return found;
}

/** What a file imports, in any of the ways there are. */
function importsIn(text: string): readonly { readonly specifier: string; readonly onlyTypes: boolean }[] {
  const code = withoutComments(text);
  const statements = /(?:^|[;}\n])\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s*)?(['"])([^'"]+)\2/g;
  const calls = /\b(?:import|createRequire\([^()]*\)\.resolve)\s*\(\s*(['"])([^'"]+)\1\s*\)(\s*\.\s*[A-Z])?/g;
  return [
    ...[...code.matchAll(statements)].map((match) => ({ specifier: match[3]!, onlyTypes: match[1] !== undefined })),
    // A module that is loaded when it is needed makes no circle at the start.
    ...[...code.matchAll(calls)].map((match) => ({ specifier: match[2]!, onlyTypes: true })),
  ];
}

function resolved(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}

const TOKENS = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

function withoutComments(text: string): string {
  return text.replaceAll(TOKENS, (token) => (token.startsWith('/') ? ' ' : token));
}

/** Without comments and strings; what stands inside `${…}` stays. */
function withoutStrings(text: string): string {
  return text.replaceAll(TOKENS, (token) =>
    token.startsWith('`') ? (token.match(/\$\{[^}]*\}/g) ?? []).join(' ') : ' ',
  );
}

export function linesIn(text: string): number {
  return text.split('\n').length - 1;
}
