import type { TargetName } from '../../core/target.js';
import { demoToken } from '../../sandbox/onetrust/demo-token.js';
import type { Message } from '../output/messages/message.js';
import { missingOption, noLedgerFolder, sandboxWithAddress } from '../output/messages/settings-messages.js';
import { isLoopback } from './api-url.js';
import { findCredentials } from './credentials.js';
import { defaultLedgerFolder } from './folders.js';
import { oneTrustOwner, pointToken } from './one-trust-owner.js';
import type { DestinationSettings, Owner, Place } from './place.js';
import type { Resolved, Surroundings } from './resolve.js';
import type { SettingKey, Settings, Source } from './settings.js';

/** The addresses that platforms publish. */
export const PUBLISHED_ADDRESSES = {
  didomi: 'https://api.didomi.io/v1',
  onetrust: 'https://privacyportal.onetrust.com/request/v1',
} as const satisfies Record<TargetName, string>;

/** The organization of events in an embedded sandbox when none is named. */
export const SANDBOX_ORGANIZATION = 'demo-organization';

/** Everything that `import` needs, complete and checked; nothing has been read but settings. */
export interface PreparedImport {
  readonly command: 'import';
  readonly inputs: readonly string[];
  readonly destination: DestinationSettings;
  /** The folder that holds a folder per destination. */
  readonly ledger: string;
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingKey, Source>>;
}

/** Everything that `validate` needs. */
export interface PreparedValidate {
  readonly command: 'validate';
  readonly inputs: readonly string[];
  readonly target: TargetName;
  /** Where none is named, events may name any. */
  readonly organization: string | undefined;
  /** OneTrust: the collection point's token. Where there is none, records need not bring one. */
  readonly token: string | undefined;
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingKey, Source>>;
}

/** Everything that the verbs of `ledger` need. */
export interface PreparedLedger {
  readonly place: Place;
  /** The folder that holds a folder per destination. */
  readonly ledger: string;
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingKey, Source>>;
}

export interface Preparation<Prepared> {
  /** Undefined when there are problems. */
  readonly prepared: Prepared | undefined;
  readonly problems: readonly Message[];
  readonly warnings: readonly Message[];
}

export function prepareImport(
  inputs: readonly string[],
  resolved: Resolved,
  around: Surroundings,
): Preparation<PreparedImport> {
  const problems = [...resolved.problems];
  const warnings = [...resolved.warnings];
  const { settings, sources } = resolved;
  const ledger = ledgerFolder(resolved, around, problems);
  const destination = settings.sandbox
    ? sandboxPlace(resolved, around, problems, warnings)
    : address(resolved, around, problems, warnings);
  if (problems.length > 0 || destination === undefined || ledger === undefined) {
    return { prepared: undefined, problems, warnings };
  }
  return { prepared: { command: 'import', inputs, destination, ledger, settings, sources }, problems, warnings };
}

export function prepareValidate(
  inputs: readonly string[],
  resolved: Resolved,
  around: Surroundings,
): Preparation<PreparedValidate> {
  const { settings, sources } = resolved;
  const warnings = [...resolved.warnings];
  const problems = [...resolved.problems];
  const target = requireTarget(resolved, problems);
  const token = target === 'onetrust' ? pointToken(resolved, around, problems, warnings) : undefined;
  if (problems.length > 0 || target === undefined) {
    return { prepared: undefined, problems, warnings };
  }
  const organization = settings.organizationId;
  return {
    prepared: { command: 'validate', inputs, target, organization, token, settings, sources },
    problems,
    warnings,
  };
}

export function prepareLedger(resolved: Resolved, around: Surroundings): Preparation<PreparedLedger> {
  const { settings, sources } = resolved;
  const warnings = [...resolved.warnings];
  const problems = [...resolved.problems];
  const ledger = ledgerFolder(resolved, around, problems);
  const place = settings.sandbox
    ? sandboxPlace(resolved, around, problems, warnings)
    : addressPlace(resolved, around, problems, warnings);
  if (problems.length > 0 || place === undefined || ledger === undefined) {
    return { prepared: undefined, problems, warnings };
  }
  return { prepared: { place, ledger, settings, sources }, problems, warnings };
}

