import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Settings } from '../settings/settings.js';

/**
 * Stands for the settings that change what of a file is sent, or how: a file that was completed with others is read
 * again. The destination is not in it, for each has a ledger of its own; nor are excluded people: with them less is sent,
 * and a file of which all was delivered stays complete whoever is added to the list.
 * @param idRule names the rule that makes event ids
 */
export function settingsFingerprint(idRule: string, settings: Settings): string {
  const { stamp, allowTest, disableIntegrations, strict, onConflict, maxLineBytes, unwrap, eventsPointer, schema } =
    settings;
  const schemaText = schema === undefined ? null : readFileSync(schema, 'utf8');
  const parts = [
    idRule,
    disableIntegrations,
    strict,
    onConflict,
    maxLineBytes,
    unwrap,
    eventsPointer ?? null,
    schemaText,
    // Where they mean nothing, the fingerprint is the same as before there were such options.
    ...(stamp === undefined && !allowTest ? [] : [stamp ?? null, allowTest]),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
