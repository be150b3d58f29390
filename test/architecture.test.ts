import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HOMES, LARGE_FILES, linesIn, MOST_LINES, type Tree, violations } from './architecture-rules.js';

describe('the architecture', () => {
  it('is kept by every source file', () => {
    expect(violations(sourceTree())).toEqual([]);
  });

  it('gives every package that is installed one home', () => {
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
      optionalDependencies: Record<string, string>;
    };
    expect(Object.keys(HOMES)).toEqual(Object.keys({ ...dependencies, ...optionalDependencies }).sort());
  });

  it('makes no exception for a large file that is no longer large', () => {
    const tree = sourceTree();
    const small = Object.keys(LARGE_FILES).filter((path) => linesIn(tree[path] ?? '') <= MOST_LINES);
    expect(small).toEqual([]);
  });
});

describe('the check of the architecture', () => {
  const fine: Tree = {
    'src/cli/main.ts': "import { run } from '../pipeline/run.js';\nrun();\n",
    'src/pipeline/run.ts':
      "// process.exit() and console.log() in a comment, 'process.env' in a string\nimport type { Event } from '../core/event.js';\nexport const run = (): Event => ({ id: 'process.env' });\n",
    'src/core/event.ts': 'export interface Event {\n  readonly id: string;\n}\n',
  };

  it('finds nothing where nothing is wrong', () => {
    expect(violations(fine)).toEqual([]);
  });

  it.each<[string, string, ...string[]]>([
    ['src/core/a.ts', "import { run } from '../pipeline/run.js';", 'src/core/a.ts: core may not import pipeline'],
    ['src/pipeline/a.ts', "export * from '../cli/main.js';", 'src/pipeline/a.ts: pipeline may not import cli'],
    ['src/io/a.ts', "import type {\n  Run,\n} from '../pipeline/run.js';", 'src/io/a.ts: io may not import pipeline'],
    [
      'src/sandbox/a.ts',
      "const a = import('../pipeline/run.js');",
      'src/sandbox/a.ts: sandbox may not import pipeline',
    ],
    ['src/io/a.ts', "import '../pipeline/run.js';", 'src/io/a.ts: io may not import pipeline'],
    ['src/io/a.ts', "let a: import('../pipeline/run.js').Run;", 'src/io/a.ts: io may not import pipeline'],
    ['src/io/a.ts', "import { a } from '../core/none.js';", 'src/io/a.ts: there is no src/core/none.ts'],
    ['src/io/a.ts', "import { a } from '../core/event';", 'src/io/a.ts: ../core/event does not end in .js'],
    ['src/io/a.ts', 'const a = await import(name);', 'src/io/a.ts: imports what only a run can tell'],
    ['src/a.ts', 'export {};', 'src/a.ts: stands in no layer'],
    [
      'src/helpers/a.ts',
      'export {};',
      'src/helpers/a.ts: stands in no layer',
      'src/helpers/a.ts: "helpers" says nothing',
    ],
    ['src/io/string-utils.ts', 'export {};', 'src/io/string-utils.ts: "string-utils.ts" says nothing'],
    ['src/core/a.ts', "import { join } from 'node:path';", 'src/core/a.ts: core may not use node:path'],
    ['src/pipeline/a.ts', "import { open } from 'node:fs';", 'src/pipeline/a.ts: pipeline may not use node:fs'],
    [
      'src/core/a.ts',
      "import Ajv from 'ajv/dist/2020.js';",
      'src/core/a.ts: ajv belongs to src/targets/json-schema.ts',
    ],
    ['src/io/a.ts', "import { Pool } from 'undici';", 'src/io/a.ts: undici belongs to src/io/http-transport.ts'],
    [
      'src/io/a.ts',
      "const a = createRequire(import.meta.url).resolve('undici/x.js');",
      'src/io/a.ts: undici belongs to src/io/http-transport.ts',
    ],
    ['src/io/a.ts', "import x from '@new/package/deep';", 'src/io/a.ts: @new/package has no home'],
    ['src/io/a.ts', "import { join } from 'path';", 'src/io/a.ts: path has no home'],
    ['src/io/a.ts', 'console.log(1);', 'src/io/a.ts: uses process or console'],
    ['src/cli/a.ts', 'export const a = process.env;', 'src/cli/a.ts: uses process or console'],
    ['src/cli/a.ts', "import { exit } from 'node:process';", 'src/cli/a.ts: uses process or console'],
    ['src/core/a.ts', 'export const a = Date.now();', 'src/core/a.ts: core has no clock and no chance of its own'],
    ['src/pipeline/a.ts', 'setTimeout(a, 5);', 'src/pipeline/a.ts: pipeline has no clock and no chance of its own'],
  ])('finds a violation that is planted in %s: %j', (path, text, ...messages) => {
    expect(violations({ ...fine, [path]: `${text}\n` })).toEqual(messages);
  });

  it('finds a file that is too long', () => {
    expect(violations({ ...fine, 'src/io/a.ts': '\n'.repeat(MOST_LINES) })).toEqual([]);
    expect(violations({ ...fine, 'src/io/a.ts': '\n'.repeat(221) })).toEqual(['src/io/a.ts: has 221 lines']);
  });

  it('finds files that import each other in a circle', () => {
    const a = "import { b } from './b.js';\n";
    const b = "import { a } from './c.js';\n";
    const c = "import { a } from './a.js';\n";
    expect(violations({ ...fine, 'src/io/a.ts': a, 'src/io/b.ts': b, 'src/io/c.ts': c })).toEqual([
      'src/io/a.ts: imports itself by way of src/io/b.ts, src/io/c.ts',
    ]);
    expect(
      violations({ ...fine, 'src/io/a.ts': a, 'src/io/b.ts': b.replace('import', 'import type'), 'src/io/c.ts': c }),
    ).toEqual([]);
  });
});

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function sourceTree(): Tree {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const sources = files
    .filter((path) => path.endsWith('.ts'))
    .map((path) => posix.join('src', path.replaceAll('\\', '/')));
  expect(sources.length).toBeGreaterThan(100);
  return Object.fromEntries(sources.sort().map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}
