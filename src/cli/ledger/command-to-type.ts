import { commandLine } from '../output/command-line.js';
import type { SettingKey, Settings, Source } from '../settings/settings.js';
import { givenFlags } from '../settings/shown-settings.js';

/** What says which ledger is meant. */
const WHOSE: readonly SettingKey[] = ['target', 'organizationId', 'apiUrl', 'sandbox', 'ledger', 'config'];

/** A `ledger` command about the same ledger, to be typed into a shell. */
export function ledgerCommand(
  program: string,
  verb: readonly string[],
  settings: Settings,
  sources: Readonly<Record<SettingKey, Source>>,
): string {
  const others = (Object.keys(settings) as SettingKey[]).filter((key) => !WHOSE.includes(key));
  return commandLine(program, ['ledger', ...verb, ...givenFlags(settings, sources, others)]);
}
