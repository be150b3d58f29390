import type { Ledger } from '../core/ledger.js';
import { Pacer } from '../core/pacer.js';
import type { Clock } from '../core/ports.js';

/** The pacer of a run, whose state holds across restarts. What can't be written is a rejected promise. */
export interface Pace {
  readonly pacer: Pacer;
  /** Keeps the state now: a pause was demanded. */
  save(): Promise<void>;
  /** A request was charged: keeps the state when it matters. */
  charged(): void;
  /** Keeps the state at the end of the run. */
  close(): Promise<void>;
}

const STATE = 'pace';
/** What is kept: points in epoch time, also the one at which they were written. */
interface KeptPace {
  readonly pausedUntil: number;
  readonly nextAt: number;
  readonly at: number;
}

/** The state is kept so often while requests are charged; slower rates keep it with every request. */
const EVERY_MS = 1_000;

/**
 * Opens the pacer with what the ledger remembers. The pacer works in monotonic time; what is kept is epoch time.
 * @param perMinute most requests per minute, or no such limit
 */
export async function openPace(perMinute: number | undefined, ledger: Ledger, clock: Clock): Promise<Pace> {
  const saved = readKept(await ledger.readState(STATE));
  // Where the clock was set back since, what was left to wait then is left now.
  const toMonotonic = clock.monotonic() - Math.max(clock.now(), saved?.at ?? 0);
  const pacer = new Pacer(
    perMinute === undefined ? undefined : { requests: perMinute, windowMs: 60_000 },
    saved && { pausedUntil: saved.pausedUntil + toMonotonic, nextAt: saved.nextAt + toMonotonic },
    clock.monotonic(),
  );
  let lastSaved = Number.NEGATIVE_INFINITY;
  let writing = Promise.resolve();
  const save = (): Promise<void> => {
    lastSaved = clock.monotonic();
    const at = clock.now();
    const toEpoch = at - lastSaved;
    const { pausedUntil, nextAt } = pacer.state;
    const kept: KeptPace = { pausedUntil: pausedUntil + toEpoch, nextAt: nextAt + toEpoch, at };
    writing = writing.then(() => ledger.writeState(STATE, kept));
    return writing;
  };
  return {
    pacer,
    save,
    charged: () => {
      const { limit } = pacer;
      if (limit === undefined) return;
      const isSlow = limit.windowMs / limit.requests >= EVERY_MS;
      // An error shows at the latest when the pace is closed.
      if (isSlow || clock.monotonic() - lastSaved >= EVERY_MS) save().catch(() => undefined);
    },
    close: async () => {
      if (lastSaved > Number.NEGATIVE_INFINITY) await save();
    },
  };
}

function readKept(value: unknown): KeptPace | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pausedUntil, nextAt, at } = value as Partial<KeptPace>;
  return typeof pausedUntil === 'number' && typeof nextAt === 'number' && typeof at === 'number'
    ? { pausedUntil, nextAt, at }
    : undefined;
}
