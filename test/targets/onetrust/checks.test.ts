import { describe, expect, it } from 'vitest';
import { checkAgainstPoint } from '../../../src/targets/onetrust/check-against-point.js';
import { type CollectionPoint, readCollectionPoint } from '../../../src/targets/onetrust/collection-point.js';
import * as purposes from '../../../src/targets/onetrust/purpose-checks.js';
import type { Purpose, Receipt } from '../../../src/targets/onetrust/receipt.js';
import * as subjects from '../../../src/targets/onetrust/subject-checks.js';
import { PURPOSE, token } from './receipts.js';

const PREFERENCE = 'b0000000-0000-4000-8000-000000000001';
const OPTION = 'd0000000-0000-4000-8000-000000000001';
const OTHER = '99999999-0000-4000-8000-000000000000';

const entry = (parts: object = {}) => ({ id: PURPOSE, version: 2, topics: [], customPreferences: [], ...parts });
const point = (claims: object = {}): CollectionPoint => readCollectionPoint(token({ purposes: [entry()], ...claims }))!;
const preference = (parts: object = {}) =>
  point({
    purposes: [entry({ customPreferences: [{ id: PREFERENCE, isRequired: true, options: [OPTION], ...parts }] })],
  });
const receipt = (parts: Partial<Receipt> = {}): Receipt => ({ identifier: 'a', ...parts });
const withPurpose = (parts: Partial<Purpose> = {}): Receipt => receipt({ purposes: [{ Id: PURPOSE, ...parts }] });
const chosen = (Options: string[], Id = PREFERENCE) => withPurpose({ CustomPreferences: [{ Id, Options }] });

/** The findings as `path: message`; `unchecked` when the token lacks what it takes. */
function run(check: purposes.PointCheck, of: Receipt, against: CollectionPoint): string[] | 'unchecked' {
  return check(of, against)?.map(({ path, message }) => `${path}: ${message}`) ?? 'unchecked';
}

describe('purposesAllowed', () => {
  it('takes the purposes and versions of the token, whatever their case', () => {
    const upper = receipt({ purposes: [{ Id: PURPOSE.toUpperCase(), Version: 2 }] });
    expect(run(purposes.purposesAllowed, upper, point())).toEqual([]);
    expect(run(purposes.purposesAllowed, receipt(), point({ purposes: undefined }))).toEqual([]);
  });

  it('names each that is not, and what would be', () => {
    const both = receipt({ purposes: [{ Id: PURPOSE }, { Id: OTHER }, { Id: PURPOSE, Version: 3 }] });
    expect(run(purposes.purposesAllowed, both, point())).toEqual([
      `/purposes/1/Id: is no purpose of the collection point, which has ${PURPOSE}`,
      "/purposes/2/Version: must be 2, the version that the collection point's token names",
    ]);
    expect(run(purposes.purposesAllowed, both, point({ purposes: [] }))).toHaveLength(3);
  });

  it('lists ten at most', () => {
    const many = Array.from({ length: 12 }, (_, i) => ({ id: `p${i}` }));
    expect(run(purposes.purposesAllowed, withPurpose(), point({ purposes: many }))).toEqual([
      '/purposes/0/Id: is no purpose of the collection point, which has p0, p1, p2, p3, p4, p5, p6, p7, p8, p9 and 2 more',
    ]);
  });

  it('is off without the claim, or without a version in it, and does not apply to dynamic configuration', () => {
    expect(run(purposes.purposesAllowed, withPurpose(), point({ purposes: undefined }))).toBe('unchecked');
    const unversioned = point({ purposes: [entry({ version: undefined })] });
    expect(run(purposes.purposesAllowed, withPurpose({ Version: 1 }), unversioned)).toBe('unchecked');
    expect(run(purposes.purposesAllowed, withPurpose({ Id: OTHER }), point({ dynamicCollectionPoint: true }))).toEqual(
      [],
    );
  });
});

describe('preferencesAllowed', () => {
  it('takes the custom preferences and options of the purpose', () => {
    expect(run(purposes.preferencesAllowed, chosen([OPTION.toUpperCase()]), preference())).toEqual([]);
    expect(run(purposes.preferencesAllowed, withPurpose(), preference())).toEqual([]);
  });

  it('names each that is not, in options and in choices', () => {
    const wrong = withPurpose({
      CustomPreferences: [
        { Id: OTHER, Options: [OPTION] },
        { Id: PREFERENCE, Options: [OPTION, OTHER], Choices: [{ OptionId: OTHER }] },
      ],
    });
    const at = '/purposes/0/CustomPreferences';
    expect(run(purposes.preferencesAllowed, wrong, preference())).toEqual([
      `${at}/0/Id: is no custom preference of this purpose, which has ${PREFERENCE}`,
      `${at}/1/Options/1: is no option of this custom preference, which has ${OPTION}`,
      `${at}/1/Choices/0/OptionId: is no option of this custom preference, which has ${OPTION}`,
    ]);
  });

  it('leaves a purpose that is none to the check of purposes, and is off where the token tells nothing', () => {
    const wrong = receipt({ purposes: [{ Id: OTHER, CustomPreferences: [{ Id: PREFERENCE }] }] });
    expect(run(purposes.preferencesAllowed, wrong, preference())).toEqual([]);
    expect(run(purposes.preferencesAllowed, chosen([OPTION]), preference({ options: null }))).toBe('unchecked');
    const silent = point({ purposes: [entry({ customPreferences: null })] });
    expect(run(purposes.preferencesAllowed, chosen([OPTION]), silent)).toBe('unchecked');
    expect(run(purposes.preferencesAllowed, chosen([OPTION]), point({ purposes: undefined }))).toBe('unchecked');
  });
});

