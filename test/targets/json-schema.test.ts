import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { DIDOMI_SCHEMA } from '../../src/targets/didomi/schema.js';
import { compileSchema, compileUserSchema, MAX_FINDINGS, UserSchemaError } from '../../src/targets/json-schema.js';
import { ONETRUST_SCHEMA } from '../../src/targets/onetrust/schema.js';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

describe('compileSchema', () => {
  const check = compileSchema({
    type: 'object',
    required: ['a'],
    properties: {
      a: { type: ['boolean', 'null'] },
      b: { type: 'array', items: { type: 'string' } },
      c: { const: 1 },
      d: { type: 'string', format: 'date-time' },
    },
  });

  it('returns undefined for what the schema allows', () => {
    expect(check({ a: null, b: ['x'], d: '2020-06-03T21:28:55Z' }, 10)).toBeUndefined();
  });

  it('names every finding with its JSON Pointer, in the words of the schema', () => {
    expect(check({ a: 'yes', b: ['x', 1], c: 'secret', d: 'secret' }, 10)).toEqual([
      { path: '/a', message: 'must be boolean or null' },
      { path: '/b/1', message: 'must be string' },
      { path: '/c', message: 'must be equal to constant' },
      { path: '/d', message: 'must match format "date-time"' },
    ]);
    expect(check({}, 10)).toEqual([{ path: '', message: "must have required property 'a'" }]);
    expect(check('x', 10)).toEqual([{ path: '', message: 'must be object' }]);
  });

  it('forgets the findings of the record before', () => {
    expect(check({ a: 1 }, 10)).toHaveLength(1);
    expect(check({ a: true }, 10)).toBeUndefined();
    expect(check({ a: true, c: 2 }, 10)).toEqual([{ path: '/c', message: 'must be equal to constant' }]);
  });

  it('lists the first 20 findings and counts the others', () => {
    const findings = check({ a: true, b: Array(33).fill(0) }, 10);
    expect(findings).toHaveLength(MAX_FINDINGS + 1);
    expect(findings?.at(19)).toEqual({ path: '/b/19', message: 'must be string' });
    expect(findings?.at(20)).toEqual({ path: '', message: 'and 13 more' });
  });

  it('looks for one finding only in a record over 64 KiB', () => {
    expect(check({ a: true, b: Array(33).fill(0) }, 64 * 1024 + 1)).toEqual([
      { path: '/b/0', message: 'must be string' },
    ]);
  });

  it('fails for a schema of ours that is wrong, when the first value is checked', () => {
    const wrong = compileSchema({ type: 'object', propertys: {} });
    expect(() => wrong({}, 2)).toThrow('strict mode: unknown keyword: "propertys"');
  });

  it.each([
    ['Didomi', DIDOMI_SCHEMA],
    ['OneTrust', ONETRUST_SCHEMA],
  ])('has a right schema for %s, which nobody checks when the program runs', (_name, schema) => {
    expect(new Ajv2020().validateSchema(schema)).toBe(true);
  });
});

describe('compileUserSchema', () => {
  it('compiles a 2020-12 schema, booleans included', () => {
    const check = compileUserSchema({ $schema: DIALECT, properties: { mail: { type: 'string', format: 'email' } } });
    expect(check({ mail: 'a@example.com' }, 10)).toBeUndefined();
    expect(check({ mail: 'a' }, 10)).toEqual([{ path: '/mail', message: 'must match format "email"' }]);
    expect(compileUserSchema(true)({}, 10)).toBeUndefined();
    expect(compileUserSchema(false)({}, 10)).toEqual([{ path: '', message: 'boolean schema is false' }]);
  });

  it('knows the newer keywords of 2020-12', () => {
    const check = compileUserSchema({ prefixItems: [{ const: 1 }], items: false, type: 'array' });
    expect(check([1], 10)).toBeUndefined();
    expect(check([1, 2], 10)).toEqual([{ path: '', message: 'must NOT have more than 1 items' }]);
  });

  it('never names a key of the record in a message', () => {
    const check = compileUserSchema({
      type: 'object',
      additionalProperties: false,
      propertyNames: { maxLength: 3 },
      patternProperties: { '^x': { type: 'number' } },
    });
    const messages = check({ 'jane@example.com': 1, xyz: 'jane' }, 10)?.map(({ message }) => message);
    expect(messages).toEqual([
      'must NOT have more than 3 characters',
      'property name must be valid',
      'must NOT have additional properties',
      'must be number',
    ]);
  });

  it('does not take an inherited property for one of the record', () => {
    expect(compileUserSchema({ required: ['toString'] })({}, 10)).toEqual([
      { path: '', message: "must have required property 'toString'" },
    ]);
  });

  it('rejects a record that is nested deeper than a recursive schema can follow', () => {
    const check = compileUserSchema({ $id: 'tree', type: 'array', items: { $ref: 'tree' } });
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(check(deep, 200_000)).toEqual([{ path: '', message: 'is nested too deeply for the schema' }]);
  });

  it.each([
    [[], 'it must be an object, true or false'],
    [null, 'it must be an object, true or false'],
    ['x', 'it must be an object, true or false'],
    [{ $schema: 'http://json-schema.org/draft-07/schema#' }, `its "$schema" must be "${DIALECT}"`],
    [{ $async: true }, '"$async" is not supported'],
    [{ requird: ['a'] }, 'strict mode: unknown keyword: "requird"'],
    [{ type: 'string', format: 'datetime' }, 'unknown format "datetime" ignored in schema at path "#"'],
    [{ $ref: 'https://example.com/other' }, "can't resolve reference https://example.com/other from id #"],
    [
      { type: 'objekt' },
      'schema is invalid: data/type must be equal to one of the allowed values, data/type must be array, data/type must match a schema in anyOf',
    ],
  ])('refuses %j and says why', (schema, message) => {
    expect(() => compileUserSchema(schema)).toThrow(new UserSchemaError(message));
  });
});
