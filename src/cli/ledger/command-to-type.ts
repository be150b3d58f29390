import { commandLine } from '../output/command-line.js';
import type { SettingKey, Settings, Source } from '../settings/settings.js';
import { givenFlags } from '../settings/shown-settings.js';

/** What says which ledger is meant. */
const WHOSE: readonly SettingKey[] = ['target', 'organizationId', 'apiUrl', 'sandbox', 'ledger', 'config'];
/** Whose it is at OneTrust is told by the token. */
const WHOSE_ONETRUST: readonly SettingKey[] = [...WHOSE, 'credentialsFile', 'idPointer'];

/** A `ledger` command about the same ledger, to be typed into a shell. */
export function ledgerCommand(
  program: string,
  verb: readonly string[],
  settings: Settings,
  sources: Readonly<Record<SettingKey, Source>>,
): string {
  const whose = settings.target === 'onetrust' ? WHOSE_ONETRUST : WHOSE;
  const others = (Object.keys(settings) as SettingKey[]).filter((key) => !whose.includes(key));
  return commandLine(program, ['ledger', ...verb, ...givenFlags(settings, sources, others)]);
}
