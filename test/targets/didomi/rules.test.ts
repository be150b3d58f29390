import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Examination, RecordRules } from '../../../src/core/target.js';
import { createDidomiRules, type DidomiRulesOptions } from '../../../src/targets/didomi/rules.js';
import { UserSchemaError } from '../../../src/targets/json-schema.js';

const ID = '9556b7f5-ae22-4616-97f9-3f61e22f0ec7';
const DATE = '2020-06-03T21:28:55Z';

/** A valid event, with these parts replaced; undefined removes one. */
function event(parts: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: ID,
    created_at: DATE,
    user: { organization_user_id: 'user1@domain.com' },
    consents: { purposes: [{ id: 'purpose_id', enabled: true }] },
    ...parts,
  };
}

/** Compiling the schemas takes longer than all else here. */
const compiled = new Map<string, RecordRules>();

function rulesWith(options: Partial<DidomiRulesOptions>): RecordRules {
  const name = JSON.stringify(options);
  const rules = compiled.get(name) ?? createDidomiRules({ organizationId: 'org', ...options });
  compiled.set(name, rules);
  return rules;
}

function examineText(text: string, options: Partial<DidomiRulesOptions> = {}): Examination {
  const rules = rulesWith(options);
  const bytes = Buffer.from(`...${text}...`);
  // What the record before may have left behind.
  const into: Examination = {
    rejection: { reason: 'refused', errors: [] },
    warnings: ['missing_regulation'],
    id: 'x',
    subjectA: 'x',
    subjectB: 'x',
    splice: new Uint8Array(1),
  };
  rules.examine(JSON.parse(text), bytes, 3, bytes.length - 3, into);
  return into;
}

const examine = (value: unknown, options?: Partial<DidomiRulesOptions>) => examineText(JSON.stringify(value), options);

/** The findings of a rejected record, as `path: message`. */
function violations(value: unknown, options?: Partial<DidomiRulesOptions>): string[] {
  const { rejection, id, subjectA, subjectB, splice, warnings } = examine(value, options);
  if (rejection === undefined) return [];
  expect({ id, subjectA, subjectB, splice, warnings }).toEqual({
    id: '',
    subjectA: '',
    subjectB: '',
    splice: undefined,
    warnings: [],
  });
  expect(rejection.reason).toBe('schema_violation');
  return rejection.errors.map(({ path, message }) => `${path}: ${message}`);
}

const user = (parts: unknown) => event({ user: parts });
const purpose = (parts: Record<string, unknown>) => event({ consents: { purposes: [{ id: 'p', ...parts }] } });
const NO_USER = '/user: must have id or organization_user_id';

