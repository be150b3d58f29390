import { describe, expect, it } from 'vitest';
import type { Examination } from '../../../src/core/target.js';
import { UserSchemaError } from '../../../src/targets/json-schema.js';
import { createOneTrustRules } from '../../../src/targets/onetrust/rules.js';
import { TRANSACTION_TYPES } from '../../../src/targets/onetrust/schema.js';
import { DATE, examine, examineText, PADDING, PURPOSE, receipt, rulesWith, token, violations } from './receipts.js';

const UUID = '9556b7f5-ae22-4616-97f9-3f61e22f0ec7';
const purpose = (parts: object) => receipt({ purposes: [{ Id: PURPOSE, ...parts }] });
const spliceOf = ({ splice }: Examination) => splice && Buffer.from(splice).toString();
const textAt = (text: string, range: Examination['leftOut']) =>
  range && Buffer.from(`${PADDING}${text}`).subarray(range.start, range.end).toString();

describe('createOneTrustRules', () => {
  it('accepts a valid receipt, and gives it the token', () => {
    const found = examine(receipt());
    expect({ ...found, splice: spliceOf(found) }).toEqual({
      rejection: undefined,
      warnings: [],
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      subjectA: 'i:jane@example.com',
      subjectB: '',
      date: expect.any(Number),
      splice: `"requestInformation":"${token()}",`,
      stamp: undefined,
      leftOut: undefined,
    });
  });

  it('accepts every field of the documents', () => {
    const full = receipt({
      ...{ test: false, generateInstantLinkToken: true, shortLinkToken: false, language: 'zh-Hans-CN' },
      consentString: { type: 'TCF_EU', content: 'CP' },
      receiptOptions: [{ option: 'ClearExpiration', purposes: [UUID] }],
      source: { type: 'CTV', content: 'x', purposeIds: [UUID] },
      dsDataElements: { FirstName: 'Jane' },
      customPayload: { a: 'b' },
      additionalIdentifiers: {},
      parentPrimaryIdentifiers: [],
      attachments: [{ id: UUID }],
      purposes: [
        {
          ...{
            Id: PURPOSE.toUpperCase(),
            Version: 1,
            TransactionType: 'CONFIRMED',
            ExpiryDate: '2030-01-01T12:00-05:00',
          },
          ...{ Preferences: [], CustomPreferences: [], PurposeAttachments: [{ id: UUID }] },
          PrivacyNotices: [{ Id: UUID, Version: 1, MinorVersion: 0 }],
          PurposeNote: { noteId: UUID, noteType: 'UNSUBSCRIBE_REASON', noteLanguage: 'en-us', noteText: 'x' },
        },
      ],
      interactionDate: '2024-05-14T01:34:33.000+02:00',
      privacyNotices: [{ Id: UUID, Version: 1, MinorVersion: 2 }],
      geoLocation: { country: 'US', state: 'GA', stateName: 'Georgia', purposeIds: [UUID] },
      enableDataElementDateValidation: true,
    });
    expect(examine(full)).toMatchObject({ rejection: undefined, warnings: [] });
    for (const TransactionType of TRANSACTION_TYPES) {
      if (TransactionType !== 'NOTGIVEN') expect(violations(purpose({ TransactionType }))).toEqual([]);
    }
  });

  it('needs an object, and says nothing else of what is none', () => {
    for (const value of [null, 1, 'x', [], [receipt()], true]) {
      expect(violations(JSON.stringify(value), { userSchema: { required: ['x'] } })).toEqual([': must be object']);
    }
  });

  it('names all that is wrong at once, the schema first', () => {
    const text = JSON.stringify(receipt({ test: 'no', Language: 'en' })).replace('{', '{"identifier":"x",');
    expect(violations(text, { userSchema: { required: ['crm'] } })).toEqual([
      '/test: must be boolean',
      '/Language: must be written language: OneTrust would not see it',
      '/identifier: duplicate key',
      ": must have required property 'crm'",
    ]);
    expect(violations(receipt({ test: true, purposes: [{ Id: UUID }] }))).toEqual([
      '/test: must not be true without --allow-test: OneTrust can not make a test receipt a real one again',
      `/purposes/0/Id: is no purpose of the collection point, which has ${PURPOSE}`,
    ]);
  });

  it('takes dates with a zone only, as all readers of dates do', () => {
    const message = 'must be a date and time with a zone, as 2024-05-14T01:34:33Z';
    for (const date of [
      '2024-05-14',
      '2024-05-14T01:34:33',
      '2024-05-14T01:34Z',
      '2024-13-14T01:34:33Z',
      '2024-05-14t01:34:33z',
      '2024-05-14T01:34:33+02',
    ]) {
      expect(violations(receipt({ interactionDate: date })), date).toEqual([`/interactionDate: ${message}`]);
    }
    for (const date of ['2030-01-01', '2030-01-01T12:00', '2030-02-30T12:00Z', '2030-01-01T25:00Z']) {
      expect(violations(purpose({ ExpiryDate: date })), date).toEqual([`/purposes/0/ExpiryDate: ${message}`]);
    }
  });

  it('takes a custom payload of 4,000 characters, and not one more', () => {
    const payload = (length: number) => receipt({ customPayload: { a: 'x'.repeat(length - '{"a":""}'.length) } });
    expect(violations(payload(4000))).toEqual([]);
    expect(violations(payload(4001))).toEqual(['/customPayload: must not have more than 4,000 characters in total']);
  });

  it('takes test receipts only when told to', () => {
    expect(violations(receipt({ test: true }), { allowTest: true })).toEqual([]);
    expect(violations(receipt({ test: false }))).toEqual([]);
  });

  it('names a data element that is too long without showing it', () => {
    const dsDataElements = { ['x'.repeat(751)]: 'y' };
    const [finding] = violations(receipt({ dsDataElements }));
    expect(finding).toBe('/dsDataElements: must not have a name of more than 750 characters in it');
  });
});

