import { describe, expect, it } from 'vitest';
import { DIDOMI_SCHEMA } from '../../src/targets/didomi/schema.js';
import { createGeneralPath } from '../../src/targets/general-path.js';

describe('createGeneralPath', () => {
  const general = createGeneralPath([DIDOMI_SCHEMA]);

  it('keeps the names that the schema declares, and hides free keys and indexes', () => {
    expect(general('')).toBe('');
    expect(general('/user')).toBe('/user');
    expect(general('/consents/purposes/17/enabled')).toBe('/consents/purposes/*/enabled');
    expect(general('/user/metadata/jane@example.com')).toBe('/user/metadata/*');
    expect(general('/consents/purposes/0/values/x~1y/value')).toBe('/consents/purposes/*/values/*/value');
  });

  it('keeps the names of several schemas, wherever they declare them, but takes no data for a name', () => {
    const both = createGeneralPath([
      DIDOMI_SCHEMA,
      {
        anyOf: [{ properties: { 'a/b': { properties: { properties: { type: 'string' } } } } }],
        $defs: { x: { properties: { y: true } } },
        const: { properties: { secret: 1 } },
      },
    ]);
    expect(both('/user/a~1b/properties/y/type/x/secret')).toBe('/user/a~1b/properties/y/*/*/*');
  });

  it('needs no schema that is an object', () => {
    expect(createGeneralPath([true, undefined])('/a/0')).toBe('/*/*');
  });
});
