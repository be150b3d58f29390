import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { rootCertificates } from 'node:tls';
import { InputError } from '../../../core/input.js';
import type { ProxyServer } from '../../proxy/choose-proxy.js';
import { TunnelError, throughProxy } from '../../proxy/tunnel.js';
import { unreachable } from '../remote/remote-damage.js';
import type { Download } from '../remote/remote-input.js';
import { type Body, type Patience, resumed } from '../remote/resumed.js';
import { mayLead } from './address.js';
import * as damage from './url-damage.js';

export interface DownloadSettings extends Patience {
  /** Certificates to trust besides the system's, as PEM. */
  readonly ca?: string | undefined;
  /** What a connection to an address is made through, if not directly. */
  readonly proxyFor?: (url: URL) => ProxyServer | undefined;
  readonly userAgent: string;
}

const MOST_REDIRECTS = 5;
/** A date tells two versions apart only when it is older than its clock is coarse (RFC 9110, section 8.8.2.2). */
const STRONG_DATE_MS = 60_000;

/**
 * Asks for a document, and resolves when its first bytes are about to come. Follows redirects to https only. Where the
 * connection breaks, the rest is asked for (Range, RFC 9110 section 14), if the server tells versions apart.
 * Aborting the signal rejects with its reason, here and in `chunks`. @throws {InputError}
 */
export async function download(
  address: string,
  shown: string,
  settings: DownloadSettings,
  signal: AbortSignal,
): Promise<Download> {
  const url = new URL(address);
  const response = await follow(url, shown, settings, {}, signal);
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    response.destroy();
    throw new InputError(damage.refused(shown, status));
  }
  const size = lengthOf(response);
  const validator = validatorOf(response);
  const begun = { size, bytes: response };
  if (validator === undefined) return { size, chunks: resumed(shown, begun, settings, signal) };
  const restFrom = (byte: number) => rest(url, byte, validator, shown, settings, signal);
  return { size, chunks: resumed(shown, { ...begun, restFrom }, settings, signal) };
}

/** The document from a byte on, if it is the same still. The address may lead elsewhere by now, so it is asked anew. */
async function rest(
  url: URL,
  byte: number,
  validator: string,
  shown: string,
  settings: DownloadSettings,
  signal: AbortSignal,
): Promise<Body | 'changed' | 'later'> {
  const headers = { range: `bytes=${byte}-`, 'if-range': validator };
  let response: IncomingMessage;
  try {
    response = await follow(url, shown, settings, headers, signal);
  } catch (error) {
    if (error instanceof InputError) return error.damage.code === 'not_importable' ? 'changed' : 'later';
    throw error;
  }
  const { statusCode: status = 0 } = response;
  if (status === 206 && response.headers['content-range']?.startsWith(`bytes ${byte}-`)) return response;
  response.destroy();
  return status === 408 || status === 429 || status >= 500 ? 'later' : 'changed';
}

/** What tells whether a document is the same still, byte for byte (RFC 9110, section 13.1.5). */
function validatorOf({ headers }: IncomingMessage): string | undefined {
  const { etag, 'last-modified': modified, date } = headers;
  if (etag !== undefined) return etag.startsWith('W/') ? undefined : etag;
  return Date.parse(date ?? '') - Date.parse(modified ?? '') >= STRONG_DATE_MS ? modified : undefined;
}

async function follow(
  start: URL,
  shown: string,
  settings: DownloadSettings,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  let url = start;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await ask(url, shown, settings, headers, signal);
    const { location } = response.headers;
    const isRedirect = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0) && location !== undefined;
    if (!isRedirect) return response;
    response.destroy();
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (next === undefined || !mayLead(url, next)) throw new InputError(damage.notHttps(shown));
    url = next;
  }
  throw new InputError(damage.tooManyRedirects(shown));
}

/** Rejects when no answer begins. */
function ask(
  url: URL,
  shown: string,
  { timeoutMs, ca, proxyFor, userAgent }: DownloadSettings,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const proxy = proxyFor?.(url);
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const sent = request(url, {
      headers: { 'user-agent': userAgent, 'accept-encoding': 'identity', ...headers },
      signal,
      ...(proxy === undefined
        ? { agent: false, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) }
        : { createConnection: throughProxy(proxy, url, { timeoutMs, ca }) }),
    });
    const timer = setTimeout(() => sent.destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })), timeoutMs);
    sent.once('response', resolve);
    sent.once('response', () => clearTimeout(timer));
    sent.once('close', () => clearTimeout(timer));
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const why = error instanceof TunnelError ? error.message : error.code;
      reject(signal.aborted ? signal.reason : new InputError(unreachable(shown, why), { cause: error }));
    });
    sent.end();
  });
}

function lengthOf({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  return length === undefined || !/^\d+$/.test(length) ? undefined : Number(length);
}