describe('requiredPreferencesChosen', () => {
  const missing = `/purposes/0/CustomPreferences: must choose an option of the custom preference ${PREFERENCE}, which the collection point requires`;

  it('needs an option of each, from who takes part', () => {
    expect(run(purposes.requiredPreferencesChosen, chosen([OPTION]), preference())).toEqual([]);
    for (const TransactionType of ['CONFIRMED', 'PENDING', 'IMPLICIT']) {
      expect(run(purposes.requiredPreferencesChosen, withPurpose({ TransactionType }), preference())).toEqual([
        missing,
      ]);
    }
    expect(run(purposes.requiredPreferencesChosen, withPurpose(), preference())).toEqual([missing]);
    expect(run(purposes.requiredPreferencesChosen, chosen([]), preference())).toEqual([missing]);
  });

  it('does not hold up who leaves', () => {
    for (const TransactionType of ['WITHDRAWN', 'OPT_OUT', 'HARD_OPT_OUT', 'NOTGIVEN', 'EXPIRED', 'CANCEL']) {
      expect(run(purposes.requiredPreferencesChosen, withPurpose({ TransactionType }), preference())).toEqual([]);
    }
    expect(run(purposes.requiredPreferencesChosen, withPurpose(), preference({ isRequired: false }))).toEqual([]);
  });

  it('is off where the token does not tell custom preferences', () => {
    const silent = point({ purposes: [entry({ customPreferences: undefined })] });
    expect(run(purposes.requiredPreferencesChosen, withPurpose(), silent)).toBe('unchecked');
  });
});

describe('topicsAllowed', () => {
  const withTopic = withPurpose({ Preferences: [{ TopicId: OPTION }, { TopicId: OTHER }] });

  it('takes the topics of the purpose', () => {
    expect(run(purposes.topicsAllowed, withTopic, point({ purposes: [entry({ topics: [{ id: OPTION }] })] }))).toEqual([
      `/purposes/0/Preferences/1/TopicId: is no topic of this purpose, which has ${OPTION}`,
    ]);
  });

  it('is off where the token does not tell topics', () => {
    expect(run(purposes.topicsAllowed, withTopic, point({ purposes: [entry({ topics: null })] }))).toBe('unchecked');
    expect(run(purposes.topicsAllowed, withTopic, point({ purposes: undefined }))).toBe('unchecked');
    expect(run(purposes.topicsAllowed, withPurpose(), point({ purposes: undefined }))).toEqual([]);
  });
});

describe('notGivenAllowed', () => {
  const notGiven = withPurpose({ TransactionType: 'NOTGIVEN' });

  it('takes NOTGIVEN where the collection point keeps it', () => {
    expect(run(purposes.notGivenAllowed, notGiven, point({ allowNotGivenConsents: true }))).toEqual([]);
    expect(run(purposes.notGivenAllowed, notGiven, point())).toEqual([
      '/purposes/0/TransactionType: must be another than NOTGIVEN: the collection point does not keep consent that was not given',
    ]);
    expect(run(purposes.notGivenAllowed, notGiven, point({ allowNotGivenConsents: undefined }))).toBe('unchecked');
    expect(run(purposes.notGivenAllowed, withPurpose(), point({ allowNotGivenConsents: undefined }))).toEqual([]);
  });
});

describe('fitsType', () => {
  const all = receipt({
    ...{ purposes: [{ Id: PURPOSE }, { Id: PURPOSE, TransactionType: 'CONFIRMED' }] },
    ...{ interactionDate: 'x', generateInstantLinkToken: true },
  });

  it('keeps what only type API takes from other types', () => {
    const message = 'must not be sent: the collection point is of type WEB_FORM, and only type API takes it';
    expect(run(subjects.fitsType, all, point())).toEqual([]);
    expect(run(subjects.fitsType, all, point({ moc: 'WEB_FORM' }))).toEqual(
      ['/purposes/1/TransactionType', '/interactionDate', '/generateInstantLinkToken'].map(
        (path) => `${path}: ${message}`,
      ),
    );
    expect(run(subjects.fitsType, withPurpose(), point({ moc: 'WEB_FORM' }))).toEqual([]);
    expect(run(subjects.fitsType, all, point({ moc: undefined }))).toBe('unchecked');
  });
});

