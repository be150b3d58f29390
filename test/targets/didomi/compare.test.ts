import { describe, expect, it } from 'vitest';
import { withAlteration } from '../../../src/sandbox/alteration.js';
import { differences } from '../../../src/targets/didomi/compare.js';

const PURPOSES = [
  { id: 'p', enabled: true },
  { id: 'q', enabled: null, values: { topic: { value: 'v1,v2' } } },
];
const SENT = {
  id: 'e',
  created_at: '2024-03-01T08:00:00Z',
  user: { organization_user_id: 'a@example.com', metadata: { vip: true } },
  consents: { purposes: PURPOSES, vendors: { enabled: ['x', 'y'] } },
  metadata: { list: [1, { a: 'b' }], none: null },
};

/** Where the event differs that holds these values in these places; undefined: nothing. */
function found(changes: Readonly<Record<string, unknown>>): readonly string[] {
  let held: unknown = structuredClone(SENT);
  for (const [path, to] of Object.entries(changes)) held = withAlteration(held, { path, to });
  return differences(SENT, held, 'acme');
}

describe('what Didomi holds agrees with what was sent', () => {
  it.each([
    ['as it was sent', {}],
    [
      'with fields that the platform adds anywhere',
      {
        ...{ '/updated_at': 'x', '/organization_id': 'acme', '/status': 'confirmed', '/regulation': 'gdpr' },
        ...{ '/user/id': 'made-up', '/user/metadata/more': 1, '/consents/tcfcs': null },
        '/consents/purposes/0/propagation': false,
      },
    ],
    ['with the date spelt otherwise', { '/created_at': '2024-03-01T09:00:00.000+01:00' }],
    ['with purposes in another order', { '/consents/purposes': [...PURPOSES].reverse() }],
    ['with purposes that were propagated', { '/consents/purposes': [...PURPOSES, { id: 'r', propagation: true }] }],
  ])('%s', (_, changes) => {
    expect(found(changes)).toEqual([]);
  });

  it('when it waited for approval, and was confirmed since; but not the other way round', () => {
    const pending = { ...SENT, status: 'pending_approval' };
    expect(differences(pending, { ...SENT, status: 'confirmed' }, 'acme')).toEqual([]);
    expect(differences(pending, SENT, 'acme')).toEqual([]);
    expect(differences(SENT, pending, 'acme')).toEqual(['/status']);
  });

  it('with as many stored proofs as were sent', () => {
    const proof = { ...SENT, proofs: ['data:a', 'data:b'] };
    expect(differences(proof, { ...SENT, proofs_id: ['1', '2'] }, 'acme')).toEqual([]);
    expect(differences(proof, { ...SENT, proofs_id: ['1'] }, 'acme')).toEqual(['/proofs']);
    expect(differences(proof, SENT, 'acme')).toEqual(['/proofs']);
  });
});

describe('what Didomi holds differs', () => {
  it.each<[string, unknown, string?]>([
    ['/id', 'f'],
    ['/created_at', '2024-03-01T08:00:00.001Z'],
    ['/created_at', undefined],
    ['/status', 'pending_approval'],
    ['/regulation', 'cpra'],
    ['/organization_id', 'another'],
    ['/user', undefined],
    ['/user/organization_user_id', 'A@example.com'],
    ['/consents/purposes/0/enabled', false],
    ['/consents/purposes/1/enabled', undefined],
    ['/consents/purposes/1/enabled', false],
    ['/consents/purposes/1/values/topic/value', 'v2,v1'],
    ['/consents/purposes/0', undefined],
    ['/consents/purposes', [...PURPOSES, { id: 'r', enabled: true }]],
    ['/consents/vendors/enabled/1', undefined, '/consents/vendors/enabled'],
    ['/consents/vendors/enabled/0', 'z'],
    ['/metadata/list/1/a', 'c'],
    ['/metadata/none', false],
  ])('at %s', (path, to, expected = path) => {
    expect(found({ [path]: to })).toEqual([expected]);
  });

  it('where it is no event at all', () => {
    expect(differences(SENT, [], 'acme')).toEqual(['']);
  });

  it('where a list has no ids to go by, by place', () => {
    const sent = { consents: { purposes: [{ id: 'p' }, { id: 'p', enabled: true }] } };
    expect(differences(sent, structuredClone(sent), '')).toEqual([]);
    expect(differences(sent, { consents: { purposes: [...sent.consents.purposes].reverse() } }, '')).toEqual([
      '/consents/purposes/1/enabled',
    ]);
  });
});
