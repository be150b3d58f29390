import type { Finding } from '../../core/rejection.js';
import { pointerToken } from '../json-pointer.js';

/** What the names of a record's fields show. */
export interface NameFindings {
  /** Names that differ from one that OneTrust has in upper and lower case only: it would not see them. */
  readonly misspelt: readonly Finding[];
  /** Paths of fields that OneTrust does not document. */
  readonly unknown: readonly string[];
}

/** The names that are known in one place of the record. */
interface Plan {
  readonly members: ReadonlyMap<string, Plan | undefined>;
  readonly byLowerCase: ReadonlyMap<string, string>;
  readonly item: Plan | undefined;
}

/**
 * Makes a check of field names out of a schema: of all objects whose `properties` it names, and that are no free maps
 * (`additionalProperties`). The check takes any JSON value, and allocates nothing when all names are known.
 */
export function createNameCheck(schema: object): (value: unknown) => NameFindings {
  const root = planOf(schema, schema);
  return (value) => {
    const found = { misspelt: [], unknown: [] };
    if (root === undefined || allKnown(value, root)) return NOTHING;
    collect(value, root, '', found);
    return found;
  };
}

const NOTHING: NameFindings = { misspelt: [], unknown: [] };

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, object>>;
  readonly properties?: Readonly<Record<string, object>>;
  readonly additionalProperties?: unknown;
  readonly items?: object;
}

function planOf(given: Schema, root: Schema): Plan | undefined {
  const name = given.$ref?.split('/').at(-1);
  const schema: Schema = name === undefined ? given : (root.$defs?.[name] ?? {});
  const item = schema.items === undefined ? undefined : planOf(schema.items, root);
  if (schema.properties === undefined || schema.additionalProperties !== undefined) {
    return item === undefined ? undefined : { members: new Map(), byLowerCase: new Map(), item };
  }
  const members = Object.entries(schema.properties).map(([key, inner]) => [key, planOf(inner, root)] as const);
  return {
    members: new Map(members),
    byLowerCase: new Map(members.map(([key]) => [key.toLowerCase(), key])),
    item,
  };
}

function allKnown(value: unknown, plan: Plan): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) {
    if (plan.item !== undefined) for (const item of value) if (!allKnown(item, plan.item)) return false;
    return true;
  }
  if (plan.members.size === 0) return true;
  for (const key in value) {
    const inner = plan.members.get(key);
    if (inner === undefined && !plan.members.has(key)) return false;
    if (inner !== undefined && !allKnown((value as Record<string, unknown>)[key], inner)) return false;
  }
  return true;
}

function collect(value: unknown, plan: Plan, path: string, into: { misspelt: Finding[]; unknown: string[] }): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    const { item } = plan;
    if (item !== undefined) for (const [i, entry] of value.entries()) collect(entry, item, `${path}/${i}`, into);
    return;
  }
  if (plan.members.size === 0) return;
  for (const [key, inner] of Object.entries(value)) {
    const at = `${path}/${pointerToken(key)}`;
    const known = plan.members.get(key);
    if (known !== undefined) collect(inner, known, at, into);
    if (plan.members.has(key)) continue;
    const meant = plan.byLowerCase.get(key.toLowerCase());
    if (meant === undefined) into.unknown.push(at);
    else into.misspelt.push({ path: at, message: `must be written ${meant}: OneTrust would not see it` });
  }
}
