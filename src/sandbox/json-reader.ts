/** A fault script that can't be used. The message names the wrong key by its path, and what it should be. */
export class FaultScriptError extends Error {
  override readonly name = 'FaultScriptError';
}

/** A JSON value and where it stands, for messages. */
export interface At {
  readonly value: unknown;
  /** `rules[2].do.stall`; empty for the whole. */
  readonly path: string;
}

export function fail(at: At, should: string): never {
  throw new FaultScriptError(`fault script: ${at.path === '' ? 'it' : at.path} ${should}`);
}

/** The members of an object with no other keys than these; those that are absent or null are undefined. */
export function members<K extends string>(at: At, keys: readonly K[]): Record<K, At | undefined> {
  if (typeof at.value !== 'object' || at.value === null || Array.isArray(at.value)) fail(at, 'must be an object');
  const entries = Object.entries(at.value);
  for (const [key] of entries) {
    if (!keys.some((known) => known === key)) {
      fail({ value: undefined, path: below(at, key) }, `is not known; known here: ${keys.join(', ')}`);
    }
  }
  const found: Partial<Record<K, At | undefined>> = {};
  for (const key of keys) {
    const value: unknown = entries.find(([name]) => name === key)?.[1];
    found[key] = value === undefined || value === null ? undefined : { value, path: below(at, key) };
  }
  return found as Record<K, At | undefined>;
}

export function elements(at: At): At[] {
  if (!Array.isArray(at.value)) fail(at, 'must be an array');
  return at.value.map((value: unknown, i) => ({ value, path: `${at.path}[${i}]` }));
}

export function numberAt(at: At, range: { min: number; max?: number; whole?: boolean }): number {
  const { min, max = Number.MAX_SAFE_INTEGER, whole = false } = range;
  const { value } = at;
  if (typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  const upTo = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
  return fail(at, `must be a ${whole ? 'whole number' : 'number'} ${upTo}`);
}

export function wholeAt(at: At, min: number, max?: number): number {
  return numberAt(at, max === undefined ? { min, whole: true } : { min, max, whole: true });
}

export function textAt(at: At): string {
  return typeof at.value === 'string' && at.value !== '' ? at.value : fail(at, 'must be a text that is not empty');
}

export function truthAt(at: At): boolean {
  return typeof at.value === 'boolean' ? at.value : fail(at, 'must be true or false');
}

export function oneOf<T extends string | number>(at: At, choices: readonly T[]): T {
  const chosen = choices.find((choice) => choice === at.value);
  return chosen ?? fail(at, `must be one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`);
}

/** The value read from a member, or the default when it is absent. */
export function or<T>(at: At | undefined, read: (at: At) => T, absent: T): T {
  return at === undefined ? absent : read(at);
}

function below(at: At, key: string): string {
  return at.path === '' ? key : `${at.path}.${key}`;
}
