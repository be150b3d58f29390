import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import type { Summary } from '../../src/cli/output/summary.js';
import { OUTCOMES } from '../../src/core/outcome.js';
import { parseFaultScript, type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BINARY = join(ROOT, 'bin', 'consent-import.js');

/** The organization of all tests. */
export const ORGANIZATION = 'acme';

/** A program that takes longer than this is killed: its test fails, and nothing is left running. */
const PATIENCE_MS = 45_000;

/** How the program ended. */
export interface Ended {
  /** Undefined when a signal killed it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** What stands on stderr behind the first line, which names destination and ledger; without progress. */
  readonly said: readonly string[];
  /** Of `--json`. Its accounts were found to balance. */
  readonly summary: Summary;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it wrote to stderr so far. */
  stderr(): string;
  signal(name: NodeJS.Signals): void;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard input; nothing by default. */
  readonly input?: Uint8Array;
  /** A script that takes the place of the program's own. */
  readonly program?: string;
  /** Close the reading end of these at once, as `| head -0` does. */
  readonly closed?: readonly ('stdout' | 'stderr')[];
}

/** A temporary folder with an empty home and a current folder, in which the program is run. Removed after the test. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'consent-import-test-'));
  readonly home = join(this.folder, 'home');
  readonly cwd = join(this.folder, 'work');

  constructor() {
    mkdirSync(this.home);
    mkdirSync(this.cwd);
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Writes a file below the current folder. Returns its name as it was given. */
  write(name: string, content: Uint8Array | string | readonly string[]): string {
    const path = join(this.cwd, name);
    mkdirSync(dirname(path), { recursive: true });
    const isLines = Array.isArray(content);
    writeFileSync(path, isLines ? content.map((line) => `${line}\n`).join('') : (content as Uint8Array | string));
    return name;
  }

  read(name: string): string {
    return readFileSync(join(this.cwd, name), 'utf8');
  }

  exists(name: string): boolean {
    return existsSync(join(this.cwd, name));
  }

  /** The lines of the one rejects file with a name of its own in the current folder. */
  rejects(): Reject[] {
    const names = readdirSync(this.cwd).filter((name) => /^consent-import-.*\.rejects\.jsonl$/.test(name));
    expect(names).toHaveLength(1);
    return this.rejectsIn(names[0]!);
  }

  rejectsIn(name: string): Reject[] {
    const text = this.read(name);
    expect(text.endsWith('\n')).toBe(true);
    return text
      .slice(0, -1)
      .split('\n')
      .map((line) => JSON.parse(line) as Reject);
  }

  /** Starts the program. */
  start(args: readonly string[], options: RunOptions = {}): Running {
    if (!existsSync(join(ROOT, 'dist', 'cli', 'main.js'))) {
      throw new Error('dist/cli/main.js is missing: run `npm run build` before the end-to-end tests');
    }
    const { PATH } = process.env;
    const credentials = { DIDOMI_API_KEY: 'a-key', DIDOMI_API_SECRET: 'a-secret' };
    const env = { PATH, HOME: this.home, ...credentials, ...options.env };
    const child = spawn(process.execPath, [options.program ?? BINARY, ...args], { cwd: this.cwd, env });
    const running = watch(child, args.includes('--json'));
    for (const name of options.closed ?? []) child[name].destroy();
    // A program that ends without reading its input breaks the pipe, which is its good right.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    return running;
  }

  /** Runs a shell command in which `"$@"` is the program with these arguments. Resolves to its exit code. */
  shell(command: string, args: readonly string[]): Promise<number | undefined> {
    const { PATH } = process.env;
    const env = { PATH, HOME: this.home, DIDOMI_API_KEY: 'a-key', DIDOMI_API_SECRET: 'a-secret' };
    const child = spawn('sh', ['-c', command, 'sh', process.execPath, BINARY, ...args], { cwd: this.cwd, env });
    return watch(child, false).ended.then(({ exitCode }) => exitCode);
  }

  /** Runs the program to its end. */
  run(args: readonly string[], options?: RunOptions): Promise<Ended> {
    return this.start(args, options).ended;
  }

  /** Imports into a server, with `--json`. */
  import(url: string, args: readonly string[], options?: RunOptions): Promise<Ended> {
    return this.run(importArgs(url, args), options);
  }

  startImport(url: string, args: readonly string[], options?: RunOptions): Running {
    return this.start(importArgs(url, args), options);
  }
}

