import { readFileSync, statSync } from 'node:fs';
import { platform } from 'node:os';
import type { Message } from '../output/messages/message.js';
import {
  credentialsMalformed,
  credentialsMissing,
  credentialsReadable,
  credentialsUnreadable,
} from '../output/messages/settings-messages.js';

/** What Didomi hands out a session for. Kept apart from the settings, so that no dump of settings can hold it. */
export interface Credentials {
  readonly key: string;
  readonly secret: string;
}

export interface FoundCredentials {
  readonly credentials: Credentials | undefined;
  readonly problems: readonly Message[];
  readonly warnings: readonly Message[];
}

/** Reads the credentials from the file if one is named, else from DIDOMI_API_KEY and DIDOMI_API_SECRET. */
export function findCredentials(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): FoundCredentials {
  return file === undefined ? fromEnvironment(env) : fromFile(file);
}

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): FoundCredentials {
  const key = env['DIDOMI_API_KEY'] ?? '';
  const secret = env['DIDOMI_API_SECRET'] ?? '';
  const missing = [key === '' ? 'DIDOMI_API_KEY' : '', secret === '' ? 'DIDOMI_API_SECRET' : ''].filter(
    (n) => n !== '',
  );
  return missing.length === 0
    ? { credentials: { key, secret }, problems: [], warnings: [] }
    : { credentials: undefined, problems: [credentialsMissing(missing)], warnings: [] };
}

function fromFile(file: string): FoundCredentials {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(file, 'utf8');
    mode = statSync(file).mode;
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return { credentials: undefined, problems: [credentialsUnreadable(file, cause)], warnings: [] };
  }
  const credentials = parse(text);
  if (credentials === undefined) {
    return { credentials, problems: [credentialsMalformed(file)], warnings: [] };
  }
  // Windows has no such bits: its modes say nothing about other users.
  const exposed = platform() !== 'win32' && (mode & 0o044) !== 0;
  return { credentials, problems: [], warnings: exposed ? [credentialsReadable(file, mode)] : [] };
}

function parse(text: string): Credentials | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    const { key, secret } = value as Partial<Record<keyof Credentials, unknown>>;
    return typeof key === 'string' && key !== '' && typeof secret === 'string' && secret !== ''
      ? { key, secret }
      : undefined;
  } catch {
    // Not JSON, or null: what the parser says may quote the secret.
    return undefined;
  }
}
