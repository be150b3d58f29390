/** A JSON Schema in the form in which `schema-scan` walks along it: one shape per place, members as bytes and bits. */

/** What the schema allows at one place. */
export interface Shape {
  /** A set of `KIND`s. */
  readonly kinds: number;
  readonly isNotEmpty: boolean;
  readonly isDateTime: boolean;
  readonly choices: readonly Uint8Array[] | undefined;
  /** Undefined for an object whose keys are free. */
  readonly members: readonly Member[] | undefined;
  /** Sets of members' bits: those that must be there, and those of which one must be a text that is not empty. */
  readonly required: number;
  readonly oneNotEmpty: number;
  /** What the values of an object with free keys must be; undefined for anything. */
  readonly values: Shape | undefined;
  /** What the items of an array must be; undefined for anything. */
  readonly items: Shape | undefined;
  /** Where in `captured` the text goes; -1 for one that is not captured. */
  readonly slot: number;
  /** The member that came first the last time: records of one file mostly have the same fields in the same order. */
  guess: Member | undefined;
}

export interface Member {
  /** The key with its closing quote. */
  readonly key: Uint8Array;
  readonly bit: number;
  readonly shape: Shape;
  /** The member that followed it the last time. */
  guess: Member | undefined;
}

export const KIND = { string: 1, number: 2, boolean: 4, null: 8, object: 16, array: 32 } as const;
const ANY_KIND = 63;
const MOST_MEMBERS = 31;
const ascii = new TextEncoder();

export interface SchemaPart {
  readonly type?: string | readonly string[];
  readonly minLength?: number;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaPart;
  readonly items?: SchemaPart;
  readonly anyOf?: readonly SchemaPart[];
}

const KEYWORDS = new Set(['type', 'minLength', 'enum', 'format', 'properties', 'required', 'additionalProperties']);
for (const keyword of ['items', 'anyOf', '$schema', 'title', 'description', '$comment']) KEYWORDS.add(keyword);

/**
 * @param path the JSON Pointer of the place, with `*` for any item or free key
 * @throws {RangeError} when the schema uses what can't be scanned
 */
export function shapeOf(part: SchemaPart, path: string, captures: readonly string[]): Shape {
  for (const keyword of Object.keys(part)) check(KEYWORDS.has(keyword), `${path}: ${keyword}`);
  const { properties, additionalProperties, items, minLength = 0, format } = part;
  check(minLength <= 1, `${path}: minLength`);
  check(format === undefined || format === 'date-time', `${path}: format`);
  check(properties === undefined || additionalProperties === undefined, `${path}: additionalProperties`);
  const members = Object.entries(properties ?? {}).map(([name, inner], at): Member => {
    check(/^[ !#-[\]-~]+$/.test(name) && at < MOST_MEMBERS, `${path}/${name}`);
    const shape = shapeOf(inner, `${path}/${name}`, captures);
    return { key: ascii.encode(`${name}"`), bit: 1 << at, shape, guess: undefined };
  });
  const bitOf = (name: string): number => {
    const at = Object.keys(properties ?? {}).indexOf(name);
    check(at >= 0, `${path}/${name}`);
    return 1 << at;
  };
  const slot = captures.indexOf(path);
  return {
    kinds: kindsOf(part, path),
    isNotEmpty: minLength === 1,
    isDateTime: format === 'date-time',
    choices: part.enum?.map((choice) => ascii.encode(JSON.stringify(choice).slice(1))),
    members: properties === undefined ? undefined : members,
    required: (part.required ?? []).reduce((bits, name) => bits | bitOf(name), 0),
    oneNotEmpty: (part.anyOf ?? []).reduce((bits, one) => bits | bitOf(notEmptyMember(one, path)), 0),
    values: additionalProperties && shapeOf(additionalProperties, `${path}/*`, captures),
    items: items && shapeOf(items, `${path}/*`, captures),
    slot: slot < 0 ? -1 : slot * 2,
    guess: undefined,
  };
}

function kindsOf({ type, enum: choices }: SchemaPart, path: string): number {
  if (choices !== undefined) {
    check(type === 'string' && choices.every((choice) => typeof choice === 'string'), `${path}: enum`);
  }
  if (type === undefined) return ANY_KIND;
  return [type].flat().reduce((kinds, name) => {
    const kind: number | undefined = KIND[name as keyof typeof KIND];
    check(kind !== undefined, `${path}: type ${name}`);
    return kinds | (kind ?? 0);
  }, 0);
}

/** The one member of which an alternative says that it is there, and a text that is not empty. */
function notEmptyMember({ properties = {}, required = [], ...rest }: SchemaPart, path: string): string {
  const [name = '', ...more] = Object.keys(properties);
  const { type, minLength, ...other } = properties[name] ?? {};
  const isThat = type === 'string' && minLength === 1 && required.length === 1 && required[0] === name;
  check(isThat && [...more, ...Object.keys(rest), ...Object.keys(other)].length === 0, `${path}: anyOf`);
  return name;
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new RangeError(`a schema can't be scanned: ${what}`);
}
