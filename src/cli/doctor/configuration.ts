import { counted } from '../output/figures.js';
import type { Message } from '../output/messages/message.js';
import type { PreparedImport } from '../settings/prepared.js';
import type { SettingRow } from '../settings/shown-settings.js';
import type { Finding } from './finding.js';

/** What is set, and what is wrong with it: each problem of the settings is one. */
export function settingsFindings(
  rows: readonly SettingRow[],
  problems: readonly Message[],
  warnings: readonly Message[],
): readonly Finding[] {
  const wrong = problems.map(
    ({ text }): Finding => ({ check: 'settings', verdict: 'problem', found: text, reason: 'usage' }),
  );
  const odd = warnings.map(({ text }): Finding => ({ check: 'settings', verdict: 'warning', found: text }));
  if (wrong.length > 0) return [...wrong, ...odd];
  const set = rows.filter(({ source }) => source !== 'default').length;
  return [
    { check: 'settings', verdict: 'ok', found: `${counted(set, 'option')} set; the others have their defaults` },
    ...odd,
  ];
}

/** Where the credentials came from, never what they are. */
export function credentialsFinding({ destination, settings }: PreparedImport): Finding {
  if (destination.kind === 'sandbox') {
    return { check: 'credentials', verdict: 'skipped', found: 'a sandbox needs none' };
  }
  const { credentialsFile } = settings;
  const variables =
    destination.target === 'didomi' ? 'DIDOMI_API_KEY and DIDOMI_API_SECRET' : 'ONETRUST_COLLECTION_POINT_TOKEN';
  const has = destination.target === 'didomi' || destination.token !== undefined;
  if (!has) return { check: 'credentials', verdict: 'warning', found: `none: ${variables} is not set` };
  return { check: 'credentials', verdict: 'ok', found: `from ${credentialsFile ?? variables}` };
}
