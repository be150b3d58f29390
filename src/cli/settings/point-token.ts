import { readFileSync, statSync } from 'node:fs';
import { platform } from 'node:os';
import type { Message } from '../output/messages/message.js';
import {
  credentialsReadable,
  credentialsUnreadable,
  pointTokenMalformed,
} from '../output/messages/settings-messages.js';

export interface FoundPointToken {
  /** OneTrust's token of the collection point; undefined: each record brings its own. */
  readonly token: string | undefined;
  readonly problems: readonly Message[];
  readonly warnings: readonly Message[];
}

/** Reads the collection point's token from the file if one is named, else from ONETRUST_COLLECTION_POINT_TOKEN. */
export function findPointToken(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): FoundPointToken {
  if (file === undefined) {
    const token = (env['ONETRUST_COLLECTION_POINT_TOKEN'] ?? '').trim();
    return { token: token === '' ? undefined : token, problems: [], warnings: [] };
  }
  try {
    const token = tokenIn(readFileSync(file, 'utf8'));
    if (token === undefined) return { token, problems: [pointTokenMalformed(file)], warnings: [] };
    const { mode } = statSync(file);
    // Windows has no such bits: its modes say nothing about other users.
    const exposed = platform() !== 'win32' && (mode & 0o044) !== 0;
    return { token, problems: [], warnings: exposed ? [credentialsReadable(file, mode)] : [] };
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return { token: undefined, problems: [credentialsUnreadable(file, cause)], warnings: [] };
  }
}

function tokenIn(text: string): string | undefined {
  try {
    const { collectionPointToken: token } = JSON.parse(text.replace(/^\uFEFF/, '')) as Record<string, unknown>;
    return typeof token === 'string' && token.trim() !== '' ? token.trim() : undefined;
  } catch {
    // Not JSON, or null: what the parser says may quote the secret.
    return undefined;
  }
}
