import { commandLine } from '../output/command-line.js';
import type { SettingKey, Settings, Source } from '../settings/settings.js';
import { givenFlags } from '../settings/shown-settings.js';

/** What says which ledger is meant. */
const WHOSE: readonly SettingKey[] = ['target', 'organizationId', 'apiUrl', 'sandbox', 'ledger', 'config'];
/** Whose it is at OneTrust is told by the token. */
const WHOSE_ONETRUST: readonly SettingKey[] = [...WHOSE, 'credentialsFile', 'idPointer'];

/** How its inputs are read and its target is asked: of `resolve` only. */
const OF_RESOLVE: readonly SettingKey[] = ['stamp', 'unwrap', 'eventsPointer', 'maxLineBytes', 'caFile', 'platformUrl'];

/** A `ledger` command about the same ledger, to be typed into a shell. */
export function ledgerCommand(
  program: string,
  verb: readonly string[],
  settings: Settings,
  sources: Readonly<Record<SettingKey, Source>>,
): string {
  const mine = settings.target === 'onetrust' ? WHOSE_ONETRUST : WHOSE;
  const whose = verb[0] === 'resolve' ? [...mine, ...OF_RESOLVE] : mine;
  const others = (Object.keys(settings) as SettingKey[]).filter((key) => !whose.includes(key));
  return commandLine(program, ['ledger', ...verb, ...givenFlags(settings, sources, others)]);
}
