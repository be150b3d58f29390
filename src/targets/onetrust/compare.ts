import { readCollectionPoint } from './collection-point.js';
import type { ReadReceipt } from './read-receipt.js';
import { dateOf } from './read-receipt.js';
import type { Receipt } from './receipt.js';
import { folded } from './receipts-reader.js';

/**
 * Where a receipt that was read back differs from the one that was sent: JSON Pointers into the latter.
 *
 * OneTrust shows only some of what was sent. Of that must agree: the person (but for upper and lower case, of which
 * nothing is documented), the collection point, `interactionDate` to the second, `customPayload` (more may be in it), `test`, `language`, and the
 * purposes, by their ids: none more, none less, each with the version and the transaction that were sent.
 */
export function receiptDifferences(
  sent: Receipt & Readonly<Record<string, unknown>>,
  token: string | undefined,
  read: ReadReceipt,
): readonly string[] {
  const paths: string[] = [];
  const { value } = read;
  if (read.identifier !== undefined && folded(read.identifier) !== folded(sent.identifier)) paths.push('/identifier');
  const pointToken = sent.requestInformation ?? token;
  const point = pointToken === undefined ? undefined : readCollectionPoint(pointToken)?.processId?.toLowerCase();
  if (point !== undefined && read.collectionPoint !== undefined && point !== read.collectionPoint) {
    paths.push('/requestInformation');
  }
  const date = dateOf(sent.interactionDate);
  // Whether fractions of a second are kept is not documented.
  if (date !== undefined && !(Math.abs(date - (read.interactionDate ?? Number.NaN)) < 1000)) {
    paths.push('/interactionDate');
  }
  for (const [key, text] of Object.entries(sent.customPayload ?? {})) {
    if (read.customPayload?.[key] !== text) {
      paths.push(`/customPayload/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    }
  }
  for (const name of ['test', 'language'] as const) {
    const shown = value[name] ?? undefined;
    if (shown !== undefined && (sent[name] ?? (name === 'test' ? false : shown)) !== shown) paths.push(`/${name}`);
  }
  comparePurposes(sent.purposes ?? [], read, paths);
  return paths;
}

function comparePurposes(
  sent: NonNullable<Receipt['purposes']>,
  { purposes = [] }: ReadReceipt,
  paths: string[],
): void {
  const found = new Map(purposes.map((purpose) => [purpose.id, purpose]));
  for (const [i, purpose] of sent.entries()) {
    const read = found.get(purpose.Id.toLowerCase());
    if (read === undefined) {
      paths.push(`/purposes/${i}`);
      continue;
    }
    found.delete(read.id);
    if (differ(purpose.TransactionType, read.transactionType)) paths.push(`/purposes/${i}/TransactionType`);
    if (differ(purpose.Version, read.version)) paths.push(`/purposes/${i}/Version`);
  }
  if (found.size > 0) paths.push('/purposes');
}

/** What is compared where both say it: the platform fills in what was left out. */
function differ(a: unknown, b: unknown): boolean {
  return a !== undefined && b !== undefined && a !== b;
}
