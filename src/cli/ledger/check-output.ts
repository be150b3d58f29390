import type { UndoneRecord } from '../../core/ledger.js';
import { describeOrigin, type Origin } from '../../core/origin.js';
import type { LookedUp } from '../../pipeline/look-up.js';
import type { Output } from '../context.js';
import { count, counted, moment } from '../output/figures.js';
import { printable } from '../output/printable.js';
import { shownRecord } from './shown-record.js';

/** What `ledger check` says of one record. */
type State = 'delivered' | 'inDoubt' | 'otherContent' | 'undone' | 'undoing' | 'unknown' | 'invalid';

/**
 * Writes what became of records as it is found out: a file may hold millions. Text: a line each, then the counts. JSON: one
 * object, `{"version","ledger","records":[…],"counts","complete"}`.
 */
export class CheckOutput {
  readonly #out: Output;
  readonly #json: boolean;
  readonly #ofPeople: boolean;
  readonly #head: string;
  readonly #counts: Record<State, number> = {
    delivered: 0,
    inDoubt: 0,
    otherContent: 0,
    undone: 0,
    undoing: 0,
    unknown: 0,
    invalid: 0,
  };
  #unparsed = 0;
  #begun = false;

  /** @param how `ofPeople`: only the records of some people are meant; what can't be parsed is counted, and not listed */
  constructor(out: Output, ledger: string, how: { readonly json: boolean; readonly ofPeople: boolean }) {
    this.#out = out;
    this.#json = how.json;
    this.#ofPeople = how.ofPeople;
    this.#head = `{"version":1,"ledger":${JSON.stringify(ledger)},"records":[`;
  }

  /** Resolves when they have left: who reads slowly slows the reading of inputs. */
  async add(records: readonly LookedUp[]): Promise<void> {
    let text = '';
    for (const looked of records) {
      if (this.#ofPeople && isUnparsed(looked)) {
        this.#unparsed += 1;
        continue;
      }
      this.#counts[stateOf(looked)] += 1;
      if (!this.#json) text += `${printable(lineOf(looked))}\n`;
      else {
        text += `${this.#begun ? ',' : this.#head}${JSON.stringify(rowOf(looked))}`;
        this.#begun = true;
      }
    }
    this.#out.write(text);
    await this.#out.flush();
  }

  /** Was a part of the one object written? Then it has to be ended. */
  get begun(): boolean {
    return this.#begun;
  }

  /** @param complete every input was read to its end */
  async end(complete: boolean): Promise<void> {
    const counts = this.#counts;
    const unparsed = this.#unparsed;
    if (this.#json) {
      const rest = JSON.stringify({ counts, unparsed, complete }).slice(1);
      this.#out.write(`${this.#begun ? '' : this.#head}],${rest}\n`);
    } else {
      this.#out.write(`${complete ? '' : 'NOT READ: some of the inputs\n'}${totals(counts)}${doubtful(unparsed)}\n`);
    }
    await this.#out.flush();
  }
}

const NAMES: Readonly<Record<State, string>> = {
  delivered: 'delivered',
  inDoubt: 'in doubt',
  otherContent: 'with other content',
  undone: 'undone',
  undoing: 'undone perhaps',
  unknown: 'never seen',
  invalid: 'no event',
};

function totals(counts: Readonly<Record<State, number>>): string {
  const states = (Object.keys(NAMES) as State[]).filter((state) => counts[state] > 0);
  if (states.length === 0) return 'No such record was found.';
  const all = states.reduce((sum, state) => sum + counts[state], 0);
  return `${counted(all, 'record')}: ${states.map((state) => `${count(counts[state])} ${NAMES[state]}`).join(', ')}.`;
}

function doubtful(unparsed: number): string {
  if (unparsed === 0) return '';
  return ` Besides, ${counted(unparsed, 'record')} can not be parsed: whose ${unparsed === 1 ? 'it is' : 'they are'}, nobody can tell.`;
}

/** Nothing can be told of whom it is about. */
function isUnparsed(looked: LookedUp): boolean {
  if (looked.kind !== 'invalid') return false;
  return looked.reason === 'invalid_json' || looked.reason === 'invalid_utf8' || looked.reason === 'line_too_long';
}

function stateOf(looked: LookedUp): State {
  if (looked.kind === 'undone') return looked.undone.state;
  if (looked.kind !== 'known') return looked.kind;
  return looked.sameContent ? looked.record.state : 'otherContent';
}

function lineOf(looked: LookedUp): string {
  return `${describeOrigin(looked.origin)}  ${whatBecame(looked)}`;
}

function whatBecame(looked: LookedUp): string {
  if (looked.kind === 'unknown') return 'never seen';
  if (looked.kind === 'invalid') return `no event (${looked.reason})`;
  if (looked.kind === 'undone') return undoneText(looked.undone);
  const { record, origin, sameContent } = looked;
  const from = isSame(record.origin, origin) ? '' : `, from ${describeOrigin(record.origin)}`;
  const by = `by run ${record.run}${from}`;
  const verb = record.state === 'delivered' ? 'delivered' : 'sent, but never answered,';
  const what = `${verb} ${moment(record.time)} ${by}`;
  if (!sameContent) return `other content: an event with its id was ${what}`;
  if (record.state === 'inDoubt') return `in doubt: ${what}`;
  if (record.hadBefore)
    return `delivered: at ${moment(record.time)} the target said to run ${record.run} that it had it before`;
  return record.settledByOperator === true
    ? `delivered, as an operator recorded; sent ${moment(record.time)} ${by}`
    : what;
}

function undoneText({ state, delivered, by, time }: UndoneRecord): string {
  const before = `delivered ${moment(delivered.time)} by run ${delivered.run}`;
  return state === 'undone'
    ? `undone ${moment(time)} by run ${by}; ${before}`
    : `its undoing was begun ${moment(time)} by run ${by}, and is not known to have been done; ${before}`;
}

/** Where the record stands, its state; where it is known, the run, the time and the place that the ledger has of it. */
function rowOf(looked: LookedUp): object {
  const { file, entry, line, element, index } = looked.origin;
  const place = { file, entry: entry ?? null, line, element: element ?? null, index: index ?? null };
  const state = stateOf(looked);
  const reason = looked.kind === 'invalid' ? looked.reason : null;
  if (looked.kind === 'unknown' || looked.kind === 'invalid') {
    return { ...place, state, reason, run: null, time: null, recorded: null, undone: null };
  }
  const record = looked.kind === 'known' ? looked.record : looked.undone.delivered;
  const { run, time, ...recorded } = shownRecord(record);
  const { hadBefore, settledByOperator = false } = record;
  const undone = looked.kind === 'undone' ? { run: looked.undone.by, time: iso(looked.undone.time) } : null;
  return { ...place, state, reason, run, time, recorded: { ...recorded, hadBefore, settledByOperator }, undone };
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function isSame(a: Origin, b: Origin): boolean {
  return describeOrigin(a) === describeOrigin(b);
}