/** A line of a rejects file. */
export interface Reject {
  readonly rejected: {
    readonly file: string;
    readonly line: number;
    readonly reason: string;
    readonly errors: readonly { readonly path: string; readonly message: string }[];
  };
  readonly event?: unknown;
  readonly raw?: string;
  readonly rawBase64?: string;
  readonly bytes?: number;
  readonly sha256?: string;
}

/** `import … --json` into a server. */
export function importArgs(url: string, args: readonly string[]): readonly string[] {
  return ['import', '--target', 'didomi', '--organization-id', ORGANIZATION, '--api-url', url, '--json', ...args];
}

/** A sandbox that is closed after the test. `faults` as in a `--faults` file. */
export async function sandbox(
  options: Omit<SandboxOptions, 'faults'> & { readonly faults?: unknown } = {},
): Promise<Sandbox> {
  const { faults, ...rest } = options;
  const started = await startSandbox({
    ...rest,
    ...(faults === undefined ? {} : { faults: parseFaultScript(faults) }),
  });
  onTestFinished(() => started.close());
  return started;
}

/** What the sandbox kept, as lines, in the order of acceptance. */
export function arrived(server: Sandbox): string[] {
  return server.events().map(({ bytes }) => Buffer.from(bytes).toString('utf8'));
}

/** Waits until something is so while the program runs. @throws when it ended first, or half a minute has passed */
export async function until(isSo: () => boolean, { process: child, stderr }: Running): Promise<void> {
  for (const deadline = Date.now() + 30_000; !isSo(); ) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (hasEnded || Date.now() > deadline) throw new Error(`waited in vain until ${isSo}\n${stderr()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function watch(child: ChildProcess & { stdin: Writable; stdout: Readable; stderr: Readable }, json: boolean): Running {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ exitCode: code ?? undefined, ...texts, said: saidIn(texts.stderr), summary: summaryIn(texts, json) });
    });
  });
  return { process: child, ended, stderr: () => texts.stderr, signal: (name) => child.kill(name) };
}

/** A line of the progress display, as it comes every ten seconds on a slow machine. */
const PROGRESS = /^(?:checking inputs|importing|finishing what is in flight): /;

function saidIn(stderr: string): readonly string[] {
  const lines = stderr.split('\n').filter((line) => !PROGRESS.test(line));
  expect(lines.pop()).toBe('');
  return lines[0]?.startsWith('Importing into ') ? lines.slice(1) : lines;
}

function summaryIn({ stdout }: { readonly stdout: string }, json: boolean): Summary {
  if (!json || stdout === '') return undefined as unknown as Summary;
  expect(stdout).toMatch(/^\{.*\}\n$/);
  const summary = JSON.parse(stdout) as Summary;
  expectBalanced(summary);
  return summary;
}

/** The first promise: every record that was read has exactly one outcome, in total and in each file. */
export function expectBalanced(summary: Summary): void {
  for (const counts of [summary.events, ...summary.files]) {
    expect(counts.read).toBe(OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0));
  }
  for (const name of ['read', ...OUTCOMES] as const) {
    expect(summary.files.reduce((sum, file) => sum + file[name], 0)).toBe(summary.events[name]);
  }
}

/** The counts of a summary; those that are not given are 0. */
export function counts(given: Partial<Summary['events']>): Summary['events'] {
  return { read: 0, delivered: 0, duplicate: 0, rejected: 0, inDoubt: 0, undelivered: 0, ...given };
}
