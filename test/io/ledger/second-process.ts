import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, onTestFinished } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
let compiled: string | undefined;
afterAll(() => {
  if (compiled !== undefined) rmSync(compiled, { recursive: true, force: true });
});

/** The ledger compiled to JavaScript, inside the checkout so that its packages are found. */
function compile(): string {
  if (compiled !== undefined) return compiled;
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'ledger-child-'));
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { outDir: folder, rootDir: join(root, 'src') },
    include: [],
    files: [join(root, 'src/io/ledger/open.ts')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  compiled = folder;
  return folder;
}

export interface SecondProcess {
  readonly pid: number;
  /** Its lines so far. */
  readonly said: readonly string[];
  /** Resolves when it has said so many lines. */
  hasSaid(lines: number): Promise<void>;
  /** SIGKILL; resolves when it is gone, and everything it said has arrived. */
  kill(): Promise<void>;
}

export function startSecondProcess(folder: string, act: 'hold' | 'write'): SecondProcess {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'child.mjs'), compile(), folder, act],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  const closed = new Promise<void>((gone) => child.once('close', () => gone()));
  const waiting: (() => void)[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => {
    said.push(line);
    for (const check of waiting) check();
  });
  return {
    pid: child.pid!,
    said,
    hasSaid: (lines) =>
      new Promise((enough, tooFew) => {
        const check = (): void => {
          if (said.length >= lines) enough();
        };
        waiting.push(check);
        check();
        void closed.then(() => tooFew(new Error(`it ended after ${said.length} lines`)));
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
