import type { S3Client } from '@aws-sdk/client-s3';
import { InputError } from '../../../core/input.js';
import type { ProxyServer } from '../../proxy/choose-proxy.js';
import { proxyAgent } from '../../proxy/tunnel.js';
import type { Download } from '../remote/remote-input.js';
import { type Body, type Patience, resumed } from '../remote/resumed.js';
import { isLoopback } from '../url/address.js';
import { type S3Address, shownS3 } from './s3-address.js';
import { mayComeLater, PlainHttp, s3Damage } from './s3-damage.js';

export interface S3Settings extends Patience {
  /** Certificates to trust besides the system's, as PEM. */
  readonly ca?: string | undefined;
  /** What a connection to an address is made through, if not directly. */
  readonly proxyFor?: (url: URL) => ProxyServer | undefined;
  /** The bucket stands in the path, not in the host name: what S3 servers other than Amazon's expect. */
  readonly pathStyle: boolean;
}

/** What a listing says of an object. */
export interface S3Object {
  readonly key: string;
  readonly size: number | undefined;
  readonly modifiedMs: number | undefined;
}

/** The AWS SDK is not installed: it is an optional dependency, loaded only when it is used. */
export class S3Missing extends Error {
  override readonly name = 'S3Missing';
}

type Sdk = typeof import('@aws-sdk/client-s3');

/**
 * An S3 service, by the official SDK: credentials, region and endpoint come from its own chain (environment, profiles,
 * roles). Nothing is loaded before the first call. @throws {S3Missing} from every method
 */
export class S3Store {
  readonly #settings: S3Settings;
  #opened: Promise<{ readonly sdk: Sdk; readonly client: S3Client }> | undefined;

  constructor(settings: S3Settings) {
    this.#settings = settings;
  }

  /** All objects of which the keys begin with this, in the order of their bytes. @throws {InputError} */
  async *list(prefix: S3Address): AsyncGenerator<S3Object, void, undefined> {
    const { sdk, client } = await this.#open();
    const asked = { Bucket: prefix.bucket, Prefix: prefix.key };
    let token: string | undefined;
    do {
      const command = new sdk.ListObjectsV2Command({
        ...asked,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      });
      const page = await client.send(command).catch((error: unknown) => {
        throw new InputError(s3Damage(shownS3(prefix), error), { cause: error });
      });
      for (const { Key: key, Size: size, LastModified: modified } of page.Contents ?? []) {
        if (key !== undefined) yield { key, size, modifiedMs: modified?.getTime() };
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  /** One object; undefined when nothing can be found out: reading it will say why. */
  async look({ bucket, key }: S3Address): Promise<S3Object | undefined> {
    const { sdk, client } = await this.#open();
    try {
      const found = await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }));
      return { key, size: found.ContentLength, modifiedMs: found.LastModified?.getTime() };
    } catch {
      return undefined;
    }
  }

  /** Asks for an object, and resolves when its first bytes are about to come. @throws {InputError} */
  async get(address: S3Address, signal: AbortSignal): Promise<Download> {
    const shown = shownS3(address);
    const { sdk, client } = await this.#open();
    const object = { Bucket: address.bucket, Key: address.key };
    const found = await client
      .send(new sdk.GetObjectCommand(object), { abortSignal: signal })
      .catch((error: unknown) => {
        signal.throwIfAborted();
        throw new InputError(s3Damage(shown, error), { cause: error });
      });
    const { ContentLength: size, ETag: etag } = found;
    const restFrom = async (byte: number): Promise<Body | 'changed' | 'later'> => {
      const command = new sdk.GetObjectCommand({ ...object, Range: `bytes=${byte}-`, IfMatch: etag });
      try {
        const rest = await client.send(command, { abortSignal: signal });
        if (rest.ContentRange?.startsWith(`bytes ${byte}-`)) return rest.Body as Body;
        (rest.Body as Body).destroy();
        return 'changed';
      } catch (error) {
        return mayComeLater(error) ? 'later' : 'changed';
      }
    };
    const begun = { size, bytes: found.Body as Body, ...(etag === undefined ? {} : { restFrom }) };
    return { size, chunks: resumed(shown, begun, this.#settings, signal) };
  }

  #open(): Promise<{ readonly sdk: Sdk; readonly client: S3Client }> {
    this.#opened ??= open(this.#settings);
    return this.#opened;
  }
}

async function open({ ca, proxyFor, pathStyle, timeoutMs }: S3Settings): Promise<{ sdk: Sdk; client: S3Client }> {
  const sdk = await import('@aws-sdk/client-s3').catch((error: unknown) => {
    throw new S3Missing('the package @aws-sdk/client-s3 can not be loaded', { cause: error });
  });
  const client = new sdk.S3Client({
    forcePathStyle: pathStyle,
    followRegionRedirects: true,
    // The check of what is read would hide from us where a connection broke. Its length is checked.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      // Silence is told by whoever waits: a run may stop reading for a while.
      socketTimeout: 0,
      httpsAgent: proxyAgent(proxyFor, { timeoutMs, ca }),
    },
  });
  client.middlewareStack.add(
    (next) => (args) => {
      const { protocol, hostname } = args.request as { readonly protocol: string; readonly hostname: string };
      if (protocol !== 'https:' && !isLoopback({ hostname })) throw new PlainHttp('the endpoint is plain http');
      return next(args);
    },
    { step: 'finalizeRequest', name: 'refusePlainHttp' },
  );
  return { sdk, client };
}
