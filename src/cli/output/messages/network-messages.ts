import { type Message, message } from './message.js';

export function badCertificates(path: string, what: string): Message {
  return message('bad_ca_file', `--ca-file ${path}: ${what}. Give a file of certificates in PEM format.`);
}

/** The variable's value is not shown: it may hold a password. */
export function badProxy(variable: string): Message {
  return message(
    'bad_proxy',
    `${variable} names no proxy that can be used: expected http://host:port or https://host:port. Correct it, or let NO_PROXY name the hosts that need none.`,
  );
}

export function pingFailed(url: string, cause: string): Message {
  return message('ping_failed', `--ping-url ${url}: the call failed (${cause}). The import itself is not affected.`);
}
