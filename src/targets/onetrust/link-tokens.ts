import { memberRange } from '../../core/json-members.js';
import type { Classified, Sendable, Verdict } from '../../core/target.js';

/** The member of a record that asks for a link token, and those of the answer that may hold it. */
const ASKING = ['generateInstantLinkToken', 'shortLinkToken'] as const;

interface Returned {
  readonly receipt?: string;
  readonly instantLinkToken?: string;
  readonly linkToken?: string;
}

/** Link tokens open a person's preferences to who has them: what was returned keeps them only where the record asked. */
export function withoutUnaskedTokens(events: readonly Sendable[], classified: Classified): Classified {
  const { reading } = classified;
  if (reading.kind !== 'verdicts' || !reading.verdicts.some(hasToken)) return classified;
  const verdicts = reading.verdicts.map((verdict, i): Verdict => {
    if (verdict.kind !== 'delivered' || !hasToken(verdict) || asks(events[i]!)) return verdict;
    const { instantLinkToken: _instant, linkToken: _short, ...returned } = verdict.returned as Returned;
    return { kind: 'delivered', returned };
  });
  return { ...classified, reading: { kind: 'verdicts', verdicts } };
}

function hasToken(verdict: Verdict): boolean {
  const returned = verdict.kind === 'delivered' ? (verdict.returned as Returned | undefined) : undefined;
  return returned?.instantLinkToken !== undefined || returned?.linkToken !== undefined;
}

function asks({ bytes, start, end }: Sendable): boolean {
  return ASKING.some((name) => {
    const range = memberRange(bytes, start, end, name);
    return range !== undefined && Buffer.from(bytes.subarray(range.start, range.end)).toString('latin1') === 'true';
  });
}