describe('createDidomiRules', () => {
  it('accepts a valid event as it is', () => {
    expect(examine(event())).toEqual({
      rejection: undefined,
      warnings: [],
      id: ID,
      subjectA: 'o:user1@domain.com',
      subjectB: '',
      date: Date.parse(DATE),
      splice: undefined,
    });
  });

  it("accepts the events of Didomi's own page", () => {
    const page = readFileSync(new URL('./batch-import-page.jsonl', import.meta.url), 'utf8')
      .trim()
      .split('\n');
    expect(page).toHaveLength(10);
    for (const line of page) expect(examineText(line)).toMatchObject({ rejection: undefined, warnings: [] });
  });

  it('accepts every field of the docs', () => {
    const full = event({
      organization_id: 'org',
      updated_at: DATE,
      status: 'pending_approval',
      regulation: 'cpra',
      metadata: { batch: 1 },
      user: {
        id: 'u1',
        organization_user_id: 'o1',
        organization_user_id_type: 'email',
        metadata: {},
        country: 'FR',
        last_seen_country: null,
      },
      consents: {
        purposes: [
          { id: 'a', enabled: null, enabled_li: false, metadata: {}, values: { p: { value: 'v1,v2' } } },
          { id: 'b', preferences: [{ id: 'x', enabled: true, channels: [{ id: 'y', enabled: null }] }], channels: [] },
        ],
        channels: [{ id: 'email', enabled: false }],
        vendors: { enabled: ['v'], disabled: [], enabled_li: [], disabled_li: [] },
        tcfcs: null,
      },
      iab: { tcf: { cmp_id: 7 } },
      proofs: ['data:application/pdf;base64,AA=='],
      proofs_id: ['x'],
      delegate: { id: 'd', name: 'n', metadata: {} },
    });
    expect(examine(full)).toMatchObject({ rejection: undefined, warnings: [], subjectA: 'o:o1', subjectB: 'u:u1' });
  });

  it('needs an object, and says nothing else of what is none', () => {
    for (const value of [null, 1, 'x', [], [event()], true]) {
      expect(violations(value, { userSchema: { required: ['x'] } })).toEqual([': must be object']);
    }
  });

  it('takes true, false and null as a choice, and nothing else', () => {
    for (const enabled of [true, false, null])
      expect(violations(purpose({ enabled, enabled_li: enabled }))).toEqual([]);
    expect(violations(purpose({}))).toEqual([]);
    expect(violations(purpose({ enabled: 'true' }))).toEqual(['/consents/purposes/0/enabled: must be boolean or null']);
    expect(violations(purpose({ enabled_li: 1 }))).toEqual([
      '/consents/purposes/0/enabled_li: must be boolean or null',
    ]);
  });

  it('needs one user id, for Didomi would make one up', () => {
    for (const parts of [{}, { id: null }, { id: '', organization_user_id: '' }, { metadata: { id: 'x' } }]) {
      expect(violations(user(parts))).toEqual([NO_USER]);
    }
    expect(violations(event({ user: undefined }))).toEqual([NO_USER]);
    expect(violations(user(null))).toEqual(['/user: must be object']);
    expect(violations(user('jane'))).toEqual(['/user: must be object']);
    expect(violations(user({ id: 5 }))).toEqual([NO_USER, '/user/id: must be string or null']);
    expect(violations(user({ id: 'a', organization_user_id: 5 }))).toEqual([
      '/user/organization_user_id: must be string or null',
    ]);
  });

  it('names both subjects of an event that has both', () => {
    const subjects = (parts: unknown) => {
      const { subjectA, subjectB } = examine(user(parts));
      return [subjectA, subjectB];
    };
    expect(subjects({ id: 'x', organization_user_id: 'x' })).toEqual(['o:x', 'u:x']);
    expect(subjects({ id: 'x' })).toEqual(['', 'u:x']);
    expect(subjects({ id: 'x', organization_user_id: null })).toEqual(['', 'u:x']);
    expect(subjects({ id: '', organization_user_id: 'x' })).toEqual(['o:x', '']);
  });

  it('needs consents, but none of the fields that only the OpenAPI requires', () => {
    expect(violations(event({ consents: {} }))).toEqual([]);
    expect(violations(event({ consents: undefined }))).toEqual([": must have required property 'consents'"]);
    expect(violations(event({ consents: [] }))).toEqual(['/consents: must be object']);
    expect(violations(event({ consents: { purposes: {} } }))).toEqual(['/consents/purposes: must be array']);
    expect(violations(event({ consents: { purposes: ['a'] } }))).toEqual(['/consents/purposes/0: must be object']);
    expect(violations(event({ consents: { purposes: [{ enabled: true }] } }))).toEqual([
      "/consents/purposes/0: must have required property 'id'",
    ]);
    expect(violations(purpose({ id: '' }))).toEqual(['/consents/purposes/0/id: must NOT have fewer than 1 characters']);
  });

  it('reads vendors as an object of lists', () => {
    expect(violations(event({ consents: { vendors: ['v'] } }))).toEqual(['/consents/vendors: must be object']);
    expect(violations(event({ consents: { vendors: { enabled: [1] } } }))).toEqual([
      '/consents/vendors/enabled/0: must be string',
    ]);
  });

  it('checks the other fields that Didomi names', () => {
    expect(violations(event({ status: 'pending' }))).toEqual(['/status: must be equal to one of the allowed values']);
    expect(violations(event({ metadata: 'x' }))).toEqual(['/metadata: must be object']);
    expect(violations(user({ id: 'x', metadata: [] }))).toEqual(['/user/metadata: must be object']);
    expect(violations(event({ proofs: [{}] }))).toEqual(['/proofs/0: must be string']);
  });

  it('needs a created_at, if there is one, to be a point in time', () => {
    expect(violations(event({ created_at: '2020-06-03T21:28:55.123+02:00' }))).toEqual([]);
    expect(violations(event({ created_at: 1591219735 }))).toEqual(['/created_at: must be string']);
    expect(violations(event({ created_at: null }))).toEqual(['/created_at: must be string']);
    expect(violations(event({ created_at: '2020-06-03' }))).toEqual(['/created_at: must match format "date-time"']);
  });

  it('needs an id, if there is one, to be a text that is not empty', () => {
    expect(violations(event({ id: '' }))).toEqual(['/id: must NOT have fewer than 1 characters']);
    expect(violations(event({ id: 5 }))).toEqual(['/id: must be string']);
    expect(violations(event({ id: null }))).toEqual(['/id: must be string']);
  });

  it('lists all findings of a record', () => {
    expect(violations({ id: '', user: {}, consents: { purposes: [{}] } })).toEqual([
      '/id: must NOT have fewer than 1 characters',
      NO_USER,
      "/consents/purposes/0: must have required property 'id'",
    ]);
  });

  it('rejects a duplicate key in the record, user, consents or a purpose, and lets it travel in metadata', () => {
    const twice = (text: string) => examineText(text).rejection;
    const rest = `"created_at":"${DATE}","id":"${ID}"`;
    const withUser = (text: string) => `{${rest},"user":${text},"consents":{}}`;
    const withConsents = (text: string) => `{${rest},"user":{"id":"a"},"consents":${text}}`;
    const found = (path: string) => ({ reason: 'schema_violation', errors: [{ path, message: 'duplicate key' }] });
    expect(twice(`{${rest},"user":{"id":"a"},"consents":{},"id":"${ID}"}`)).toEqual(found('/id'));
    expect(twice(withUser('{"id":"a","\\u0069d":"b"}'))).toEqual(found('/user/id'));
    expect(twice(withConsents('{"purposes":[],"purposes":[]}'))).toEqual(found('/consents/purposes'));
    expect(twice(withConsents('{"purposes":[{"id":"a"},{"id":"b","enabled":true,"enabled":false}]}'))).toEqual(
      found('/consents/purposes/1/enabled'),
    );
    expect(twice(withUser('{"id":"a","metadata":{"x":1,"x":2}}'))).toBeUndefined();
  });

  it('rejects an event of another organization', () => {
    expect(examine(event({ organization_id: 'org' })).rejection).toBeUndefined();
    expect(examine(event({ organization_id: 'other' })).rejection).toEqual({
      reason: 'wrong_organization',
      errors: [{ path: '/organization_id', message: 'must be the organization of --organization-id' }],
    });
  });

  it('takes events of any organization while none is named', () => {
    const rules = createDidomiRules({ organizationId: undefined });
    const text = JSON.stringify(event({ organization_id: 'other', id: undefined }));
    const into: Examination = {
      rejection: undefined,
      warnings: [],
      id: '',
      subjectA: '',
      subjectB: '',
      splice: undefined,
    };
    rules.examine(JSON.parse(text), Buffer.from(text), 0, Buffer.byteLength(text), into);
    expect(into.rejection).toBeUndefined();
    expect(into.id).not.toBe('');
  });

  it('warns of a missing created_at, for Didomi would date the event today', () => {
    expect(examine(event({ created_at: undefined }))).toMatchObject({
      rejection: undefined,
      warnings: ['missing_created_at'],
      id: ID,
    });
  });

  it('warns of fields that Didomi does not name, but not inside metadata', () => {
    const warned = [
      event({ createdAt: DATE }),
      user({ id: 'x', organisation_user_id: 'y' }),
      event({ consents: { purpose: [] } }),
      purpose({ enabeld: true }),
    ];
    for (const value of warned) {
      expect(examine(value)).toMatchObject({ rejection: undefined, warnings: ['unknown_field'] });
    }
    expect(examine(event({ metadata: { x: 1 } })).warnings).toEqual([]);
  });

  it('rejects what it would warn of when strict', () => {
    const strict = { strict: true };
    expect(violations(event(), strict)).toEqual([]);
    expect(violations(event({ created_at: undefined }), strict)).toEqual([
      ": must have required property 'created_at' (--strict)",
    ]);
    expect(violations({ ...purpose({ 'a/b': 1 }), x: 1, user: { id: 'a', y: 1 } }, strict)).toEqual([
      '/x: unknown field (--strict)',
      '/user/y: unknown field (--strict)',
      '/consents/purposes/0/a~1b: unknown field (--strict)',
    ]);
  });

  it('rejects an event that has neither id nor created_at', () => {
    expect(examine(event({ id: undefined, created_at: undefined })).rejection).toEqual({
      reason: 'no_identity',
      errors: [{ path: '', message: 'must have id or created_at' }],
    });
  });

  it('gives an event without id one that depends on its bytes, and a splice that puts it there', () => {
    const text = `{ "created_at":"${DATE}","user":{"id":"é"},"consents":{}}`;
    const { id, splice, rejection } = examineText(text);
    expect(rejection).toBeUndefined();
    expect(Buffer.from(splice!).toString()).toBe(`"id":"${id}",`);
    expect(JSON.parse(`{${Buffer.from(splice!)}${text.slice(1)}`)).toEqual({ ...JSON.parse(text), id });
    expect(examineText(text).id).toBe(id);
    expect(examineText(text.replace('{ ', '{')).id).not.toBe(id);
    expect(examineText(text, { organizationId: 'other' }).id).not.toBe(id);
  });

  it("adds the findings of the user's schema to its own", () => {
    const userSchema = { properties: { regulation: { const: 'gdpr' } }, required: ['regulation'] };
    expect(violations(event({ regulation: 'gdpr' }), { userSchema })).toEqual([]);
    expect(violations(event({ status: 1, regulation: 'x' }), { userSchema })).toEqual([
      '/status: must be string',
      '/status: must be equal to one of the allowed values',
      '/regulation: must be equal to constant',
    ]);
    expect(() => createDidomiRules({ organizationId: 'org', userSchema: { type: 'objekt' } })).toThrow(UserSchemaError);
  });
});
