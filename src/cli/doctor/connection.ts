import { type HttpResponse, type Transport, TransportError } from '../../core/ports.js';
import type { Authorization } from '../../core/target.js';
import { ConnectionError } from '../../io/connection-error.js';
import { shownProxy } from '../../io/proxy/choose-proxy.js';
import { lookAtTls } from '../../io/tls-look.js';
import { type FoundPurposes, readPurposes } from '../../targets/didomi/purposes.js';
import type { OpenDestination } from '../import/destination.js';
import { counted, duration, moment } from '../output/figures.js';
import type { Network } from '../settings/network.js';
import type { DestinationSettings } from '../settings/place.js';
import { collectionPointFindings } from './collection-point.js';
import type { Finding } from './finding.js';

const TLS_TIMEOUT_MS = 10_000;
const DAY_MS = 86_400_000;
const CERTIFICATE_DAYS = 14;
/** A Date header tells whole seconds, and travels. */
const CLOCK_OFF_MS = 30_000;

/** Which proxy is used, and what the server shows of itself. */
export async function networkFindings(apiUrl: string, network: Network, now: number): Promise<readonly Finding[]> {
  const address = new URL(apiUrl);
  const proxy = network.proxyFor(address);
  const through: Finding =
    proxy === undefined
      ? { check: 'proxy', verdict: 'ok', found: 'none: connections are made directly' }
      : { check: 'proxy', verdict: 'ok', found: `${shownProxy(proxy)}, from ${proxy.variable}` };
  if (address.protocol === 'http:') {
    return [through, { check: 'tls', verdict: 'skipped', found: 'plain http, on this machine only' }];
  }
  try {
    const { protocol, issuer, validTo } = await lookAtTls(address, {
      timeoutMs: TLS_TIMEOUT_MS,
      ca: network.ca,
      proxy,
    });
    const found = `${protocol}, certified by ${issuer}, until ${moment(validTo)}`;
    return validTo - now < CERTIFICATE_DAYS * DAY_MS
      ? [through, { check: 'tls', verdict: 'warning', found, advice: 'It ends soon: tell whoever runs the server.' }]
      : [through, { check: 'tls', verdict: 'ok', found }];
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const advice = 'Check --api-url, the network, HTTPS_PROXY and --ca-file.';
    return [through, { check: 'tls', verdict: 'problem', found: error.message, advice, reason: 'unavailable' }];
  }
}

/**
 * Asks the target for what can be asked without writing anything.
 * @param hasAuthorizations `--authorization-file` is given
 */
export async function targetFindings(
  settings: DestinationSettings,
  { target, transport, apiUrl }: OpenDestination,
  clock: { now(): number },
  hasAuthorizations: boolean,
): Promise<{ readonly findings: readonly Finding[]; readonly purposes: readonly string[] | undefined }> {
  const watched = new WatchedTransport(transport, clock);
  if (settings.target === 'onetrust') {
    const answered = await answer(watched, apiUrl);
    const session: Finding = {
      ...{ check: 'session', verdict: 'skipped' },
      found: 'OneTrust has none: only a receipt shows whether the token is taken',
    };
    const points = collectionPointFindings(settings.token, hasAuthorizations);
    return { findings: [session, answered, ...clockFindings(watched), ...points], purposes: undefined };
  }
  let authorization: Authorization;
  try {
    authorization = await target.authorizer.obtain(watched, clock.now());
  } catch (error) {
    return { findings: [unreachable(error)], purposes: undefined };
  }
  if (authorization.kind !== 'token') {
    return { findings: [refusedSession(authorization), ...clockFindings(watched)], purposes: undefined };
  }
  const session: Finding = { check: 'session', verdict: 'ok', found: 'opened with key and secret' };
  const address: Finding = { check: 'address', verdict: 'ok', found: apiUrl };
  const time = clockFindings(watched);
  const { token } = authorization;
  const found = await readPurposes((request) => watched.send(request), settings.organization, token, clock.now).catch(
    (error: unknown) => {
      if (!(error instanceof TransportError)) throw error;
      return { kind: 'unanswered', why: error.message } as const;
    },
  );
  const purposes = found.kind === 'found' ? [...found.ids].sort() : undefined;
  return { findings: [session, address, ...time, purposesFinding(found)], purposes };
}

