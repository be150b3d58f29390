import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tableRows } from './readme/page.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');

describe('ARCHITECTURE.md, and CONTRIBUTING.md', () => {
  it('name files and folders that exist', () => {
    const text = `${page}${readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')}`;
    const named = new Set(text.match(/(?<![\w/])(?:src|test|bin|fixtures)\/[\w./-]*[\w/]/g));
    expect(named.size).toBeGreaterThan(40);
    expect([...named].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('name every folder of src', () => {
    const folders = readdirSync(join(ROOT, 'src')).map((name) => `\`src/${name}/\``);
    const told = tableRows(section('Folders')).map(([folder]) => folder);
    expect(folders.filter((folder) => !told.includes(folder))).toEqual([]);
  });

  it('name scripts that package.json has', () => {
    const text = `${page}${readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')}${readFileSync(join(ROOT, 'README.md'), 'utf8')}`;
    const scripts = Object.keys(packageJson().scripts);
    const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, script]) => script!);
    expect(named.filter((script) => !scripts.includes(script))).toEqual([]);
    expect(
      scripts.filter((script) => !['prepare', 'prepack', 'test', 'check'].includes(script) && !named.includes(script)),
    ).toEqual([]);
  });
});

describe("ARCHITECTURE.md's life of one line", () => {
  const rows = tableRows(section('The life of one line'));

  it('tells every stage', () => {
    expect(rows.length).toBeGreaterThan(30);
  });

  it.each(rows.map(([, name, file]) => [bare(name!), bare(file!)]))('finds %s in %s', (name, file) => {
    const code = readFileSync(join(ROOT, file), 'utf8');
    const [owner, method] = name.split('.') as [string, string | undefined];
    expect(code).toMatch(new RegExp(`\\bexport (?:async )?(?:class|const|function)\\*? ${owner}\\b`));
    if (method !== undefined) expect(code).toMatch(new RegExp(`^ {2}(?:async )?${method}\\(`, 'm'));
  });
});

describe("ARCHITECTURE.md's dependencies", () => {
  it('are the packages that src imports, each in the file that it names', () => {
    const told = tableRows(section('Dependencies')).map(([name, file]) => `${bare(name!)} in ${bare(file!)}`);
    const imported = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => packagesIn(file).map((name) => `${name} in ${join('src', file)}`));
    expect([...told].sort()).toEqual([...new Set(imported)].sort());
    const { dependencies, optionalDependencies } = packageJson();
    expect(Object.keys({ ...dependencies, ...optionalDependencies })).toEqual(
      expect.arrayContaining(told.map((row) => row.split(' ')[0])),
    );
  });
});

/** The packages that a file of src imports. */
function packagesIn(file: string): readonly string[] {
  const code = readFileSync(join(ROOT, 'src', file), 'utf8');
  const sources = [...code.matchAll(/(?: from |\bcreateRequire\([^()]*\)\.resolve\()'([^.'][^']*)'/g)].map(
    ([, source]) => source!,
  );
  return sources
    .filter((source) => !source.startsWith('node:'))
    .map((source) => /^(?:@[^/]+\/)?[^/]+/.exec(source)![0]);
}

function section(title: string): string {
  const start = page.indexOf(`## ${title}`);
  if (start < 0) throw new Error(`no section "${title}"`);
  const end = page.indexOf('\n## ', start + 1);
  return page.slice(start, end < 0 ? undefined : end);
}

function bare(cell: string): string {
  return cell.replaceAll('`', '');
}

function packageJson(): {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
} {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
}
