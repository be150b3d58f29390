/** The collection point of the demos: of type API, with what a receipt can be held against. */
export const DEMO_COLLECTION_POINT = {
  otJwtVersion: 1,
  processId: 'c0113c70-0000-4000-8000-000000000001',
  processVersion: 3,
  iat: '2024-01-15T09:00:00.000',
  moc: 'API',
  sub: 'Email',
  tenantId: '7e4a47a0-0000-4000-8000-000000000000',
  description: 'Demo collection point',
  consentType: 'CONDITIONALTRIGGER',
  allowNotGivenConsents: false,
  doubleOptIn: false,
  purposes: [
    {
      id: 'a0000000-0000-4000-8000-000000000001',
      version: 2,
      parentId: null,
      topics: [],
      customPreferences: [],
      enableGeolocation: false,
    },
    {
      id: 'a0000000-0000-4000-8000-000000000002',
      version: 1,
      parentId: null,
      topics: ['70000000-0000-4000-8000-000000000001'],
      customPreferences: [
        {
          id: 'b0000000-0000-4000-8000-000000000001',
          isRequired: true,
          options: ['d0000000-0000-4000-8000-000000000001', 'd0000000-0000-4000-8000-000000000002'],
        },
      ],
      enableGeolocation: false,
    },
    {
      id: 'a0000000-0000-4000-8000-000000000003',
      version: 1,
      parentId: null,
      topics: [],
      customPreferences: [],
      enableGeolocation: true,
    },
  ],
  notices: [],
  dsDataElements: ['FirstName', 'LastName', 'Country', 'LoyaltyCard'],
  authenticationRequired: false,
  reconfirmActivePurpose: false,
  overrideActivePurpose: true,
  dynamicCollectionPoint: false,
  additionalIdentifiers: ['CustomerNumber'],
  multipleIdentifierTypes: true,
  enableParentPrimaryIdentifiers: false,
  parentPrimaryIdentifiersType: null,
  additionalParentIdentifierTypes: [],
  enableGeolocation: false,
};

/**
 * A token as a collection point hands it out: a JWT in form, with this payload; its signature is no real one.
 * @param claims take the place of the demo's own
 */
export function demoToken(claims: Readonly<Record<string, unknown>> = {}): string {
  const part = (text: string): string => Buffer.from(text).toString('base64url');
  const payload = JSON.stringify({ ...DEMO_COLLECTION_POINT, ...claims });
  return `${part('{"alg":"RS512"}')}.${part(payload)}.${part('not a real signature, for the sandbox only')}`;
}
