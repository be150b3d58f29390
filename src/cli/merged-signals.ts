import type { Signal } from './context.js';

/** Nobody presses a key twice in so short a time. */
export const SAME_SIGNAL_MS = 20;

/**
 * One press of Ctrl-C, or one kill, may arrive twice within a moment: `timeout` signals the process and then its group,
 * and npm passes on what the terminal has sent already. A repeat would count as the second signal, which stops at once. So
 * a signal is handed on a moment later, and its repeats until then are dropped.
 */
export function mergedSignals(handle: (signal: Signal) => void): {
  readonly take: (signal: Signal) => void;
  /** Drops what was not handed on yet. */
  readonly end: () => void;
} {
  const waiting = new Map<Signal, NodeJS.Timeout>();
  return {
    take(signal) {
      if (waiting.has(signal)) return;
      const handOn = (): void => {
        if (waiting.delete(signal)) handle(signal);
      };
      // Behind what arrived while nothing could be taken in: signals come before immediates.
      const timer = setTimeout(() => setImmediate(handOn), SAME_SIGNAL_MS);
      waiting.set(signal, timer);
    },
    end() {
      for (const timer of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}
