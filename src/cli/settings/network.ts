import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chooseProxy, type ProxyServer, ProxyVariableError } from '../../io/proxy/choose-proxy.js';
import { badCertificates, badProxy } from '../output/messages/network-messages.js';
import { UsageError } from '../usage-error.js';
import type { Settings } from './settings.js';

/** How this program reaches what is not on this machine. */
export interface Network {
  /** Certificates to trust besides those that Node knows by itself, as PEM. */
  readonly ca: string | undefined;
  /** What a connection to an address is made through, if not directly. @throws {UsageError} */
  readonly proxyFor: (address: URL) => ProxyServer | undefined;
}

/**
 * What `--ca-file`, NODE_EXTRA_CA_CERTS, HTTPS_PROXY and NO_PROXY say.
 * @throws {UsageError} when `--ca-file` holds no certificates
 */
export function networkOf(
  { caFile }: Pick<Settings, 'caFile'>,
  env: Readonly<Record<string, string | undefined>>,
): Network {
  return {
    ca: caFile === undefined ? undefined : [certificatesIn(caFile), extraCertificates(env)].join('\n'),
    proxyFor(address) {
      try {
        return chooseProxy(address, env);
      } catch (error) {
        if (!(error instanceof ProxyVariableError)) throw error;
        throw new UsageError([badProxy(error.variable)]);
      }
    },
  };
}

function certificatesIn(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new UsageError([badCertificates(path, `can't read it (${cause})`)]);
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  if (blocks.length === 0) throw new UsageError([badCertificates(path, 'it holds no certificate')]);
  blocks.forEach((block, i) => {
    try {
      new X509Certificate(block);
    } catch {
      throw new UsageError([badCertificates(path, `its certificate number ${i + 1} is damaged`)]);
    }
  });
  return blocks.join('\n');
}

/** Node trusts these by itself only as long as it is told no others. It says itself when it can't read the file. */
function extraCertificates(env: Readonly<Record<string, string | undefined>>): string {
  const path = env['NODE_EXTRA_CA_CERTS'] ?? '';
  if (path === '') return '';
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
