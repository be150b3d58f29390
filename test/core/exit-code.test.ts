import { describe, expect, it } from 'vitest';
import { decideExit, type Ending, exitCodeOf } from '../../src/core/exit-code.js';
import type { EndReason, Stop, Tally } from '../../src/core/run.js';
import { newFileAccount, newTally } from '../../src/core/tally.js';

type Counted = Partial<Record<'read' | 'delivered' | 'duplicate' | 'rejected' | 'inDoubt' | 'undelivered', number>>;

/** A tally of one file whose accounts balance. */
function tallyOf(counted: Counted): Tally {
  const tally = newTally();
  const file = newFileAccount('a.jsonl', 10);
  const read = Object.values(counted).reduce((sum, count) => sum + count, 0);
  for (const account of [tally.events, file]) {
    Object.assign(account, counted, { read });
  }
  file.state = 'complete';
  tally.files.push(file);
  tally.duplicates.ledger = counted.duplicate ?? 0;
  tally.rejectedByReason.invalid_json = counted.rejected ?? 0;
  return tally;
}

function ending(change: Partial<Ending> & { tally?: Tally; stop?: Stop; complete?: boolean } = {}): Ending {
  const { tally = tallyOf({ delivered: 3 }), stop, complete = true, ...rest } = change;
  return { result: { stop, complete, tally }, nothingMatched: false, allowEmpty: false, sends: true, ...rest };
}

function stopFor(reason: Stop['reason']): Stop {
  return { reason, message: 'why' };
}

describe('the exit code', () => {
  it('is 0 when every event was delivered, now or before', () => {
    expect(decideExit(ending({ tally: tallyOf({ delivered: 2, duplicate: 5 }) }))).toEqual({
      exitCode: 0,
      reason: 'completed',
    });
  });

  it('is 1 when some were rejected', () => {
    expect(decideExit(ending({ tally: tallyOf({ delivered: 2, rejected: 1 }) }))).toEqual({
      exitCode: 1,
      reason: 'rejects',
    });
  });

  it('is 3 when an input could not be read to its end, though every event read was delivered', () => {
    const tally = tallyOf({ delivered: 2 });
    Object.assign(tally.files[0]!, { state: 'partial', damage: { code: 'cut_off', message: 'cut' } });
    expect(decideExit(ending({ tally }))).toEqual({ exitCode: 3, reason: 'input' });
  });

  it('is 3 when a run is incomplete and nothing tells why', () => {
    expect(decideExit(ending({ complete: false }))).toEqual({ exitCode: 3, reason: 'input' });
  });

  it('is 3 when no input matched, and 0 with --allow-empty', () => {
    const empty = ending({ tally: newTally(), nothingMatched: true });
    expect(decideExit(empty)).toEqual({ exitCode: 3, reason: 'input' });
    expect(decideExit({ ...empty, allowEmpty: true })).toEqual({ exitCode: 0, reason: 'completed' });
  });

  it('is 7 when events are in doubt, with those held back behind them', () => {
    expect(decideExit(ending({ tally: tallyOf({ delivered: 2, inDoubt: 1, undelivered: 4 }) }))).toEqual({
      exitCode: 7,
      reason: 'in_doubt',
    });
  });

  it('is never 0 when an import leaves events unsent', () => {
    expect(decideExit(ending({ tally: tallyOf({ delivered: 2, undelivered: 1 }) }))).toEqual({
      exitCode: 5,
      reason: 'unavailable',
    });
  });

  it('is 0 when validate leaves every valid event unsent', () => {
    expect(decideExit(ending({ tally: tallyOf({ undelivered: 9 }), sends: false })).exitCode).toBe(0);
  });

  it('is 130 for SIGINT and 143 for SIGTERM', () => {
    const interrupted = (signal: 'SIGINT' | 'SIGTERM'): number =>
      decideExit(ending({ stop: { reason: 'interrupted', message: 'why', signal }, complete: false })).exitCode;
    expect([interrupted('SIGINT'), interrupted('SIGTERM')]).toEqual([130, 143]);
  });

  it('is 6 or 2 when there was no run', () => {
    const none: Ending = { result: undefined, nothingMatched: false, allowEmpty: false, sends: true };
    expect(decideExit({ ...none, failure: 'ledger_in_use' })).toEqual({ exitCode: 6, reason: 'ledger_in_use' });
    expect(decideExit({ ...none, failure: 'usage' })).toEqual({ exitCode: 2, reason: 'usage' });
  });

  it('does not take an incomplete run for damaged input when a stop tells why', () => {
    expect(decideExit(ending({ stop: stopFor('limit'), complete: false }))).toEqual({ exitCode: 8, reason: 'limit' });
  });
});

