import type { TargetName } from '../../core/target.js';
import type { Message } from '../output/messages/message.js';
import { missingOption, noLedgerFolder, sandboxWithAddress } from '../output/messages/settings-messages.js';
import { isLoopback } from './api-url.js';
import { type Credentials, findCredentials } from './credentials.js';
import { defaultLedgerFolder } from './folders.js';
import type { Resolved, Surroundings } from './resolve.js';
import type { SettingKey, Settings, Source } from './settings.js';

/** The addresses that platforms publish. */
export const PUBLISHED_ADDRESSES = {
  didomi: 'https://api.didomi.io/v1',
  onetrust: 'https://privacyportal.onetrust.com/request/v1',
} as const satisfies Record<TargetName, string>;

/** The organization of events in an embedded sandbox when none is named. */
export const SANDBOX_ORGANIZATION = 'demo-organization';

/** Where an import goes. */
export type DestinationSettings =
  | { readonly kind: 'sandbox'; readonly target: TargetName; readonly organization: string }
  | {
      readonly kind: 'address';
      readonly target: TargetName;
      readonly organization: string;
      readonly apiUrl: string;
      /** Nothing leaves this machine. */
      readonly loopback: boolean;
      readonly credentials: Credentials;
    };

/** Which destination is meant, as a ledger tells them apart: nothing is sent there, so no credentials are needed. */
export type Place =
  | { readonly kind: 'sandbox'; readonly target: TargetName; readonly organization: string }
  | { readonly kind: 'address'; readonly target: TargetName; readonly organization: string; readonly apiUrl: string };

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
    ? sandboxDestination(resolved, problems)
    : address(resolved, around, problems, warnings);
  if (problems.length > 0 || destination === undefined || ledger === undefined) {
    return { prepared: undefined, problems, warnings };
  }
  return { prepared: { command: 'import', inputs, destination, ledger, settings, sources }, problems, warnings };
}

export function prepareValidate(inputs: readonly string[], resolved: Resolved): Preparation<PreparedValidate> {
  const { settings, sources, warnings } = resolved;
  const problems = [...resolved.problems];
  const target = requireTarget(resolved, problems);
  if (problems.length > 0 || target === undefined) {
    return { prepared: undefined, problems, warnings };
  }
  const organization = settings.organizationId;
  return { prepared: { command: 'validate', inputs, target, organization, settings, sources }, problems, warnings };
}

export function prepareLedger(resolved: Resolved, around: Surroundings): Preparation<PreparedLedger> {
  const { settings, sources, warnings } = resolved;
  const problems = [...resolved.problems];
  const ledger = ledgerFolder(resolved, around, problems);
  const place = settings.sandbox ? sandboxDestination(resolved, problems) : addressPlace(resolved, problems);
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
  const whole = settings.sandbox || (settings.target !== undefined && settings.organizationId !== undefined);
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

function sandboxDestination(
  { settings, sources }: Resolved,
  problems: Message[],
): Extract<DestinationSettings, { kind: 'sandbox' }> {
  // An address in a config file is what `--sandbox` is meant to be tried instead of; two flags contradict each other.
  if (sources.apiUrl.from === 'flag' && sources.sandbox.from === 'flag') {
    problems.push(sandboxWithAddress(sources.apiUrl.name));
  }
  return {
    kind: 'sandbox',
    target: settings.target ?? 'didomi',
    organization: settings.organizationId ?? SANDBOX_ORGANIZATION,
  };
}

function address(
  resolved: Resolved,
  around: Surroundings,
  problems: Message[],
  warnings: Message[],
): DestinationSettings | undefined {
  const place = addressPlace(resolved, problems);
  const found = findCredentials(resolved.settings.credentialsFile, around.env);
  problems.push(...found.problems);
  warnings.push(...found.warnings);
  if (place === undefined || found.credentials === undefined) {
    return undefined;
  }
  return { ...place, loopback: isLoopback(new URL(place.apiUrl).hostname), credentials: found.credentials };
}

function addressPlace(resolved: Resolved, problems: Message[]): Extract<Place, { kind: 'address' }> | undefined {
  const target = requireTarget(resolved, problems);
  const { settings, failed } = resolved;
  const organization = settings.organizationId;
  if (organization === undefined && !failed.has('organizationId')) {
    const what = 'Didomi needs to know which organization the events belong to';
    problems.push(missingOption('--organization-id', 'CONSENT_IMPORT_ORGANIZATION_ID', 'organizationId', what));
  }
  if (target === undefined || organization === undefined) {
    return undefined;
  }
  return { kind: 'address', target, organization, apiUrl: settings.apiUrl ?? PUBLISHED_ADDRESSES[target] };
}

function requireTarget({ settings, failed }: Resolved, problems: Message[]): TargetName | undefined {
  if (settings.target === undefined && !failed.has('target')) {
    const what = 'which platform the events are for (didomi)';
    problems.push(missingOption('--target', 'CONSENT_IMPORT_TARGET', 'target', what));
  }
  return settings.target;
}
