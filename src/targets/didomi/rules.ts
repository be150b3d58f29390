import { createDuplicateKeyFinder } from '../../core/duplicate-keys.js';
import type { Finding, Rejection } from '../../core/rejection.js';
import type { Examination, RecordRules } from '../../core/target.js';
import { instantOf } from '../date-time.js';
import { createGeneralPath } from '../general-path.js';
import { compileSchema, compileUserSchema, MAX_FINDINGS } from '../json-schema.js';
import { createIdGiver, didomiUser, organizationUser } from './identify.js';
import type { KnownPurposes } from './known-purposes.js';
import { createQuickLook } from './quick-look.js';
import { DIDOMI_SCHEMA, DIDOMI_WORDINGS } from './schema.js';

export interface DidomiRulesOptions {
  /** Undefined where none was named (`validate`): then events may name any. */
  readonly organizationId: string | undefined;
  /** Every warning rejects the record. */
  readonly strict?: boolean;
  /** A JSON Schema (2020-12), as parsed JSON, that events must satisfy besides the built-in one. */
  readonly userSchema?: unknown;
  /** The purposes that the organization has; an event that names another is warned of. */
  readonly knownPurposes?: KnownPurposes;
}

/** What the schema makes sure of before anything is read from a record. */
interface DidomiEvent {
  readonly id?: string;
  readonly organization_id?: string;
  readonly created_at?: string;
  readonly user: { readonly id?: string | null; readonly organization_user_id?: string | null };
  readonly consents: { readonly purposes?: readonly { readonly id: string }[] };
}

/** The objects in which Didomi reads fields of its own. Duplicate keys elsewhere, in free-form metadata, travel. */
const WATCHED = ['', '/user', '/consents', '/consents/purposes/*'];

const { properties: EVENT } = DIDOMI_SCHEMA;
const KNOWN_IN_EVENT = new Set(Object.keys(EVENT));
const KNOWN_IN_USER = new Set(Object.keys(EVENT.user.properties));
const KNOWN_IN_CONSENTS = new Set(Object.keys(EVENT.consents.properties));
const KNOWN_IN_PURPOSE = new Set(Object.keys(EVENT.consents.properties.purposes.items.properties));

/**
 * What makes a record a Didomi event, in the order of the checks. The first that fails rejects it:
 * 1. `schema_violation`: it is no object; or the schema, the keys (none twice) and the user's schema, all findings of
 *    the three together.
 * 2. `wrong_organization`: it names another organization than the one of this import.
 * 3. `no_identity`: it has neither `id` nor `created_at`, so two equal ones may be one event read twice, or two events.
 * 4. With `strict`, any warning: `missing_created_at` (Didomi would date the event today), `unknown_field` (in the event,
 *    its user, its consents or a purpose: perhaps a typing mistake in a known one), and `unknown_purpose`.
 * @throws {UserSchemaError} when `userSchema` is no schema
 */
