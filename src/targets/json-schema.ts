import { createRequire } from 'node:module';
import type { Ajv2020, ErrorObject, Options, ValidateFunction } from 'ajv/dist/2020.js';
import type addFormatsModule from 'ajv-formats';
import type { Finding } from '../core/rejection.js';
import { isDateTime } from './date-time.js';

/**
 * Checks one value. Undefined when the schema holds (then nothing was allocated), else at most `MAX_FINDINGS` findings
 * and a last one that says how many more there are.
 *
 * A finding's `path` is the JSON Pointer of the value at fault (RFC 6901), or of the object that lacks a property. Its
 * message is made of the schema's words only. The path may hold keys of free-form maps, so it goes into the rejects file
 * only; `createGeneralPath` makes the path that may be printed.
 * @param size bytes of the record: a record over 64 KiB gets its first finding only, for all could fill the memory.
 */
export type Check = (value: unknown, size: number) => readonly Finding[] | undefined;

/** Replaces what ajv says about one place in a schema. */
export interface Wording {
  /** As ajv gives it: `#/properties/user/anyOf`. What failed below it goes unsaid. */
  readonly schemaPath: string;
  /** Only for this missing property (`required`). */
  readonly property?: string;
  /** The finding's path, if not that of the value itself. */
  readonly path?: string;
  readonly message: string;
}

/** `--schema` does not hold a JSON Schema that can be used. The message says why. */
export class UserSchemaError extends Error {
  override readonly name = 'UserSchemaError';
}

export const MAX_FINDINGS = 20;

const load = createRequire(import.meta.url);

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const ALL_FINDINGS_UP_TO_BYTES = 64 * 1024;

/**
 * For a schema of our own (JSON Schema 2020-12), which must be right. It is compiled when the first value is checked: a quick
 * look lets most files pass without one.
 */
export function compileSchema(schema: object, wordings: readonly Wording[] = []): Check {
  let check: Check | undefined;
  return (value, size) => {
    check ??= compile(schema, wordings, { strict: true, allowUnionTypes: true, validateSchema: false });
    return check(value, size);
  };
}

/**
 * Compiles the schema that `--schema` names (JSON Schema 2020-12, with the usual formats). A keyword or format that is
 * not known is an error and no annotation: with a typing mistake in it, a schema would let everything through.
 * @throws {UserSchemaError} when it is no such schema.
 */
export function compileUserSchema(schema: unknown): Check {
  if (typeof schema === 'boolean') return compile(schema, [], {});
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    throw new UserSchemaError('it must be an object, true or false');
  }
  const dialect = (schema as { $schema?: unknown }).$schema;
  if (dialect !== undefined && dialect !== DIALECT && dialect !== `${DIALECT}#`) {
    throw new UserSchemaError(`its "$schema" must be "${DIALECT}"`);
  }
  if ('$async' in schema) throw new UserSchemaError('"$async" is not supported');
  try {
    return compile(schema, [], { strictSchema: true, strictNumbers: true, ownProperties: true });
  } catch (error) {
    throw new UserSchemaError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function compile(schema: object | boolean, wordings: readonly Wording[], options: Options): Check {
  // The one that stops at the first error decides: it is faster, and its errors take no memory to speak of. The other
  // is compiled when the first record fails.
  const first = createAjv({ strict: false, ...options, allErrors: false }).compile(schema);
  let all: ValidateFunction | undefined;
  return (value, size) => {
    try {
      if (first(value)) return undefined;
      if (size > ALL_FINDINGS_UP_TO_BYTES) return toFindings(first.errors ?? [], wordings);
      all ??= createAjv({ strict: false, ...options, allErrors: true }).compile(schema);
      all(value);
      return toFindings(all.errors ?? [], wordings);
    } catch (error) {
      // A schema that refers to itself goes as deep as the record does.
      if (error instanceof RangeError) return [{ path: '', message: 'is nested too deeply for the schema' }];
      throw error;
    }
  };
}

/** With ajv, which is loaded here and not before: that takes as long as to decode 100,000 events. */
function createAjv(options: Options): Ajv2020 {
  const { Ajv2020 } = load('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
  const { default: addFormats } = load('ajv-formats') as typeof addFormatsModule;
  const ajv = new Ajv2020({ ...options, logger: false });
  addFormats(ajv);
  ajv.addFormat('date-time', { type: 'string', validate: isDateTime });
  return ajv;
}

function toFindings(errors: readonly ErrorObject[], wordings: readonly Wording[]): Finding[] {
  const findings: Finding[] = [];
  let more = 0;
  for (const error of errors) {
    if (wordings.some((wording) => error.schemaPath.startsWith(`${wording.schemaPath}/`))) continue;
    const path = error.instancePath;
    const wording = wordings.find((candidate) => fits(candidate, error));
    const finding: Finding =
      wording === undefined
        ? { path, message: words(error) }
        : { path: wording.path ?? path, message: wording.message };
    if (findings.some((known) => known.path === finding.path && known.message === finding.message)) continue;
    if (findings.length < MAX_FINDINGS) findings.push(finding);
    else more++;
  }
  if (more > 0) findings.push({ path: '', message: `and ${more} more` });
  return findings;
}

function fits(wording: Wording, error: ErrorObject): boolean {
  if (wording.schemaPath !== error.schemaPath) return false;
  return wording.property === undefined || wording.property === error.params['missingProperty'];
}

/** ajv's own words, which name the schema's values and properties but never the record's. */
function words(error: ErrorObject): string {
  if (error.keyword === 'type') {
    const types: unknown = error.params['type'];
    return `must be ${(Array.isArray(types) ? types : String(types).split(',')).join(' or ')}`;
  }
  return error.message ?? `must satisfy "${error.keyword}"`;
}