describe('the token of the collection point', () => {
  it('may stand in the record, if it is the configured one; then nothing is put in', () => {
    const text = JSON.stringify({ requestInformation: token(), ...receipt() });
    const found = examineText(text);
    expect([found.rejection, found.splice]).toEqual([undefined, undefined]);
    expect(textAt(text, found.leftOut)).toBe(`"requestInformation":"${token()}",`);
    expect(found.id).toBe(examine(receipt()).id);
  });

  it('must be no other than the configured one, and is not shown', () => {
    const found = examine(receipt({ requestInformation: token({ processVersion: 2 }) }));
    expect(found.rejection).toEqual({
      reason: 'schema_violation',
      errors: [
        {
          path: '/requestInformation',
          message: 'must be the collection point token that is configured, or be left out',
        },
      ],
    });
  });

  it('must stand in every record when none is configured, but for a mere check', () => {
    const message = ': must have requestInformation, for no collection point token is configured';
    expect(violations(receipt(), { token: undefined })).toEqual([message]);
    expect(examine(receipt(), { token: undefined, tokenMayLack: true })).toMatchObject({
      rejection: undefined,
      warnings: ['unchecked_against_token'],
      splice: undefined,
    });
  });

  it('does not make another receipt of a record when its version is new, but another collection point does', () => {
    const own = (claims: object) =>
      examine({ ...receipt(), requestInformation: token({ ...claims }) }, { token: undefined });
    expect(own({ processVersion: 2 }).id).toBe(own({}).id);
    expect(own({ processId: 'other' }).id).not.toBe(own({}).id);
    expect(own({}).leftOut).toBeDefined();
  });

  it('counts as content where it does not tell whose it is', () => {
    const own = (requestInformation: string) => examine({ requestInformation, ...receipt() }, { token: undefined });
    expect(own('opaque')).toMatchObject({ warnings: ['unchecked_against_token'], leftOut: undefined });
    expect(own('opaque').id).toBe(own('other').id);
  });

  it('must have its name written without escapes', () => {
    const text = JSON.stringify({ requestInformation: token(), ...receipt() }).replace('"requestI', '"\\u0072equestI');
    expect(violations(text)).toEqual(['/requestInformation: must have its name written without escapes']);
  });

  it('may demand authenticated consent', () => {
    const guarded = token({ authenticationRequired: true });
    expect(violations(receipt(), { token: guarded })).toEqual([
      ': must be authenticated consent: the collection point takes no other; give --authorization-file',
    ]);
    expect(violations(receipt(), { token: guarded, authorized: new Set(['jane@example.com']) })).toEqual([]);
    expect(violations(receipt(), { authorized: new Set(['tom@example.com']) })).toEqual([
      '/identifier: must have a signed token in the file of --authorization-file',
    ]);
  });
});

