import { TunnelError } from './proxy/tunnel.js';

/** No connection was made, so nothing that was to be sent over it can have arrived. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** No later try will do better: a setting has to be changed first. */
  readonly isLasting: boolean;

  constructor(cause: unknown) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const what = code === '' ? message : code;
    if (CERTIFICATE.test(code)) {
      super(`the target's certificate is not trusted (${what})${adviceOn(code)}`, { cause });
      this.isLasting = true;
    } else if (cause instanceof TunnelError) {
      super(`no connection to the target (${message})`, { cause });
      this.isLasting = cause.status === 407 || cause.status === 403;
    } else {
      super(`no connection to the target (${what})`, { cause });
      this.isLasting = false;
    }
  }
}

/** What Node's TLS says of a certificate that it does not trust. */
const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_CA)/;

function adviceOn(code: string): string {
  if (code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED') return ': check the clock of this machine';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return ': it is for another host, so check --api-url';
  return ": where a company's own authority stands in between, name its certificate with --ca-file or NODE_EXTRA_CA_CERTS";
}
