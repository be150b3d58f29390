import type { Finding } from '../../core/rejection.js';
import type { CollectionPoint } from './collection-point.js';
import {
  notGivenAllowed,
  type PointCheck,
  preferencesAllowed,
  purposesAllowed,
  requiredPreferencesChosen,
  topicsAllowed,
} from './purpose-checks.js';
import type { Receipt } from './receipt.js';
import {
  additionalIdentifiersAllowed,
  dataElementsDefined,
  fitsType,
  identifierTypeFits,
  parentsAllowed,
} from './subject-checks.js';

const CHECKS: readonly PointCheck[] = [
  purposesAllowed,
  preferencesAllowed,
  requiredPreferencesChosen,
  topicsAllowed,
  notGivenAllowed,
  fitsType,
  identifierTypeFits,
  dataElementsDefined,
  additionalIdentifiersAllowed,
  parentsAllowed,
];

/**
 * Holds a receipt against what its collection point's token says.
 * @param point undefined when the token could not be decoded: then nothing can be checked
 * @returns what OneTrust would ignore or never pass on, and whether a check had to be left out
 */
export function checkAgainstPoint(
  receipt: Receipt,
  point: CollectionPoint | undefined,
): { readonly findings: readonly Finding[]; readonly unchecked: boolean } {
  if (point === undefined) return NOTHING_CHECKED;
  let findings: Finding[] | undefined;
  let unchecked = false;
  for (const check of CHECKS) {
    const found = check(receipt, point);
    if (found === undefined) unchecked = true;
    else if (found.length > 0) findings = [...(findings ?? []), ...found];
  }
  if (findings === undefined) return unchecked ? NOTHING_CHECKED : ALL_FINE;
  return { findings, unchecked };
}

const ALL_FINE = { findings: [], unchecked: false };
const NOTHING_CHECKED = { findings: [], unchecked: true };
