import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key, as PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** An authority of one test, which no one trusts, and what it certifies for this machine. */
export interface Authority {
  /** Its own certificate, as PEM. */
  readonly cert: string;
  /** For `localhost`, `target.test`, `files.test`, and 127.0.0.1, unless other names are given. */
  certify(names?: readonly string[]): Certified;
}

/** Makes an authority (X.509, RFC 5280; ECDSA on P-256). */
export function createAuthority(): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // Authorities of one name would be taken for each other.
  const name = `A Test Authority ${randomBytes(4).toString('hex')}`;
  return {
    cert: certificate(
      name,
      name,
      publicKey,
      privateKey,
      extension('551d13', sequence(tagged(0x01, Buffer.from([0xff])))),
    ),
    certify(names = ['localhost', 'target.test', 'files.test']) {
      const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const hosts = names.map((host) => tagged(0x82, Buffer.from(host)));
      const alternatives = extension('551d11', sequence(...hosts, tagged(0x87, Buffer.from([127, 0, 0, 1]))));
      return {
        cert: certificate(name, 'A Test Server', server.publicKey, privateKey, alternatives),
        key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      };
    },
  };
}

const ECDSA_WITH_SHA256 = sequence(tagged(0x06, Buffer.from('2a8648ce3d040302', 'hex')));

function certificate(issuer: string, subject: string, of: KeyObject, by: KeyObject, extensions: Buffer): string {
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const day = 86_400_000;
  const toSign = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, serial),
    ECDSA_WITH_SHA256,
    named(issuer),
    sequence(time(Date.now() - day), time(Date.now() + day)),
    named(subject),
    of.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(extensions)),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', toSign, by)]);
  const whole = sequence(toSign, ECDSA_WITH_SHA256, tagged(0x03, signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${whole.match(/.{1,64}/g)!.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function named(text: string): Buffer {
  const commonName = tagged(0x06, Buffer.from('550403', 'hex'));
  return sequence(tagged(0x31, sequence(commonName, tagged(0x0c, Buffer.from(text)))));
}

function time(epochMs: number): Buffer {
  const text = new Date(epochMs).toISOString().replace(/[-:T]|\.\d+/g, '');
  return tagged(0x17, Buffer.from(text.slice(2)));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(tagged(0x06, Buffer.from(id, 'hex')), tagged(0x04, value));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

/** One value in DER (X.690). */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const bytes = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}
