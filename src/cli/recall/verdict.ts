import { exitCodeOf, PRECEDENCE, type Verdict } from '../../core/exit-code.js';
import type { EndReason, RunResult } from '../../core/run.js';
import { findImbalance } from '../../core/tally.js';

/**
 * How a command ended that read inputs once more. Records that are no events are no fault of these commands: the import
 * rejected them.
 * @param results of its runs
 * @param problem something is not as it should be at the target: exit code 1
 */
export function verdictOn(results: readonly RunResult[], problem: boolean, nothingMatched: boolean): Verdict {
  const reasons = new Set<EndReason>(results.flatMap(reasonsOf));
  if (problem) reasons.add('rejects');
  if (nothingMatched) reasons.add('input');
  const reason = PRECEDENCE.find((candidate) => reasons.has(candidate)) ?? 'completed';
  const signal = results.find(({ stop }) => stop?.reason === 'interrupted')?.stop?.signal;
  return { exitCode: exitCodeOf(reason, signal), reason };
}

function reasonsOf({ stop, complete, tally }: RunResult): EndReason[] {
  const reasons: EndReason[] = [];
  if (stop !== undefined) reasons.push(stop.reason);
  else if (!complete) reasons.push('input');
  if (tally.files.some(({ damage }) => damage !== undefined)) reasons.push('input');
  if (tally.files.some(({ damage }) => damage?.code === 'read_once')) reasons.push('usage');
  if (findImbalance(tally) !== undefined) reasons.push('bug');
  return reasons;
}
