import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimsOf, readCollectionPoint } from '../../../src/targets/onetrust/collection-point.js';
import { describeToken } from '../../../src/targets/onetrust/describe-token.js';
import { createPointReader } from '../../../src/targets/onetrust/point-reader.js';
import { PURPOSE, token } from './receipts.js';

const PREFERENCE = 'B0000000-0000-4000-8000-000000000001';

describe('readCollectionPoint', () => {
  it('reads what the token says, UUIDs in lower case', () => {
    const purposes = [
      {
        id: PURPOSE.toUpperCase(),
        version: 2,
        topics: ['TOPIC'],
        customPreferences: [{ id: PREFERENCE, isRequired: true, options: ['OPTION', { id: 'Other' }] }],
      },
    ];
    const point = readCollectionPoint(token({ purposes, dsDataElements: ['a', { name: 'b' }] }));
    expect(point).toMatchObject({ tenantId: 'tenant', processId: 'process', type: 'API', identifierType: 'Email' });
    expect(point?.dataElements).toEqual(new Set(['a', 'b']));
    const preference = { isRequired: true, options: new Set(['option', 'other']) };
    expect([...(point?.purposes ?? [])]).toEqual([
      [
        PURPOSE,
        {
          versions: new Set([2]),
          topics: new Set(['topic']),
          customPreferences: new Map([[PREFERENCE.toLowerCase(), preference]]),
        },
      ],
    ]);
  });

  it('knows nothing of a claim that is missing or of another form', () => {
    const point = readCollectionPoint(
      token({ purposes: [{ uuid: 'x' }], dsDataElements: [1], additionalIdentifiers: 'Phone', moc: 7, tenantId: '' }),
    );
    expect(point).toMatchObject({
      ...{ purposes: undefined, dataElements: undefined, additionalIdentifiers: undefined },
      ...{ type: undefined, tenantId: undefined },
    });
    expect(readCollectionPoint(token({ purposes: undefined }))?.purposes).toBeUndefined();
  });

  it('gives up on what is no JWT, and never throws', () => {
    for (const text of ['', 'x', 'a.b.c', 'a.bm90IGpzb24.c', 'a.W10.c', `a.${'💥'}.c`]) {
      expect(readCollectionPoint(text), text).toBeUndefined();
    }
    fc.assert(fc.property(fc.string(), (text) => void readCollectionPoint(`a.${text}.c`)));
    fc.assert(
      fc.property(fc.jsonValue(), (claims) => {
        const text = `a.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c`;
        expect(readCollectionPoint(text) === undefined).toBe(claimsOf(text) === undefined);
      }),
    );
  });

  it('puts the versions of one purpose together', () => {
    const purposes = [1, 2].map((version) => ({ id: PURPOSE, version, topics: [], customPreferences: [] }));
    const point = readCollectionPoint(token({ purposes }));
    expect(point?.purposes?.get(PURPOSE)?.versions).toEqual(new Set([1, 2]));
  });

  it('is asked once for each token', () => {
    const read = createPointReader();
    expect(read(token())).toBe(read(token()));
    expect([read('opaque'), read('opaque')]).toEqual([undefined, undefined]);
  });
});

describe('describeToken', () => {
  it('says in words what the token allows', () => {
    const purposes = [
      {
        ...{ id: PURPOSE, version: 2, topics: [] },
        customPreferences: [{ id: PREFERENCE, isRequired: true, options: ['a', 'b'] }],
      },
    ];
    expect(describeToken(token({ purposes, description: 'Shop' }))).toEqual([
      'Collection point process, version 1, of tenant tenant: Shop',
      'Type API: transaction types and interaction dates are taken',
      'People are identified by Email; further identifiers: none',
      '1 purpose is taken:',
      `  ${PURPOSE}, version 2; custom preferences: ${PREFERENCE.toLowerCase()} (required), 2 options`,
      'Data elements: FirstName',
      'NOTGIVEN is not taken',
      'Double opt-in is not told',
      'Parents may not be named',
      'No authenticated consent is needed',
    ]);
  });

  it('says what a web form with dynamic configuration and authenticated consent needs', () => {
    const claims = { moc: 'HOSTED_WEB_FORM', dynamicCollectionPoint: true, authenticationRequired: true };
    expect(describeToken(token({ ...claims, doubleOptIn: true, dsDataElements: [] }))).toEqual([
      'Collection point process, version 1, of tenant tenant',
      'Type HOSTED_WEB_FORM: no transaction types, and no interaction dates',
      'People are identified by Email; further identifiers: none',
      'Dynamic configuration: any purpose is taken, and identifierType is needed',
      'Data elements: none; others would be ignored',
      'NOTGIVEN is not taken',
      'Double opt-in: consent is pending at first',
      'Parents may not be named',
      'Only authenticated consent is taken: --authorization-file is needed',
    ]);
  });

  it('says what it can not tell', () => {
    expect(describeToken('opaque')).toEqual([
      'The collection point token can not be decoded, so receipts are not checked against it.',
    ]);
    expect(describeToken(`a.${Buffer.from('{}').toString('base64url')}.c`)).toEqual([
      'Collection point (not named) of tenant (not named)',
      'Its type is not told',
      'People are identified by a type that is not told; further identifiers: not told',
      'Its purposes are not told',
      'Data elements: not told',
      'Whether NOTGIVEN is taken is not told',
      'Double opt-in is not told',
      'Whether parents may be named is not told',
      'Whether authenticated consent is needed is not told',
    ]);
  });
});
