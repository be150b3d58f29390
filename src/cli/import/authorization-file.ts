import { readFileSync } from 'node:fs';
import { type Authorizations, readAuthorizations } from '../../targets/onetrust/authorizations.js';
import { badAuthorizations } from '../output/messages/settings-messages.js';
import { UsageError } from '../usage-error.js';

/** At most so many problems of the file are told. */
const MOST_TOLD = 10;

/**
 * The signed tokens of `--authorization-file`.
 * @throws {UsageError} when the file can't be used
 */
export function authorizationsIn(file: string | undefined, nowMs: number): Authorizations | undefined {
  if (file === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError([
      badAuthorizations(file, code === undefined ? 'it is not valid JSON' : `can't read it (${code})`),
    ]);
  }
  const { authorizations, problems } = readAuthorizations(json, nowMs);
  if (problems.length > 0) {
    throw new UsageError(problems.slice(0, MOST_TOLD).map((what) => badAuthorizations(file, what)));
  }
  return authorizations;
}
