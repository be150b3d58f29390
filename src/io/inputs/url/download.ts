import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { rootCertificates } from 'node:tls';
import { type InputDamage, InputError } from '../../../core/input.js';
import type { ProxyServer } from '../../proxy/choose-proxy.js';
import { TunnelError, throughProxy } from '../../proxy/tunnel.js';
import { isAllowed } from './address.js';
import * as damage from './url-damage.js';

export interface DownloadSettings {
  /** Longest silence: until the answer begins, and between two of its bytes (ms). */
  readonly timeoutMs: number;
  /** Certificates to trust besides the system's, as PEM. */
  readonly ca?: string | undefined;
  /** What a connection to an address is made through, if not directly. */
  readonly proxyFor?: (url: URL) => ProxyServer | undefined;
  readonly userAgent: string;
}

const MOST_REDIRECTS = 5;
/** How often a download that broke off is taken up again, counted anew whenever something came. */
const MOST_RESUMES = 5;

/** One document on its way. */
export interface Download {
  /** In bytes, when the server says so. */
  readonly size: number | undefined;
  /** The bytes in order. Where the connection breaks, the rest is asked for (Range, RFC 9110 section 14). */
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
}

/**
 * Asks for a document, and resolves when its first bytes are about to come. Follows redirects to https only.
 * Aborting the signal rejects with its reason, here and in `chunks`. @throws {InputError}
 */
export async function download(
  address: string,
  shown: string,
  settings: DownloadSettings,
  signal: AbortSignal,
): Promise<Download> {
  const { response, url } = await follow(new URL(address), shown, settings, {}, signal);
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    response.destroy();
    throw new InputError(damage.refused(shown, status));
  }
  const size = lengthOf(response);
  return { size, chunks: chunksOf(response, url, size, shown, settings, signal) };
}

async function* chunksOf(
  first: IncomingMessage,
  url: URL,
  size: number | undefined,
  shown: string,
  settings: DownloadSettings,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const validator = first.headers.etag?.startsWith('W/') ? undefined : first.headers.etag;
  let response = first;
  let received = 0;
  let resumes = 0;
  for (;;) {
    let broke: unknown;
    try {
      for await (const chunk of response) {
        received += (chunk as Uint8Array).length;
        resumes = 0;
        yield chunk as Uint8Array;
      }
      if (response.complete && (size === undefined || received === size)) return;
    } catch (error) {
      broke = error;
    } finally {
      response.destroy();
    }
    signal.throwIfAborted();
    resumes += 1;
    const canResume = validator !== undefined && resumes <= MOST_RESUMES;
    const rest = canResume ? await restFrom(url, received, validator, shown, settings, signal) : undefined;
    if (rest === undefined) throw new InputError(damage.brokenOff(shown, received, size), { cause: broke });
    response = rest;
  }
}

/** The document from `received` on, if it is the same still. */
async function restFrom(
  url: URL,
  received: number,
  validator: string,
  shown: string,
  settings: DownloadSettings,
  signal: AbortSignal,
): Promise<IncomingMessage | undefined> {
  const headers = { range: `bytes=${received}-`, 'if-range': validator };
  const { response } = await follow(url, shown, settings, headers, signal).catch((error: unknown) => {
    if (error instanceof InputError) return { response: undefined };
    throw error;
  });
  const range = response?.headers['content-range'] ?? '';
  if (response?.statusCode === 206 && range.startsWith(`bytes ${received}-`)) return response;
  response?.destroy();
  return undefined;
}

async function follow(
  start: URL,
  shown: string,
  settings: DownloadSettings,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ response: IncomingMessage; url: URL }> {
  let url = start;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    if (!isAllowed(url)) throw new InputError(damage.notHttps(shown));
    const response = await ask(url, shown, settings, headers, signal);
    const { location } = response.headers;
    const isRedirect = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0) && location !== undefined;
    if (!isRedirect) return { response, url };
    response.destroy();
    url = new URL(location, url);
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
    sent.setTimeout(timeoutMs, () => sent.destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })));
    sent.once('response', resolve);
    sent.on('error', (error: NodeJS.ErrnoException) => {
      reject(signal.aborted ? signal.reason : new InputError(unreachable(shown, error), { cause: error }));
    });
    sent.end();
  });
}

function unreachable(shown: string, error: NodeJS.ErrnoException): InputDamage {
  return damage.unreachable(shown, error instanceof TunnelError ? error.message : error.code);
}

function lengthOf({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  return length === undefined || !/^\d+$/.test(length) ? undefined : Number(length);
}
