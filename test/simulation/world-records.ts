import { createHash } from 'node:crypto';
import type { RejectReason } from '../../src/core/rejection.js';
import type { SeededRandom } from './seeded-random.js';

export const ORGANIZATION = 'org-1';
/** The documented constant: events without an id get one in this namespace. */
const NAMESPACE = '5e0f6c1b3a7d4c429d5e8b1f27a4c903';

/** One record as it was made, and so with everything known about it. Texts hold one character per byte. */
export interface MadeRecord {
  /** Without white space around it. */
  readonly text: string;
  /** Undefined for an event; else why it must be rejected here. */
  readonly broken: RejectReason | undefined;
  readonly id: string;
  /** What must arrive at the target, byte for byte. */
  readonly sent: string;
  readonly subjects: readonly string[];
  /** The target will refuse it whenever it is asked. */
  readonly poison: boolean;
}

export interface RecordPlan {
  readonly persons: number;
  /** How often the next event is of the same person as the one before. */
  readonly hot: number;
  readonly broken: number;
  readonly poison: number;
  readonly withoutId: number;
  readonly repeats: number;
  readonly conflicts: number;
  readonly large: number;
  readonly maxLineBytes: number;
}

/** Makes records one after the other, of any kind that inputs hold. */
export class RecordMaker {
  readonly #random: SeededRandom;
  readonly #plan: RecordPlan;
  readonly #made: MadeRecord[] = [];
  #count = 0;
  #person = 0;

  constructor(random: SeededRandom, plan: RecordPlan) {
    this.#random = random;
    this.#plan = plan;
  }

  next(): MadeRecord {
    const record = this.#make();
    if (record.broken === undefined) this.#made.push(record);
    return record;
  }

  #make(): MadeRecord {
    const random = this.#random;
    const plan = this.#plan;
    if (random.chance(plan.broken)) return this.#broken();
    if (this.#made.length > 0 && random.chance(plan.repeats)) {
      return random.chance(0.5) ? this.#made.at(-1)! : random.pick(this.#made);
    }
    if (this.#made.length > 0 && random.chance(plan.conflicts)) return this.#event(random.pick(this.#made).id);
    return this.#event(undefined);
  }

  #event(otherId: string | undefined): MadeRecord {
    const random = this.#random;
    const poison = random.chance(this.#plan.poison);
    const { user, subjects } = this.#user();
    const hasId = otherId !== undefined || !random.chance(this.#plan.withoutId);
    const newId = this.#newId();
    const id = otherId ?? newId;
    const n = this.#count;
    const fields = [
      `"created_at":"2026-01-${10 + (n % 20)}T00:00:00Z"`,
      `"user":${user}`,
      `"consents":{"purposes":[{"id":"p","enabled":${random.pick(['true', 'false', 'null'])}}]}`,
      `"metadata":{"n":${n},"big":9007199254740993${n}${poison ? ',"poison":true' : ''}${this.#odd()}}`,
    ];
    if (hasId) fields.splice(random.chance(0.8) ? 0 : 2, 0, `"id":"${id}"`);
    const text = bytes(`{${fields.join(random.chance(0.8) ? ',' : ' , ')}}`);
    if (hasId) return { text, broken: undefined, id, sent: text, subjects, poison };
    const given = idFor(text);
    return { text, broken: undefined, id: given, sent: `{"id":"${given}",${text.slice(1)}`, subjects, poison };
  }

  #user(): { user: string; subjects: string[] } {
    const random = this.#random;
    if (!random.chance(this.#plan.hot)) this.#person = random.whole(1, this.#plan.persons);
    const person = this.#person;
    const which = random.weighted([
      ['organization', 6],
      ['device', 2],
      ['both', 3],
    ] as const);
    // A device may be another person's too: then one event belongs to both.
    const device = random.chance(0.7) ? person : random.whole(1, this.#plan.persons);
    const fields: string[] = [];
    const subjects: string[] = [];
    if (which !== 'device') {
      fields.push(`"organization_user_id":"person${person}@example.org"`);
      subjects.push(`o${person}`);
    }
    if (which !== 'organization') {
      fields.push(`"id":"device-${device}"`);
      subjects.push(`u${device}`);
    }
    return { user: `{${fields.join(',')}}`, subjects };
  }

  #newId(): string {
    this.#count += 1;
    const n = this.#count;
    return this.#random.chance(0.8) ? `event-${n}` : `0000${n}-aaaa-4bbb-8ccc-${String(n).padStart(12, '0')}`;
  }

  /** What parsers and writers like to change on the way. */
  #odd(): string {
    if (this.#random.chance(this.#plan.large)) {
      return `,"proof":"${'x'.repeat(Math.floor(this.#random.scale(500, this.#plan.maxLineBytes - 800)))}"`;
    }
    return this.#random.weighted([
      ['', 10],
      [',"e":1.0e+2', 1],
      [',"s":"\\u00e9\\/"', 1],
      [',"u":"é \u{1f600}"', 1],
      [',"a":[{"id":"event-1"},"}],{"]', 1],
      [', "t" : "tab\\t" ', 1],
    ]);
  }

  #broken(): MadeRecord {
    const id = this.#newId();
    const good = `{"id":"${id}","created_at":"2026-01-01T00:00:00Z","user":{"id":"device-1"},"consents":{"purposes":[]}}`;
    const [text, broken] = this.#random.pick<readonly [string, RejectReason]>([
      [good.slice(0, -1), 'invalid_json'],
      [`${good}}`, 'invalid_json'],
      ['42', 'schema_violation'],
      ['"[{}]"', 'schema_violation'],
      [good.replace('"consents"', '"consent"'), 'schema_violation'],
      [good.replace('{"id":"device-1"}', '{}'), 'schema_violation'],
      [good.replace('"user"', '"id":"twice","user"'), 'schema_violation'],
      [good.replace(/"id":"[^d"]*","created_at":"[^"]*",/, ''), 'no_identity'],
      [good.replace('{"id"', '{"organization_id":"org-2","id"'), 'wrong_organization'],
      [good.replace('device-1', 'device-\xff'), 'invalid_utf8'],
      [good.replace('device-1', 'x'.repeat(this.#plan.maxLineBytes)), 'line_too_long'],
    ]);
    return { text, broken, id: '', sent: '', subjects: [], poison: false };
  }
}

/** UUID version 5 (RFC 9562) of organization, line feed and record. */
function idFor(text: string): string {
  const name = Buffer.from(`${ORGANIZATION}\n${text}`, 'latin1');
  const hash = createHash('sha1').update(Buffer.from(NAMESPACE, 'hex')).update(name).digest();
  hash[6] = (hash[6]! % 16) + 0x50;
  hash[8] = (hash[8]! % 64) + 0x80;
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** A text as UTF-8, one character per byte. */
function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
