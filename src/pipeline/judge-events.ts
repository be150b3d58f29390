import type { Verdict } from '../core/target.js';
import { delivered, type End, type Ended } from './aftermath.js';
import type { Event } from './event.js';

/** How often an event is sent again that the target refused for now (a conflict, say), before that is its last word. */
const MOST_REFUSALS_RETRIED = 5;

/**
 * What the verdicts mean for the events of a request: which ways end, and which events are sent once more.
 * @param failures of this request in a row, before this answer
 * @param mayBeResent is it harmless to send an event again that the target may have taken?
 * @throws {Error} when there is not one verdict for each event: a bug of the target's `classify`
 */
export function judgeEvents(
  events: readonly Event[],
  verdicts: readonly Verdict[],
  failures: number,
  mayBeResent: boolean,
): { readonly ended: readonly Ended[]; readonly again: Event[] } {
  if (verdicts.length !== events.length) throw new Error(`${verdicts.length} verdicts for ${events.length} events`);
  const ended: Ended[] = [];
  const again: Event[] = [];
  verdicts.forEach((verdict, i) => {
    const event = events[i]!;
    const end = endOf(event, verdict, failures, mayBeResent);
    if (end === undefined) again.push(event);
    else ended.push({ event, end });
  });
  return { ended, again };
}

/** @returns undefined where the event is to be sent once more */
function endOf(event: Event, verdict: Verdict, failures: number, mayBeResent: boolean): End | undefined {
  switch (verdict.kind) {
    case 'delivered':
      return delivered(verdict.returned);
    case 'duplicate':
      // Sent before in this run and not clearly answered: then it is this run that delivered it, most likely.
      event.maybeHadBefore = event.maybeTaken;
      return event.maybeTaken ? delivered(undefined) : { kind: 'duplicate' };
    case 'rejected':
      return { kind: 'refused', errors: verdict.errors };
    case 'unknown':
      if (!mayBeResent) return { kind: 'inDoubt' };
      event.maybeTaken = true;
      return undefined;
    case 'retry':
      if (verdict.errors === undefined || failures < MOST_REFUSALS_RETRIED) return undefined;
      return { kind: 'refused', errors: verdict.errors };
  }
}