describe('identifierTypeFits', () => {
  const typed = receipt({ identifierType: 'Email' });

  it('asks for the type with dynamic configuration, and for none without', () => {
    const dynamic = point({ dynamicCollectionPoint: true });
    expect(run(subjects.identifierTypeFits, typed, dynamic)).toEqual([]);
    expect(run(subjects.identifierTypeFits, receipt(), point())).toEqual([]);
    expect(run(subjects.identifierTypeFits, receipt(), dynamic)).toEqual([
      '/identifierType: must be given: the collection point has dynamic configuration',
    ]);
    expect(run(subjects.identifierTypeFits, typed, point())).toEqual([
      '/identifierType: must not be sent: only a collection point with dynamic configuration takes it',
    ]);
    expect(run(subjects.identifierTypeFits, typed, point({ dynamicCollectionPoint: undefined }))).toBe('unchecked');
  });
});

describe('dataElementsDefined', () => {
  it('names what OneTrust would ignore', () => {
    const elements = (dsDataElements: Record<string, string>) => receipt({ dsDataElements });
    expect(run(subjects.dataElementsDefined, elements({ FirstName: 'x' }), point())).toEqual([]);
    expect(run(subjects.dataElementsDefined, elements({ 'a/b': 'x' }), point())).toEqual([
      '/dsDataElements/a~1b: is no data element of the collection point, so OneTrust would ignore it; it has FirstName',
    ]);
    expect(run(subjects.dataElementsDefined, elements({ a: 'x' }), point({ dsDataElements: null }))).toBe('unchecked');
    expect(run(subjects.dataElementsDefined, elements({}), point({ dsDataElements: null }))).toEqual([]);
  });
});

describe('additionalIdentifiersAllowed', () => {
  const phone = receipt({ additionalIdentifiers: { Phone: '0' } });

  it('takes the types of the collection point', () => {
    const many = (additionalIdentifiers: unknown) => point({ multipleIdentifierTypes: true, additionalIdentifiers });
    expect(run(subjects.additionalIdentifiersAllowed, phone, many(['Phone']))).toEqual([]);
    expect(run(subjects.additionalIdentifiersAllowed, phone, many(['Card']))).toEqual([
      '/additionalIdentifiers/Phone: is no additional identifier type of the collection point, which has Card',
    ]);
    expect(run(subjects.additionalIdentifiersAllowed, phone, many(undefined))).toBe('unchecked');
    expect(run(subjects.additionalIdentifiersAllowed, phone, point())).toEqual([
      '/additionalIdentifiers: must not be sent: the collection point has one type of identifier only',
    ]);
    expect(run(subjects.additionalIdentifiersAllowed, receipt({ additionalIdentifiers: {} }), point())).toEqual([]);
  });
});

describe('parentsAllowed', () => {
  const parents = receipt({ parentPrimaryIdentifiers: [{ AdditionalParentIdentifierTypes: { Phone: '0' } }] });

  it('takes parents where the collection point links them, by types that it has', () => {
    const linking = (additionalParentIdentifierTypes: unknown) =>
      point({ enableParentPrimaryIdentifiers: true, additionalParentIdentifierTypes });
    expect(run(subjects.parentsAllowed, parents, linking(['Phone']))).toEqual([]);
    expect(run(subjects.parentsAllowed, parents, linking([]))).toEqual([
      '/parentPrimaryIdentifiers/0/AdditionalParentIdentifierTypes/Phone: is no additional parent identifier type of the collection point, which has none',
    ]);
    expect(run(subjects.parentsAllowed, parents, linking(undefined))).toBe('unchecked');
    expect(run(subjects.parentsAllowed, parents, point())).toEqual([
      '/parentPrimaryIdentifiers: must not be sent: the collection point does not link parents and children',
    ]);
    expect(run(subjects.parentsAllowed, parents, point({ enableParentPrimaryIdentifiers: undefined }))).toBe(
      'unchecked',
    );
  });
});

describe('checkAgainstPoint', () => {
  it('puts all findings together, and says whether a check was left out', () => {
    expect(checkAgainstPoint(withPurpose(), point())).toEqual({ findings: [], unchecked: false });
    expect(checkAgainstPoint(withPurpose(), undefined)).toEqual({ findings: [], unchecked: true });
    const some = receipt({ purposes: [{ Id: OTHER }], identifierType: 'Email', dsDataElements: { a: 'x' } });
    const { findings, unchecked } = checkAgainstPoint(some, point({ dsDataElements: undefined }));
    expect(findings.map(({ path }) => path)).toEqual(['/purposes/0/Id', '/identifierType']);
    expect(unchecked).toBe(true);
  });
});
