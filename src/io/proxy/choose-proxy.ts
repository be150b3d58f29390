import { BlockList, isIP } from 'node:net';

/** A server that makes connections on our behalf, as HTTPS_PROXY names it. */
export interface ProxyServer {
  readonly url: URL;
  /** The variable that names it. */
  readonly variable: string;
}

/** The variable's value names no proxy that can be used. */
export class ProxyVariableError extends Error {
  override readonly name = 'ProxyVariableError';
  readonly variable: string;
  constructor(variable: string) {
    super(`${variable} names no HTTP proxy`);
    this.variable = variable;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for an address, as curl and most others choose it: `https_proxy`, else `HTTPS_PROXY`, unless `no_proxy`, else
 * `NO_PROXY`, names the host. What is on this machine never goes through a proxy, and neither does plain http, which is
 * for this machine only.
 * @throws {ProxyVariableError}
 */
export function chooseProxy(address: URL, env: Environment): ProxyServer | undefined {
  if (address.protocol !== 'https:' || isThisMachine(address.hostname)) return undefined;
  const variable = firstSet(['https_proxy', 'HTTPS_PROXY'], env);
  if (variable === undefined) return undefined;
  const without = env[firstSet(['no_proxy', 'NO_PROXY'], env) ?? ''] ?? '';
  if (isExcepted(address, without)) return undefined;
  return { url: readProxy(env[variable]!, variable), variable };
}

/** A proxy as it may be shown: without user and password. */
export function shownProxy({ url }: ProxyServer): string {
  return `${url.protocol}//${url.host}`;
}

function firstSet(names: readonly string[], env: Environment): string | undefined {
  return names.find((name) => (env[name] ?? '').trim() !== '');
}

function readProxy(value: string, variable: string): URL {
  const text = value.trim();
  // `proxy.example.com:3128` is a usual way to write it.
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  try {
    const url = new URL(address);
    if (['http:', 'https:'].includes(url.protocol) && url.hostname !== '') return url;
  } catch {
    // Told below, without its text: it may hold a password.
  }
  throw new ProxyVariableError(variable);
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** Entries: `*`, a host, a domain and all below it (also written `.domain` or `*.domain`), an address, a network; each with a port or not. */
function isExcepted(address: URL, list: string): boolean {
  const host = address.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const port = address.port === '' ? '443' : address.port;
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === '*') return true;
      if (isIP(entry) !== 0) return entry === host;
      if (entry.includes('/')) return isInNetwork(host, entry);
      const [, name = '', onPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
      const domain = name.replace(/^\*?\./, '');
      if (domain === '' || (onPort !== undefined && onPort !== port)) return false;
      return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));
    });
}

function isInNetwork(host: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  const networks = new BlockList();
  networks.addSubnet(network, Number(bits), kind);
  return networks.check(host, kind);
}
