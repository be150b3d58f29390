import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { basename, relative } from 'node:path';
import { createInterface } from 'node:readline';
import type { CommandContext, Output, Signal, StandardInput } from './context.js';
import { boundHeap } from './heap.js';
import { mergedSignals, SAME_SIGNAL_MS } from './merged-signals.js';
import { isGitHubStep, withoutCommands } from './output/github-step.js';
import { type OutputStream, quietOutput } from './output/quiet-output.js';

/** Runs a program as this process: its arguments in, its exit code out. The only place that ends the process. */
export function runAsProcess(program: (args: readonly string[], context: CommandContext) => Promise<number>): void {
  boundHeap();
  // Reading from S3: which Node the AWS SDK's next releases want is nothing that an operator need read here.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const context = processContext(keepEarlySignal(process.argv[2]));
  // Node would start its debugger at this signal, which is ours.
  process.on('SIGUSR1', () => undefined);
  const end = async (exitCode: number): Promise<void> => {
    await Promise.all([context.stdout.flush(), context.stderr.flush()]);
    process.exit(exitCode);
  };
  const fail = async (error: unknown): Promise<void> => {
    // Loaded only now: nobody should wait for it.
    try {
      const { sayUnexpected } = await import('./output/unexpected.js');
      await sayUnexpected(error, process.argv.slice(2), context);
    } finally {
      await end(70);
    }
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  program(process.argv.slice(2), context).then(end, fail);
}

/** As `exitCodeOf` has them, which is not loaded yet. */
const SIGNAL_EXIT: Readonly<Record<Signal, number>> = { SIGINT: 130, SIGTERM: 143 };

/**
 * Keeps the first signal until somebody listens: while the program is being loaded nobody does, and `import` and
 * `validate` promise a summary on every way out. A second one ends the process.
 * @returns gives the signal, once, and stops keeping
 */
function keepEarlySignal(command: string | undefined): () => Signal | undefined {
  let kept: Signal | undefined;
  let keptAt = 0;
  const keep = (signal: Signal): void => {
    if (kept === undefined) {
      kept = signal;
      keptAt = performance.now();
    } else if (signal !== kept || performance.now() - keptAt > SAME_SIGNAL_MS) {
      process.exit(SIGNAL_EXIT[signal]);
    }
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
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    program: programName(process.argv[1] ?? '', process.cwd()),
    // Getters, for reading a file or asking the system takes its time.
    get toolVersion() {
      return toolVersion();
    },
    nodeVersion: process.version,
    get user() {
      return userName();
    },
    get host() {
      return hostname();
    },
    pid: process.pid,
    umask: keepFilesPrivate(),
    now: () => Date.now(),
    monotonic: () => performance.now(),
    onSignal(handle) {
      const { take, end } = mergedSignals(handle);
      process.on('SIGINT', take);
      process.on('SIGTERM', take);
      const early = takeEarlySignal();
      if (early !== undefined) queueMicrotask(() => handle(early));
      return () => {
        process.off('SIGINT', take);
        process.off('SIGTERM', take);
        end();
      };
    },
    onStatusRequest(handle) {
      process.on('SIGUSR1', handle);
      return () => process.off('SIGUSR1', handle);
    },
    every(ms, run) {
      const timer = setInterval(run, ms);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

function outputTo(stream: OutputStream): Output {
  const output = quietOutput(stream);
  return isGitHubStep(process.env) ? withoutCommands(output) : output;
}

/** Nobody else may read what the program makes: LevelDB gives its files the modes that the umask leaves. @returns what the user had set */
function keepFilesPrivate(): number {
  return process.umask(0o077);
}

/**
 * How to call this program again: by its name when installed, else by the script's path. What npm installs is started by
 * a link of that name, or on Windows by a script that names the file below `node_modules`.
 */
export function programName(script: string, cwd: string): string {
  return basename(script).endsWith('.js') && !/[\\/]node_modules[\\/]/.test(script)
    ? `node ${relative(cwd, script)}`
    : 'consent-import';
}

function standardInput(): StandardInput {
  let lines: AsyncIterator<string> | undefined;
  return {
    // A getter, for the mere touch of process.stdin opens it.
    get isTTY() {
      return process.stdin.isTTY === true;
    },
    bytes: () => process.stdin,
    async readLine() {
      // One reader for all lines: a second one would miss what the first has taken in, as when several are pasted.
      lines ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
      const { value, done } = await lines.next();
      return done === true ? undefined : value;
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
