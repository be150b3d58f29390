import type { Message } from '../output/messages/message.js';
import { pointName } from './collection-point.js';
import type { Owner } from './place.js';
import { findPointToken } from './point-token.js';
import type { Resolved, Surroundings } from './resolve.js';

/** Whose receipts they are that go with this token. */
export function oneTrustOwner(token: string | undefined): Extract<Owner, { target: 'onetrust' }> {
  return { target: 'onetrust', organization: undefined, point: pointName(token), token };
}

/** The collection point's token, if there is one; what is wrong with where it stands is put to the others. */
export function pointToken(
  { settings }: Resolved,
  around: Surroundings,
  problems: Message[],
  warnings: Message[],
): string | undefined {
  const found = findPointToken(settings.credentialsFile, around.env);
  problems.push(...found.problems);
  warnings.push(...found.warnings);
  return found.token;
}