describe('the event id', () => {
  it('is a hash of the bytes, the same for ever', () => {
    expect(examineText(`{"identifier":"a","interactionDate":"${DATE}"}`).id).toBe('2c6e503420b780a9db327958ec3fcf39');
    expect(examineText(`{"identifier":"a", "interactionDate":"${DATE}"}`).id).not.toBe(
      examineText(`{"identifier":"a","interactionDate":"${DATE}"}`).id,
    );
  });

  it('needs a date, for without one two receipts can not be told from one read twice', () => {
    expect(examine(receipt({ interactionDate: undefined })).rejection).toEqual({
      reason: 'no_identity',
      errors: [{ path: '', message: 'must have interactionDate, or an id at --id-pointer' }],
    });
  });

  it('stands where --id-pointer says', () => {
    const at = (parts: object, idPointer = '/customPayload/row~1id') => examine(receipt({ ...parts }), { idPointer });
    expect(at({ customPayload: { 'row/id': 'r1' } }).id).toBe('r1');
    expect(at({ interactionDate: undefined, customPayload: { 'row/id': 'r1' } })).toMatchObject({
      rejection: undefined,
      id: 'r1',
      warnings: ['missing_interaction_date'],
    });
    expect(at({ row: 12 }, '/row').id).toBe('12');
    const message = 'must be a text that is not empty, or a whole number: it is the event id (--id-pointer)';
    for (const row of [undefined, '', null, 1.5, 2 ** 53, {}, true]) {
      expect(at({ row }, '/row').rejection).toEqual({ reason: 'no_identity', errors: [{ path: '/row', message }] });
    }
  });

  it('counts within its collection point where records bring their own tokens', () => {
    const found = examine(receipt({ requestInformation: token(), row: 'r1' }), { token: undefined, idPointer: '/row' });
    expect(found.id).toBe('tenant/process/r1');
  });

  it('must not stand twice in an object on its way', () => {
    const text = `{"identifier":"a","customPayload":{"id":"x","id":"y"},"purposes":[]}`;
    expect(violations(text, { idPointer: '/customPayload/id' })).toEqual(['/customPayload/id: duplicate key']);
  });

  it('needs a pointer to a field', () => {
    for (const idPointer of ['', 'row', '/~']) {
      expect(() => createOneTrustRules({ token: undefined, idPointer })).toThrow(
        'an id pointer is a JSON Pointer to a field: /customPayload/rowId',
      );
    }
  });
});

describe('warnings', () => {
  const many = { purposes: Array.from({ length: 11 }, () => ({ Id: PURPOSE })) };

  it('tell of what is odd', () => {
    expect(examine(receipt(many)).warnings).toEqual(['many_purposes']);
    expect(examine(receipt({ consentDate: DATE })).warnings).toEqual(['unknown_field']);
    expect(examine(purpose({ Note: 'x' })).warnings).toEqual(['unknown_field']);
    expect(examine(receipt({ customPayload: { anything: 'x' } })).warnings).toEqual([]);
    expect(examine(receipt(), { token: 'opaque' }).warnings).toEqual(['unchecked_against_token']);
  });

  it('reject with --strict, each with its place', () => {
    expect(violations(receipt({ ...many, consentDate: DATE }), { strict: true, token: 'opaque' })).toEqual([
      '/purposes: must not have more than the 10 items that OneTrust advises (--strict)',
      ': can not be checked against the collection point token (--strict)',
      '/consentDate: unknown field (--strict)',
    ]);
    const undated = receipt({ interactionDate: undefined, row: 'r' });
    expect(violations(undated, { strict: true, idPointer: '/row' })).toEqual([
      ": must have required property 'interactionDate' (--strict)",
      '/row: unknown field (--strict)',
    ]);
    expect(violations(receipt(), { strict: true })).toEqual([]);
  });
});

it('shows no free keys in general paths', () => {
  const { generalPath } = rulesWith();
  expect(generalPath('/purposes/3/CustomPreferences/0/Options/1')).toBe('/purposes/*/CustomPreferences/*/Options/*');
  expect(generalPath('/dsDataElements/jane@example.com')).toBe('/dsDataElements/*');
});

it('refuses a schema of the user that is none', () => {
  expect(() => createOneTrustRules({ token: undefined, userSchema: { type: 'objekt' } })).toThrow(UserSchemaError);
});