describe('accounts that do not balance', () => {
  it.each<[string, (tally: Tally) => void]>([
    ['in total', (tally) => (tally.events.delivered += 1)],
    ['in one file', (tally) => (tally.files[0]!.delivered -= 1)],
    ['between files and total', (tally) => Object.assign(tally.files[0]!, { delivered: 2, rejected: 2 })],
    ['by kind of duplicate', (tally) => (tally.duplicates.target += 1)],
    ['by reject reason', (tally) => (tally.rejectedByReason.refused = 1)],
  ])('are exit 70 before all else: %s', (_, unbalance) => {
    const tally = tallyOf({ delivered: 3, rejected: 1, duplicate: 1 });
    unbalance(tally);
    const verdict = decideExit(ending({ tally, stop: stopFor('storage'), complete: false, failure: 'ledger_in_use' }));
    expect(verdict).toEqual({ exitCode: 70, reason: 'bug' });
  });
});

describe('when several reasons apply', () => {
  /** The contract's order, each as something that makes the reason apply. */
  const inOrder: readonly (readonly [EndReason, (all: Everything) => void])[] = [
    ['bug', (all) => all.failures.push('bug')],
    ['storage', (all) => all.stops.push('storage')],
    ['auth', (all) => all.stops.push('auth')],
    ['ledger_in_use', (all) => all.failures.push('ledger_in_use')],
    ['usage', (all) => all.failures.push('usage')],
    ['interrupted', (all) => all.stops.push('interrupted')],
    ['too_many_rejects', (all) => all.stops.push('too_many_rejects')],
    ['input', (all) => (all.nothingMatched = true)],
    ['unavailable', (all) => all.stops.push('unavailable')],
    ['limit', (all) => all.stops.push('limit')],
    ['in_doubt', (all) => (all.counted.inDoubt = 1)],
    ['rejects', (all) => (all.counted.rejected = 1)],
  ];
  interface Everything {
    readonly failures: NonNullable<Ending['failure']>[];
    readonly stops: Stop['reason'][];
    nothingMatched: boolean;
    readonly counted: Counted;
  }

  const pairs = inOrder.flatMap(([stronger, first], index) =>
    inOrder.slice(index + 1).map(([weaker, second]) => ({ stronger, weaker, first, second })),
  );
  const oneOfEach = pairs.filter(({ first, second }) => {
    const all: Everything = { failures: [], stops: [], nothingMatched: false, counted: {} };
    first(all);
    second(all);
    return all.failures.length < 2 && all.stops.length < 2;
  });

  it.each(oneOfEach)('$stronger outweighs $weaker', ({ stronger, first, second }) => {
    const all: Everything = { failures: [], stops: [], nothingMatched: false, counted: { delivered: 1 } };
    first(all);
    second(all);
    const [stop] = all.stops;
    const [failure] = all.failures;
    const verdict = decideExit(
      ending({
        tally: tallyOf(all.counted),
        nothingMatched: all.nothingMatched,
        ...(stop === undefined ? {} : { stop: stopFor(stop) }),
        ...(failure === undefined ? {} : { failure }),
      }),
    );
    expect(verdict).toEqual({ exitCode: exitCodeOf(stronger), reason: stronger });
  });
});
