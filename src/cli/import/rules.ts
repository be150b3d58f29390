import { readFileSync } from 'node:fs';
import type { RecordRules } from '../../core/target.js';
import { createDidomiRules } from '../../targets/didomi/rules.js';
import { UserSchemaError } from '../../targets/json-schema.js';
import { badUserSchema } from '../output/messages/run-messages.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';

/**
 * The rules that records are held against.
 * @param organization undefined where none was named: then events may name any
 * @throws {UsageError} when the user's schema can't be used
 */
export function createRules(organization: string | undefined, settings: Settings): RecordRules {
  const path = settings.schema;
  const options = { organizationId: organization, strict: settings.strict };
  if (path === undefined) return createDidomiRules(options);
  try {
    return createDidomiRules({ ...options, userSchema: readSchema(path) });
  } catch (error) {
    if (error instanceof UserSchemaError) throw new UsageError([badUserSchema(path, error.message)]);
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
