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
  const ledger = settings.ledger ?? defaultLedgerFolder(around.env);
  if (ledger === undefined) {
    problems.push(noLedgerFolder());
  }
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

function sandboxDestination({ settings, sources }: Resolved, problems: Message[]): DestinationSettings {
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
  const target = requireTarget(resolved, problems);
  const { settings, failed } = resolved;
  const organization = settings.organizationId;
  if (organization === undefined && !failed.has('organizationId')) {
    const what = 'Didomi needs to know which organization the events belong to';
    problems.push(missingOption('--organization-id', 'CONSENT_IMPORT_ORGANIZATION_ID', 'organizationId', what));
  }
  const found = findCredentials(settings.credentialsFile, around.env);
  problems.push(...found.problems);
  warnings.push(...found.warnings);
  if (target === undefined || organization === undefined || found.credentials === undefined) {
    return undefined;
  }
  const apiUrl = settings.apiUrl ?? PUBLISHED_ADDRESSES[target];
  const loopback = isLoopback(new URL(apiUrl).hostname);
  return { kind: 'address', target, organization, apiUrl, loopback, credentials: found.credentials };
}

function requireTarget({ settings, failed }: Resolved, problems: Message[]): TargetName | undefined {
  if (settings.target === undefined && !failed.has('target')) {
    const what = 'which platform the events are for (didomi)';
    problems.push(missingOption('--target', 'CONSENT_IMPORT_TARGET', 'target', what));
  }
  return settings.target;
}