/** The same where no destination needs to be named: then all ledgers are meant. One that is named in part is a mistake. */
export function prepareLedgers(
  resolved: Resolved,
  around: Surroundings,
): Preparation<Omit<PreparedLedger, 'place'> & { readonly place: Place | undefined }> {
  const { settings, sources, warnings } = resolved;
  const named = (['target', 'organizationId', 'apiUrl'] as const).some((key) => sources[key].from === 'flag');
  const whole =
    settings.sandbox ||
    settings.target === 'onetrust' ||
    (settings.target !== undefined && settings.organizationId !== undefined);
  if (named || whole) return prepareLedger(resolved, around);
  const problems = [...resolved.problems];
  const ledger = ledgerFolder(resolved, around, problems);
  if (problems.length > 0 || ledger === undefined) return { prepared: undefined, problems, warnings };
  return { prepared: { place: undefined, ledger, settings, sources }, problems, warnings };
}

function ledgerFolder({ settings }: Resolved, around: Surroundings, problems: Message[]): string | undefined {
  const ledger = settings.ledger ?? defaultLedgerFolder(around.env);
  if (ledger === undefined) problems.push(noLedgerFolder());
  return ledger;
}

function sandboxPlace(
  resolved: Resolved,
  around: Surroundings,
  problems: Message[],
  warnings: Message[],
): Owner & { readonly kind: 'sandbox' } {
  const { settings, sources } = resolved;
  // An address in a config file is what `--sandbox` is meant to be tried instead of; two flags contradict each other.
  if (sources.apiUrl.from === 'flag' && sources.sandbox.from === 'flag') {
    problems.push(sandboxWithAddress(sources.apiUrl.name));
  }
  if (settings.target === 'onetrust') {
    const token = pointToken(resolved, around, problems, warnings) ?? demoToken();
    return { kind: 'sandbox', ...oneTrustOwner(token) };
  }
  return { kind: 'sandbox', target: 'didomi', organization: settings.organizationId ?? SANDBOX_ORGANIZATION };
}

function address(
  resolved: Resolved,
  around: Surroundings,
  problems: Message[],
  warnings: Message[],
): DestinationSettings | undefined {
  const place = addressPlace(resolved, around, problems, warnings);
  if (place !== undefined && place.target !== 'didomi') {
    return { ...place, loopback: isLoopback(new URL(place.apiUrl).hostname), credentials: undefined };
  }
  const found = findCredentials(resolved.settings.credentialsFile, around.env);
  problems.push(...found.problems);
  warnings.push(...found.warnings);
  if (place === undefined || found.credentials === undefined) {
    return undefined;
  }
  return { ...place, loopback: isLoopback(new URL(place.apiUrl).hostname), credentials: found.credentials };
}

function addressPlace(
  resolved: Resolved,
  around: Surroundings,
  problems: Message[],
  warnings: Message[],
): (Owner & { readonly kind: 'address'; readonly apiUrl: string }) | undefined {
  const target = requireTarget(resolved, problems);
  const { settings, failed } = resolved;
  const apiUrl = settings.apiUrl ?? PUBLISHED_ADDRESSES[target ?? 'didomi'];
  if (target === 'onetrust') {
    return { kind: 'address', ...oneTrustOwner(pointToken(resolved, around, problems, warnings)), apiUrl };
  }
  const organization = settings.organizationId;
  if (organization === undefined && !failed.has('organizationId')) {
    const what = 'Didomi needs to know which organization the events belong to';
    problems.push(missingOption('--organization-id', 'CONSENT_IMPORT_ORGANIZATION_ID', 'organizationId', what));
  }
  if (target === undefined || organization === undefined) {
    return undefined;
  }
  return { kind: 'address', target, organization, apiUrl };
}

function requireTarget({ settings, failed }: Resolved, problems: Message[]): TargetName | undefined {
  if (settings.target === undefined && !failed.has('target')) {
    const what = 'which platform the events are for (didomi or onetrust)';
    problems.push(missingOption('--target', 'CONSENT_IMPORT_TARGET', 'target', what));
  }
  return settings.target;
}
