import { createHash } from 'node:crypto';

/** Where events go, as far as a ledger is concerned: what was delivered to one destination says nothing of another. */
export interface Destination {
  readonly target: string;
  /** Base URL. For the embedded sandbox it does not count: its port is another one each time. */
  readonly address: string;
  /** The embedded sandbox: kept apart from everything real. */
  readonly sandbox?: boolean;
  /** Didomi. */
  readonly organization?: string;
  /** OneTrust: from the collection point's token; never its version. */
  readonly tenantId?: string;
  readonly processId?: string;
}

/** The parts that make two destinations the same, in a fixed order: what is hashed, stored, and compared. */
export type DestinationParts = readonly string[];

/**
 * Target, host and path of the address (the port too, but not on a loopback, where a stand-in gets another each time),
 * and organization, or tenant and process. User, password, query and fragment never count.
 */
export function destinationParts(destination: Destination): DestinationParts {
  const owner =
    destination.organization !== undefined
      ? ['organization', destination.organization]
      : ['tenant', destination.tenantId ?? '', 'process', destination.processId ?? ''];
  const place = destination.sandbox === true ? ['sandbox'] : ['address', placeOf(destination.address)];
  return [destination.target, ...place, ...owner];
}

/** A folder name that a person can read and that differs for every destination. */
export function destinationFolder(destination: Destination): string {
  const parts = destinationParts(destination);
  const owner = destination.organization ?? destination.processId ?? destination.tenantId ?? '';
  const place = destination.sandbox === true ? 'sandbox' : new URL(destination.address).hostname;
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
  return [
    destination.sandbox === true ? 'sandbox' : '',
    destination.target,
    destination.sandbox === true ? '' : place,
    owner,
    hash,
  ]
    .map(readable)
    .filter((part) => part !== '')
    .join('_');
}

/** One line for messages. */
export function describeDestination(parts: DestinationParts): string {
  return parts.join(' ');
}

function placeOf(address: string): string {
  const url = new URL(address);
  const port = isLoopback(url.hostname) ? '' : `:${url.port === '' ? DEFAULT_PORTS[url.protocol] : url.port}`;
  return `${url.hostname}${port}${url.pathname.replace(/\/+$/, '')}`;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || /^127(\.\d+){3}$/.test(host) || host === '[::1]';
}

/** Safe on every file system: no case to fold, no dot in front, no reserved letters, not too long. */
function readable(part: string): string {
  return part
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 40);
}
