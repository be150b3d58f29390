import { isObject } from '../answer-body.js';

/**
 * Where the event that Didomi holds differs from the one that was sent: JSON Pointers into the event that was sent.
 *
 * Every member that was sent must be there with the same value, down to the last digit of a number (parse both with
 * `parseExactly`). What else the platform keeps of it is its own affair: Didomi adds fields ("Consent event schema":
 * `updated_at`, `propagation`, …), and says that it may add more. There are these exceptions:
 * - `created_at` must be the same point in time, to the millisecond: its spelling may change.
 * - `status` counts as `confirmed` where it is missing, `regulation` as `gdpr`, as documented. An event that was sent
 *   for approval may have been confirmed since.
 * - An organization that the sender left out must be the one that the event was sent to.
 * - Purposes, preferences and channels go by their `id`, in any order, and none may be there that was not sent, but for
 *   those that Didomi says it propagated ("One-click consent"). Other lists must be equal, in their order.
 * - `proofs` come back as `proofs_id`: as many as were sent.
 */
export function differences(sent: unknown, held: unknown, organizationId: string): readonly string[] {
  if (!isObject(sent) || !isObject(held)) return [''];
  const { created_at: date, status, regulation, organization_id: organization, proofs, ...rest } = sent;
  const paths: string[] = [];
  if (date !== undefined && !isSameMoment(date, held['created_at'])) paths.push('/created_at');
  if (!isSameStatus(status ?? 'confirmed', held['status'] ?? 'confirmed')) paths.push('/status');
  if ((regulation ?? 'gdpr') !== (held['regulation'] ?? 'gdpr')) paths.push('/regulation');
  if ((held['organization_id'] ?? organizationId) !== (organization ?? organizationId)) paths.push('/organization_id');
  if (proofs !== undefined && !hasProofs(proofs, held)) paths.push('/proofs');
  compareMembers(rest, held, '', paths);
  return paths;
}

/** Lists whose elements are told apart by their `id`. */
const BY_ID = /\/(purposes|preferences|channels)$/;

function compare(sent: unknown, held: unknown, path: string, paths: string[]): void {
  if (isObject(sent) && isObject(held)) compareMembers(sent, held, path, paths);
  else if (Array.isArray(sent) && Array.isArray(held)) compareLists(sent, held, path, paths);
  else if (sent !== held) paths.push(path);
}

function compareMembers(
  sent: Readonly<Record<string, unknown>>,
  held: Readonly<Record<string, unknown>>,
  path: string,
  paths: string[],
): void {
  for (const key of Object.keys(sent)) {
    const place = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (Object.hasOwn(held, key)) compare(sent[key], held[key], place, paths);
    else paths.push(place);
  }
}

function compareLists(sent: readonly unknown[], held: readonly unknown[], path: string, paths: string[]): void {
  const [sentById, heldById] = BY_ID.test(path) ? [byId(sent), byId(held)] : [];
  if (sentById === undefined || heldById === undefined) {
    if (sent.length !== held.length) paths.push(path);
    else for (const [i, each] of sent.entries()) compare(each, held[i], `${path}/${i}`, paths);
    return;
  }
  for (const [i, [id, each]] of [...sentById].entries()) {
    if (heldById.has(id)) compare(each, heldById.get(id), `${path}/${i}`, paths);
    else paths.push(`${path}/${i}`);
  }
  if ([...heldById].some(([id, each]) => !sentById.has(id) && each['propagation'] !== true)) paths.push(path);
}

/** Undefined where they can't be told apart: one has no id, or two have the same. */
function byId(list: readonly unknown[]): ReadonlyMap<string, Readonly<Record<string, unknown>>> | undefined {
  const found = new Map<string, Readonly<Record<string, unknown>>>();
  for (const each of list) {
    const id = isObject(each) ? each['id'] : undefined;
    if (!isObject(each) || typeof id !== 'string' || found.has(id)) return undefined;
    found.set(id, each);
  }
  return found;
}

function isSameMoment(sent: unknown, held: unknown): boolean {
  if (sent === held) return true;
  if (typeof sent !== 'string' || typeof held !== 'string') return false;
  const moment = Date.parse(sent);
  return !Number.isNaN(moment) && moment === Date.parse(held);
}

function isSameStatus(sent: unknown, held: unknown): boolean {
  return sent === held || (sent === 'pending_approval' && held === 'confirmed');
}

function hasProofs(sent: unknown, held: Readonly<Record<string, unknown>>): boolean {
  const count = Array.isArray(sent) ? sent.length : 0;
  const lists = [held['proofs'], held['proofs_id']];
  return count === 0 || lists.some((list) => Array.isArray(list) && list.length >= count);
}