/** Whatever becomes of the list, an import goes on. */
function purposesFinding(found: FoundPurposes | { readonly kind: 'unanswered'; readonly why: string }): Finding {
  if (found.kind === 'found') {
    const more = [...found.ids].sort();
    return { check: 'purposes', verdict: 'ok', found: counted(more.length, 'purpose'), more };
  }
  const goesOn = 'An import goes on, and checks no purposes.';
  if (found.kind === 'unanswered') return { check: 'purposes', verdict: 'warning', found: found.why, advice: goesOn };
  const what = found.kind === 'refused' ? `the list was refused (status ${found.status})` : 'the list is not readable';
  return {
    ...{ check: 'purposes', verdict: 'warning', found: what },
    advice: `Check --organization-id, and that the key has rights to it. ${goesOn}`,
  };
}

function refusedSession(authorization: Exclude<Authorization, { kind: 'token' }>): Finding {
  switch (authorization.kind) {
    case 'refused':
      return {
        ...{ check: 'session', verdict: 'problem', reason: 'auth' },
        found: `the target refused key and secret (status ${authorization.status})`,
        advice: 'Check DIDOMI_API_KEY and DIDOMI_API_SECRET, or the file of --credentials-file.',
      };
    case 'wrong':
      return {
        ...{ check: 'address', verdict: 'problem', reason: 'unavailable' },
        found: `it answers as no such API does (status ${authorization.status})`,
        advice: 'Check --api-url.',
      };
    case 'again':
      return {
        ...{ check: 'session', verdict: 'warning', found: 'the target has no session to give now' },
        advice: `An import would wait${authorization.waitMs === undefined ? '' : ` ${duration(authorization.waitMs)}`} and try again.`,
      };
  }
}

function unreachable(error: unknown): Finding {
  if (!(error instanceof TransportError)) throw error;
  const advice = 'Check --api-url and the network.';
  return { check: 'address', verdict: 'problem', found: error.message, advice, reason: 'unavailable' };
}

/** Any answer shows that something is there; which one it is says nothing, for nothing is sent. */
async function answer(transport: Transport, apiUrl: string): Promise<Finding> {
  try {
    await transport.send({ method: 'GET', path: '/', headers: {} });
    return { check: 'address', verdict: 'ok', found: `${apiUrl} answers` };
  } catch (error) {
    return unreachable(error);
  }
}

function clockFindings({ aheadMs }: WatchedTransport): readonly Finding[] {
  if (aheadMs === undefined) {
    return [{ check: 'clock', verdict: 'skipped', found: 'the target does not tell its time' }];
  }
  const off = Math.abs(aheadMs);
  const found = off < 1_000 ? 'as the target has it' : `${duration(off)} ${aheadMs > 0 ? 'ahead' : 'behind'}`;
  return off > CLOCK_OFF_MS
    ? [{ check: 'clock', verdict: 'warning', found, advice: 'Set the clock: sessions and certificates depend on it.' }]
    : [{ check: 'clock', verdict: 'ok', found }];
}

/** Learns from the Date header (RFC 9110, section 6.6.1) how far the clock here is from the target's. */
class WatchedTransport implements Transport {
  readonly #inner: Transport;
  readonly #clock: { now(): number };
  /** Undefined until an answer told it. Below a second it is not known any better. */
  aheadMs: number | undefined;

  constructor(inner: Transport, clock: { now(): number }) {
    this.#inner = inner;
    this.#clock = clock;
  }

  async send(...[request, signal]: Parameters<Transport['send']>): Promise<HttpResponse> {
    const sentAt = this.#clock.now();
    const response = await this.#inner.send(request, signal);
    const told = Date.parse(response.headers['date'] ?? '');
    // The header's second was over at most a second after it began; the answer was written between sending and now.
    const [least, most] = [sentAt - (told + 1_000), this.#clock.now() - told];
    if (!Number.isNaN(told)) this.aheadMs = least > 0 ? least : Math.min(0, most);
    return response;
  }
}
