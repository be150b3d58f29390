import type { WarningName } from '../../core/block.js';
import type { Finding } from '../../core/rejection.js';
import { MAX_FINDINGS } from '../json-schema.js';
import type { NameFindings } from './field-names.js';
import type { Receipt } from './receipt.js';
import { ADVISED_PURPOSES } from './receipt-limits.js';

/** Something odd about a receipt that may be sent all the same, and how `--strict` words it. */
export interface Warning {
  readonly name: WarningName;
  readonly findings: readonly Finding[];
}

export const NO_WARNINGS: readonly Warning[] = [];

/** The warnings about a receipt that breaks no rule; `NO_WARNINGS` when there are none. */
export function warningsOf(receipt: Receipt, names: NameFindings, unchecked: boolean): readonly Warning[] {
  const isMany = (receipt.purposes?.length ?? 0) > ADVISED_PURPOSES;
  const isUndated = receipt.interactionDate === undefined;
  if (!isMany && !isUndated && !unchecked && names.unknown.length === 0) return NO_WARNINGS;
  const unknown = names.unknown.slice(0, MAX_FINDINGS);
  return [
    ...(isUndated ? [UNDATED] : []),
    ...(isMany ? [MANY] : []),
    ...(unchecked ? [UNCHECKED] : []),
    ...(unknown.length > 0 ? [{ name: 'unknown_field' as const, findings: unknown.map(unknownField) }] : []),
  ];
}

function unknownField(path: string): Finding {
  return { path, message: 'unknown field (--strict)' };
}

const UNDATED: Warning = {
  name: 'missing_interaction_date',
  findings: [{ path: '', message: "must have required property 'interactionDate' (--strict)" }],
};
const MANY: Warning = {
  name: 'many_purposes',
  findings: [{ path: '/purposes', message: 'must not have more than the 10 items that OneTrust advises (--strict)' }],
};
const UNCHECKED: Warning = {
  name: 'unchecked_against_token',
  findings: [{ path: '', message: 'can not be checked against the collection point token (--strict)' }],
};