export function createDidomiRules(options: DidomiRulesOptions): RecordRules {
  const { organizationId, strict = false, userSchema, knownPurposes } = options;
  const check = compileSchema(DIDOMI_SCHEMA, DIDOMI_WORDINGS);
  const checkUser = userSchema === undefined ? undefined : compileUserSchema(userSchema);
  const findDuplicateKey = createDuplicateKeyFinder(WATCHED);
  const giveId = createIdGiver(organizationId ?? '');

  function violations(value: unknown, bytes: Uint8Array, start: number, end: number): readonly Finding[] | undefined {
    const findings = check(value, end - start);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return findings;
    const duplicate = findDuplicateKey(bytes, start, end);
    const users = checkUser?.(value, end - start);
    if (findings === undefined && duplicate === undefined && users === undefined) return undefined;
    const duplicates = duplicate === undefined ? [] : [{ path: duplicate, message: 'duplicate key' }];
    return [...(findings ?? []), ...duplicates, ...(users ?? [])];
  }

  function reject(value: unknown, bytes: Uint8Array, start: number, end: number): Rejection | undefined {
    const errors = violations(value, bytes, start, end);
    if (errors !== undefined) return { reason: 'schema_violation', errors };
    const event = value as DidomiEvent;
    const named = event.organization_id;
    if (named !== undefined && organizationId !== undefined && named !== organizationId) {
      const message = 'must be the organization of --organization-id';
      return { reason: 'wrong_organization', errors: [{ path: '/organization_id', message }] };
    }
    if (event.id === undefined && event.created_at === undefined) {
      return { reason: 'no_identity', errors: [{ path: '', message: 'must have id or created_at' }] };
    }
    return undefined;
  }

  return {
    // A schema of the user's own is held against the parsed record only.
    ...(userSchema === undefined ? { quickLook: createQuickLook(organizationId, knownPurposes) } : {}),
    generalPath: createGeneralPath(userSchema === undefined ? [DIDOMI_SCHEMA] : [DIDOMI_SCHEMA, userSchema]),
    examine(value, bytes, start, end, into: Examination) {
      into.id = '';
      into.subjectA = '';
      into.subjectB = '';
      into.date = undefined;
      into.splice = undefined;
      into.warnings.length = 0;
      into.rejection = reject(value, bytes, start, end);
      if (into.rejection !== undefined) return;

      const event = value as DidomiEvent;
      if (event.created_at === undefined) into.warnings.push('missing_created_at');
      if (hasUnknownField(event)) into.warnings.push('unknown_field');
      const purposes = knownPurposes?.ids;
      if (purposes !== undefined && hasUnknownPurpose(event, purposes)) into.warnings.push('unknown_purpose');
      if (strict && into.warnings.length > 0) {
        into.rejection = { reason: 'schema_violation', errors: strictFindings(event, purposes) };
        into.warnings.length = 0;
        return;
      }
      into.subjectA = organizationUser(event.user);
      into.subjectB = didomiUser(event.user);
      if (event.created_at !== undefined) into.date = instantOf(event.created_at);
      if (event.id !== undefined) {
        into.id = event.id;
      } else {
        const given = giveId(bytes, start, end);
        into.id = given.id;
        into.splice = given.splice;
      }
    },
  };
}

/** Has the event a field that Didomi does not name, in one of the objects whose fields it does? */
function hasUnknownField(event: DidomiEvent): boolean {
  if (hasOther(event, KNOWN_IN_EVENT)) return true;
  if (hasOther(event.user, KNOWN_IN_USER)) return true;
  if (hasOther(event.consents, KNOWN_IN_CONSENTS)) return true;
  const { purposes } = event.consents;
  if (purposes !== undefined) {
    for (let i = 0; i < purposes.length; i++) if (hasOther(purposes[i]!, KNOWN_IN_PURPOSE)) return true;
  }
  return false;
}

function hasOther(object: object, known: ReadonlySet<string>): boolean {
  for (const key in object) if (!known.has(key)) return true;
  return false;
}

function hasUnknownPurpose({ consents: { purposes } }: DidomiEvent, known: ReadonlySet<string>): boolean {
  if (purposes === undefined) return false;
  for (let i = 0; i < purposes.length; i++) if (!known.has(purposes[i]!.id)) return true;
  return false;
}

/** What the warnings are about, for `--strict`. */
function strictFindings(event: DidomiEvent, known: ReadonlySet<string> | undefined): Finding[] {
  const findings: Finding[] = [];
  if (event.created_at === undefined) {
    findings.push({ path: '', message: "must have required property 'created_at' (--strict)" });
  }
  for (const [i, { id }] of (event.consents.purposes ?? []).entries()) {
    if (known === undefined || known.has(id) || findings.length === MAX_FINDINGS) continue;
    findings.push({ path: `/consents/purposes/${i}/id`, message: 'unknown purpose (--strict)' });
  }
  const purposes = (event.consents.purposes ?? []).map(
    (purpose, i) => [`/consents/purposes/${i}`, purpose, KNOWN_IN_PURPOSE] as const,
  );
  for (const [path, object, known] of [
    ['', event, KNOWN_IN_EVENT] as const,
    ['/user', event.user, KNOWN_IN_USER] as const,
    ['/consents', event.consents, KNOWN_IN_CONSENTS] as const,
    ...purposes,
  ]) {
    for (const key of Object.keys(object)) {
      if (known.has(key)) continue;
      if (findings.length === MAX_FINDINGS) return findings;
      findings.push({ path: `${path}/${pointerToken(key)}`, message: 'unknown field (--strict)' });
    }
  }
  return findings;
}

function pointerToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
