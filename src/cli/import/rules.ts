import { readFileSync } from 'node:fs';
import type { RecordRules } from '../../core/target.js';
import { createDidomiRules } from '../../targets/didomi/rules.js';
import { UserSchemaError } from '../../targets/json-schema.js';
import type { Authorizations } from '../../targets/onetrust/authorizations.js';
import { createOneTrustRules } from '../../targets/onetrust/rules.js';
import { badUserSchema } from '../output/messages/run-messages.js';
import { badIdPointer } from '../output/messages/settings-messages.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';

/** What the rules of each target depend on besides the settings. */
export type RulesFor =
  /** Where no organization was named, events may name any. */
  | { readonly target: 'didomi'; readonly organization: string | undefined }
  | {
      readonly target: 'onetrust';
      readonly token: string | undefined;
      /** Without a token, records need not bring one. */
      readonly tokenMayLack: boolean;
      readonly authorizations: Authorizations | undefined;
    };

/** What `--schema` names, parsed; without `userSchema` where it names nothing. */
export type UserSchema = { readonly userSchema?: unknown };

/** Reads what `--schema` names: once, for it may be a pipe. @throws {UsageError} */
export function readUserSchema({ schema }: Settings): UserSchema {
  return schema === undefined ? {} : { userSchema: readSchema(schema) };
}

/**
 * The rules that records are held against.
 * @throws {UsageError} when the user's schema, or the pointer of ids, can't be used
 */
export function createRules(what: RulesFor, settings: Settings, userSchema: UserSchema): RecordRules {
  const { schema: path, strict, idPointer, stamp, allowTest } = settings;
  const common = { strict, ...userSchema };
  try {
    if (what.target === 'didomi') return createDidomiRules({ organizationId: what.organization, ...common });
    const { token, tokenMayLack, authorizations } = what;
    const authorized = authorizations === undefined ? undefined : new Set(authorizations.keys());
    return createOneTrustRules({ token, tokenMayLack, allowTest, idPointer, stamp, authorized, ...common });
  } catch (error) {
    if (error instanceof UserSchemaError) throw new UsageError([badUserSchema(path ?? '', error.message)]);
    if (error instanceof RangeError) throw new UsageError([badIdPointer(idPointer ?? '')]);
    throw error;
  }
}

function readSchema(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError([
      badUserSchema(path, code === undefined ? 'it is not valid JSON' : `can't read it (${code})`),
    ]);
  }
}
