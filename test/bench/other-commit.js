import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Builds another commit in a temporary folder: with the packages of this checkout where its lock file is the same, else
 * with its own.
 * @param {string} commit
 * @returns {{commit: string, bin: string, remove: () => void}}
 */
export function buildCommit(commit) {
  const folder = mkdtempSync(join(tmpdir(), 'consent-import-bench-commit-'));
  const run = (command, args, cwd) => execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const remove = () => {
    run('git', ['worktree', 'remove', '--force', join(folder, 'tree')], ROOT);
    rmSync(folder, { recursive: true, force: true });
  };
  const tree = join(folder, 'tree');
  run('git', ['worktree', 'add', '--detach', tree, commit], ROOT);
  try {
    const isSame = readFileSync(join(tree, 'package-lock.json')).equals(readFileSync(join(ROOT, 'package-lock.json')));
    if (isSame) symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    else run('npm', ['ci', '--ignore-scripts'], tree);
    run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], tree);
    const name = `${run('git', ['rev-parse', '--short', commit], ROOT)}`.trim();
    return { commit: name, bin: join(tree, 'bin/consent-import.js'), remove };
  } catch (error) {
    remove();
    throw error;
  }
}
