import type { CommandContext, Output, Signal } from '../../src/cli/context.js';

/** A context whose outputs are kept, and whose clock, signals and timers are moved by hand. */
export interface RecordedContext extends CommandContext {
  readonly out: () => string;
  readonly err: () => string;
  readonly signal: (signal: Signal) => void;
  /** SIGUSR1. */
  readonly askStatus: () => void;
  /** Lets so much time pass, and everything run that is due. */
  readonly pass: (ms: number) => void;
}

export interface ContextChanges {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly answer?: string | undefined;
  /** Several answers, one after the other; then the input ends. */
  readonly answers?: readonly string[];
}

export function recordedContext(changes: ContextChanges = {}): RecordedContext {
  const terminal = changes.terminal ?? false;
  const stdout = recordedOutput(terminal, changes.columns ?? 80);
  const stderr = recordedOutput(terminal, changes.columns ?? 80);
  const handlers = new Set<(signal: Signal) => void>();
  const answers = changes.answers === undefined ? undefined : [...changes.answers];
  const askers = new Set<() => void>();
  const timers = new Set<{ every: number; due: number; run: () => void }>();
  let now = 0;
  return {
    stdin: {
      isTTY: terminal,
      bytes: () => {
        throw new Error('nothing to read');
      },
      readLine: async () => (answers === undefined ? changes.answer : answers.shift()),
    },
    stdout,
    stderr,
    env: changes.env ?? {},
    cwd: changes.cwd ?? '/work',
    program: 'consent-import',
    toolVersion: '1.2.3',
    nodeVersion: 'v20.19.0',
    user: 'ada',
    host: 'engine',
    pid: 4711,
    umask: 0o022,
    now: () => Date.parse('2026-01-02T03:04:05.678Z') + now,
    monotonic: () => now,
    onSignal(handle) {
      handlers.add(handle);
      return () => handlers.delete(handle);
    },
    onStatusRequest(handle) {
      askers.add(handle);
      return () => askers.delete(handle);
    },
    askStatus: () => {
      for (const handle of [...askers]) handle();
    },
    every(ms, run) {
      const timer = { every: ms, due: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    out: () => stdout.text,
    err: () => stderr.text,
    signal: (signal) => {
      for (const handle of [...handlers]) {
        handle(signal);
      }
    },
    pass(ms) {
      const end = now + ms;
      for (;;) {
        const next = [...timers].filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0];
        if (next === undefined) {
          break;
        }
        now = next.due;
        next.due += next.every;
        next.run();
      }
      now = end;
    },
  };
}

function recordedOutput(isTTY: boolean, columns: number): Output & { text: string } {
  return {
    isTTY,
    columns: () => columns,
    text: '',
    write(text) {
      this.text += text;
    },
    flush: async () => {},
  };
}
