import type { Finding } from '../../core/rejection.js';
import { isDateTime } from '../date-time.js';
import type { Receipt } from './receipt.js';
import { DATE_WORDING } from './schema.js';

/** Characters of `customPayload` in total (page "Create Consent Receipts in Bulk"). How they count is not documented. */
export const CUSTOM_PAYLOAD_CHARACTERS = 4000;
/** More purposes than OneTrust advises, but not more than it takes (same page). */
export const ADVISED_PURPOSES = 10;

/**
 * The size of a `customPayload` as we count it, the most that can be meant: the characters (UTF-16 units) of its JSON
 * without white space.
 */
export function payloadCharacters(payload: NonNullable<Receipt['customPayload']>): number {
  return JSON.stringify(payload).length;
}

/** What OneTrust limits and a schema can't say. */
export function limitFindings(receipt: Receipt, allowTest: boolean): Finding[] {
  const findings: Finding[] = [];
  const { customPayload } = receipt;
  if (customPayload !== undefined && payloadCharacters(customPayload) > CUSTOM_PAYLOAD_CHARACTERS)
    findings.push(PAYLOAD_TOO_LARGE);
  if (receipt.test === true && !allowTest) findings.push(TEST_NOT_ALLOWED);
  receipt.purposes?.forEach(({ ExpiryDate }, i) => {
    if (ExpiryDate !== undefined && !isExpiryDate(ExpiryDate)) {
      findings.push({ path: `/purposes/${i}/ExpiryDate`, message: DATE_WORDING });
    }
  });
  return findings;
}

const PAYLOAD_TOO_LARGE: Finding = {
  path: '/customPayload',
  message: 'must not have more than 4,000 characters in total',
};

const TEST_NOT_ALLOWED: Finding = {
  path: '/test',
  message: 'must not be true without --allow-test: OneTrust can not make a test receipt a real one again',
};

/** OneTrust's own example has no seconds: `2020-01-01T12:00-05:00`. */
function isExpiryDate(text: string): boolean {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  return parts !== null && isDateTime(`${parts[1]}${parts[2] ?? ':00'}${parts[3]}`);
}
