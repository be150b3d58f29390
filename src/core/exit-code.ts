import type { EndReason, RunResult, Stop } from './run.js';
import { findImbalance } from './tally.js';

/** What there is to know about how a command went, when its exit code is decided. */
export interface Ending {
  /** How the run went; undefined when it ended before there was one. */
  readonly result: RunResult | undefined;
  /** What kept the command from having a run at all, or broke it off. */
  readonly failure?: 'usage' | 'ledger_in_use' | 'storage' | 'bug';
  /** No input matched what the user named. */
  readonly nothingMatched: boolean;
  /** `--allow-empty`: that is fine. */
  readonly allowEmpty: boolean;
  /** `import`: an event that was not sent is unfinished work. `validate` and `--dry-run` send nothing. */
  readonly sends: boolean;
}

export interface Verdict {
  readonly exitCode: number;
  /** As the summary's `reason` names it. */
  readonly reason: EndReason;
}

/** When several reasons apply, the first of these decides. */
export const PRECEDENCE = [
  'bug',
  'storage',
  'auth',
  'ledger_in_use',
  'usage',
  'interrupted',
  'too_many_rejects',
  'input',
  'unavailable',
  'limit',
  'in_doubt',
  'rejects',
  'completed',
] as const satisfies readonly EndReason[];

const EXIT_CODES: Readonly<Record<EndReason, number>> = {
  completed: 0,
  rejects: 1,
  usage: 2,
  input: 3,
  auth: 4,
  unavailable: 5,
  ledger_in_use: 6,
  in_doubt: 7,
  limit: 8,
  too_many_rejects: 9,
  storage: 10,
  bug: 70,
  interrupted: 130,
};

/** The exit code of one reason; 143 instead of 130 when the signal was SIGTERM. */
export function exitCodeOf(reason: EndReason, signal?: Stop['signal']): number {
  return reason === 'interrupted' && signal === 'SIGTERM' ? 143 : EXIT_CODES[reason];
}

/** Decides how a command ended. Accounts that do not balance outweigh all else: then nothing that they say is sure. */
export function decideExit(ending: Ending): Verdict {
  const reasons = reasonsOf(ending);
  const reason = PRECEDENCE.find((candidate) => reasons.has(candidate)) ?? 'completed';
  return { exitCode: exitCodeOf(reason, ending.result?.stop?.signal), reason };
}

function reasonsOf(ending: Ending): ReadonlySet<EndReason> {
  const reasons = new Set<EndReason>();
  if (ending.failure !== undefined) {
    reasons.add(ending.failure);
  }
  if (ending.nothingMatched && !ending.allowEmpty) {
    reasons.add('input');
  }
  if (ending.result === undefined) {
    return reasons;
  }
  const { stop, tally, complete } = ending.result;
  if (stop !== undefined) {
    reasons.add(stop.reason);
  }
  if (findImbalance(tally) !== undefined) {
    reasons.add('bug');
  }
  if (tally.files.some((file) => file.damage !== undefined || file.state === 'unreadable')) {
    reasons.add('input');
  }
  if (tally.files.some((file) => file.damage?.code === 'read_once')) {
    reasons.add('usage');
  }
  if (!complete && stop === undefined && ending.failure === undefined) {
    reasons.add('input');
  }
  if (tally.events.inDoubt > 0) {
    reasons.add('in_doubt');
  }
  if (tally.events.rejected > 0) {
    reasons.add('rejects');
  }
  // Events held back behind one in doubt are told by `in_doubt`. Any other that a whole run left unsent means that the
  // target did not take it: never exit 0.
  const unsent = ending.sends && tally.events.undelivered > 0;
  if (unsent && stop === undefined && ending.failure === undefined && tally.events.inDoubt === 0) {
    reasons.add('unavailable');
  }
  return reasons;
}
