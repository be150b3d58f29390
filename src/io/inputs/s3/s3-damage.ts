import type { InputDamage } from '../../../core/input.js';
import { unreachable } from '../remote/remote-damage.js';

/** What the SDK rejects with, as far as it is looked at. Its own text may hold anything, and is never shown. */
interface Failure {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Reading leads to an address where anyone could read along. */
export class PlainHttp extends Error {
  override readonly name = 'PlainHttp';
}

export function noBucket(shown: string): InputDamage {
  return {
    code: 'not_importable',
    message: `${shown} names no bucket. Write s3://bucket/key, or s3://bucket/prefix/.`,
  };
}

/** Why S3 did not give what was asked for, in words. */
export function s3Damage(shown: string, error: unknown): InputDamage {
  const { name = '', code, message = '', $metadata } = error as Failure;
  const status = $metadata?.httpStatusCode;
  if (error instanceof PlainHttp) {
    return unreadable(shown, 'the endpoint is plain http', 'Use https (plain http only on this machine)');
  }
  if (name === 'NoSuchBucket')
    return { code: 'missing', message: `${shown}: there is no such bucket. Check its name.` };
  if (status === 404) {
    return { code: 'missing', message: `${shown} does not exist. Check the address; a prefix ends in a slash.` };
  }
  if (name === 'InvalidObjectState') {
    return unreadable(shown, 'it is archived', 'Restore it in S3, then run again');
  }
  if (name === 'CredentialsProviderError') {
    return unreadable(shown, 'no AWS credentials were found', `Set AWS_PROFILE, or ${KEYS}, then run again`);
  }
  if (message === 'Region is missing')
    return unreadable(shown, 'no AWS region is set', 'Set AWS_REGION, then run again');
  if (status === 401 || status === 403 || status === 400) {
    const said = /^[A-Za-z]{3,60}$/.test(name) ? `${status} ${name}` : String(status);
    return unreadable(shown, `S3 refused (${said})`, 'Check the AWS credentials and what they may read');
  }
  if (status !== undefined) return unreadable(shown, `S3 answered with status ${status}`, 'Try again later');
  return unreachable(shown, code ?? (name === 'TimeoutError' ? 'ETIMEDOUT' : undefined));
}

const KEYS = 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';

function unreadable(shown: string, what: string, next: string): InputDamage {
  return { code: 'unreadable', message: `${shown} can't be read: ${what}. ${next}.` };
}

/** Whether the rest of an object may come when it is asked for later. */
export function mayComeLater(error: unknown): boolean {
  const status = (error as Failure).$metadata?.httpStatusCode;
  return status === undefined || status === 408 || status === 429 || status >= 500;
}
