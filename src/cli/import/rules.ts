import { readFileSync } from 'node:fs';
import type { RecordRules } from '../../core/target.js';
import type { KnownPurposes } from '../../targets/didomi/known-purposes.js';
import { createDidomiRules } from '../../targets/didomi/rules.js';
import { UserSchemaError } from '../../targets/json-schema.js';
import type { Authorizations } from '../../targets/onetrust/authorizations.js';
import { createOneTrustRules } from '../../targets/onetrust/rules.js';
import { decodeSubjectList, excluding, type SubjectList } from '../../targets/subjects.js';
import { badSubjectList } from '../output/messages/audit-messages.js';
import { badUserSchema } from '../output/messages/run-messages.js';
import { badIdPointer } from '../output/messages/settings-messages.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';

/** What the rules of each target depend on besides the settings. */
export type RulesFor =
  /** Where no organization was named, events may name any. */
  | {
      readonly target: 'didomi';
      readonly organization: string | undefined;
      readonly knownPurposes?: KnownPurposes;
    }
  | {
      readonly target: 'onetrust';
      readonly token: string | undefined;
      /** Without a token, records need not bring one. */
      readonly tokenMayLack: boolean;
      readonly authorizations: Authorizations | undefined;
      /** They are only looked up: nothing is asked but what makes their ids. */
      readonly wereSent?: boolean;
    };

/** What files say of the rules: plain data. */
export interface RuleFiles {
  /** Of `--schema`. */
  readonly userSchema?: unknown;
  /** Of `--exclude-subjects`. */
  readonly excluded?: SubjectList;
}

/** Reads them once, for they may be pipes. @throws {UsageError} */
export function readRuleFiles({ schema, excludeSubjects }: Settings): RuleFiles {
  return {
    ...(schema === undefined ? {} : { userSchema: readSchema(schema) }),
    ...(excludeSubjects === undefined ? {} : { excluded: subjectsIn(excludeSubjects) }),
  };
}

/**
 * The rules that records are held against.
 * @throws {UsageError} when the user's schema, the pointer of ids, or the list of excluded people can't be used
 */
export function createRules(what: RulesFor, settings: Settings, files = readRuleFiles(settings)): RecordRules {
  const rules = targetRules(what, settings, files);
  return files.excluded === undefined ? rules : excluding(rules, what.target, files.excluded);
}

function targetRules(what: RulesFor, settings: Settings, { userSchema }: RuleFiles): RecordRules {
  const { schema: path, strict, idPointer, stamp, allowTest } = settings;
  const common = { strict, ...(path === undefined ? {} : { userSchema }) };
  try {
    if (what.target === 'didomi') {
      const { organization, knownPurposes } = what;
      const known = knownPurposes === undefined ? {} : { knownPurposes };
      return createDidomiRules({ organizationId: organization, ...known, ...common });
    }
    const { token, tokenMayLack, authorizations, wereSent = false } = what;
    const authorized = authorizations === undefined ? undefined : new Set(authorizations.keys());
    return createOneTrustRules({ token, tokenMayLack, allowTest, idPointer, stamp, authorized, wereSent, ...common });
  } catch (error) {
    if (error instanceof UserSchemaError) throw new UsageError([badUserSchema(path ?? '', error.message)]);
    if (error instanceof RangeError) throw new UsageError([badIdPointer(idPointer ?? '')]);
    throw error;
  }
}

function subjectsIn(path: string): SubjectList {
  try {
    return decodeSubjectList(readFileSync(path));
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError([badSubjectList(path, error.message)]);
    throw new UsageError([badSubjectList(path, (error as NodeJS.ErrnoException).code ?? 'no code')]);
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
