import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { basename, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { exitCodeOf } from '../core/exit-code.js';
import type { CommandContext, Signal, StandardInput } from './context.js';
import { boundHeap } from './heap.js';
import { unexpectedError } from './output/messages/run-messages.js';
import { quietOutput } from './output/quiet-output.js';
import { createReporter } from './output/reporter.js';

/** Runs a program as this process: its arguments in, its exit code out. The only place that ends the process. */
export function runAsProcess(program: (args: readonly string[], context: CommandContext) => Promise<number>): void {
  boundHeap();
  const context = processContext(keepEarlySignal(process.argv[2]));
  const end = async (exitCode: number): Promise<void> => {
    await Promise.all([context.stdout.flush(), context.stderr.flush()]);
    process.exit(exitCode);
  };
  const fail = (error: unknown): void => {
    createReporter(context, { quiet: false, debug: false, color: false }).error(unexpectedError(error));
    void end(70);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  program(process.argv.slice(2), context).then(end, fail);
}

/**
 * Keeps the first signal until somebody listens: while the program is being loaded nobody does, and `import` and
 * `validate` promise a summary on every way out. A second one ends the process.
 * @returns gives the signal, once, and stops keeping
 */
function keepEarlySignal(command: string | undefined): () => Signal | undefined {
  let kept: Signal | undefined;
  const keep = (signal: Signal): void => {
    if (kept !== undefined) process.exit(exitCodeOf('interrupted', signal));
    kept = signal;
  };
  if (command === 'import' || command === 'validate') {
    process.on('SIGINT', keep);
    process.on('SIGTERM', keep);
  }
  return () => {
    process.off('SIGINT', keep);
    process.off('SIGTERM', keep);
    const signal = kept;
    kept = undefined;
    return signal;
  };
}

function processContext(takeEarlySignal: () => Signal | undefined): CommandContext {
  return {
    stdin: standardInput(),
    stdout: quietOutput(process.stdout),
    stderr: quietOutput(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    program: programName(process.argv[1] ?? '', process.cwd()),
    toolVersion: toolVersion(),
    user: userName(),
    host: hostname(),
    pid: process.pid,
    umask: keepFilesPrivate(),
    now: () => Date.now(),
    monotonic: () => performance.now(),
    onSignal(handle) {
      process.on('SIGINT', handle);
      process.on('SIGTERM', handle);
      const early = takeEarlySignal();
      if (early !== undefined) queueMicrotask(() => handle(early));
      return () => {
        process.off('SIGINT', handle);
        process.off('SIGTERM', handle);
      };
    },
    every(ms, run) {
      const timer = setInterval(run, ms);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

/** Nobody else may read what the program makes: LevelDB gives its files the modes that the umask leaves. @returns what the user had set */
function keepFilesPrivate(): number {
  return process.umask(0o077);
}

/** How to call this program again: by its name when installed, else by the script's path. */
export function programName(script: string, cwd: string): string {
  return basename(script).endsWith('.js') ? `node ${relative(cwd, script)}` : 'consent-import';
}

function standardInput(): StandardInput {
  return {
    // A getter, for the mere touch of process.stdin opens it.
    get isTTY() {
      return process.stdin.isTTY === true;
    },
    bytes: () => process.stdin,
    readLine() {
      const lines = createInterface({ input: process.stdin });
      return new Promise((resolve) => {
        lines.once('line', (line) => {
          resolve(line);
          lines.close();
        });
        lines.once('close', () => resolve(undefined));
      });
    },
  };
}

function toolVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version);
}

/** '' where the system knows no name for the user, as in some containers. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
