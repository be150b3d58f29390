import type { Examination, RecordRules } from '../../../src/core/target.js';
import { createOneTrustRules, type OneTrustRulesOptions } from '../../../src/targets/onetrust/rules.js';

export const PURPOSE = 'a0000000-0000-4000-8000-000000000001';
export const DATE = '2024-05-14T01:34:33Z';

/** A token of a collection point that takes `PURPOSE`, with these claims replaced; undefined removes one. */
export function token(claims: Record<string, unknown> = {}): string {
  const all = {
    ...{ tenantId: 'tenant', processId: 'process', processVersion: 1, moc: 'API', sub: 'Email' },
    ...{ allowNotGivenConsents: false, authenticationRequired: false, dynamicCollectionPoint: false },
    purposes: [{ id: PURPOSE, version: 1, topics: [], customPreferences: [] }],
    dsDataElements: ['FirstName'],
    ...{ additionalIdentifiers: [], multipleIdentifierTypes: false, enableParentPrimaryIdentifiers: false },
    ...claims,
  };
  return `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify(all)).toString('base64url')}.signature`;
}

/** A valid receipt, with these parts replaced; undefined removes one. */
export function receipt(parts: Record<string, unknown> = {}): Record<string, unknown> {
  return { identifier: 'jane@example.com', interactionDate: DATE, purposes: [{ Id: PURPOSE }], ...parts };
}

/** Compiling the schemas takes longer than all else here. */
const compiled = new Map<string, RecordRules>();

export function rulesWith(options: Partial<OneTrustRulesOptions> = {}): RecordRules {
  const name = JSON.stringify({ ...options, authorized: options.authorized && [...options.authorized] });
  const rules = compiled.get(`${'token' in options} ${name}`) ?? createOneTrustRules({ token: token(), ...options });
  compiled.set(`${'token' in options} ${name}`, rules);
  return rules;
}

export const PADDING = '...';

export function examineText(text: string, options: Partial<OneTrustRulesOptions> = {}): Examination {
  const bytes = Buffer.from(`${PADDING}${text}${PADDING}`);
  // What the record before may have left behind.
  const into: Examination = {
    rejection: { reason: 'refused', errors: [] },
    warnings: ['missing_regulation'],
    ...{ id: 'x', subjectA: 'x', subjectB: 'x', splice: new Uint8Array(1) },
    stamp: { offset: 9, bytes: new Uint8Array(1) },
    leftOut: { start: 0, end: 1 },
  };
  rulesWith(options).examine(JSON.parse(text), bytes, PADDING.length, bytes.length - PADDING.length, into);
  return into;
}

export const examine = (value: unknown, options?: Partial<OneTrustRulesOptions>) =>
  examineText(JSON.stringify(value), options);

/** The findings of a rejected record, as `path: message`. */
export function violations(value: unknown, options?: Partial<OneTrustRulesOptions>): string[] {
  const { rejection } = typeof value === 'string' ? examineText(value, options) : examine(value, options);
  return (rejection?.errors ?? []).map(({ path, message }) => `${path}: ${message}`);
}
