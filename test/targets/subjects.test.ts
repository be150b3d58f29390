import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Examination, RecordRules, TargetName } from '../../src/core/target.js';
import { createDidomiRules } from '../../src/targets/didomi/rules.js';
import { createOneTrustRules } from '../../src/targets/onetrust/rules.js';
import { decodeSubjectList, excluding, onlyAbout, readSubjectList } from '../../src/targets/subjects.js';
import { receipt } from './onetrust/receipts.js';

const DIDOMI = createDidomiRules({ organizationId: 'acme' });
const ONETRUST = createOneTrustRules({ token: undefined, tokenMayLack: true });

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function reasonOf(rules: RecordRules, value: unknown): string | undefined {
  const into: Examination = {
    rejection: undefined,
    warnings: [],
    id: '',
    subjectA: '',
    subjectB: '',
    splice: undefined,
  };
  const bytes = Buffer.from(JSON.stringify(value));
  rules.examine(value, bytes, 0, bytes.length, into);
  return into.rejection?.reason;
}

function event(user: unknown, more: object = {}): object {
  return { id: 'e', created_at: '2024-05-06T07:08:09Z', user, consents: {}, ...more };
}

describe('a list of people', () => {
  it('has an id or its SHA-256 per line, on any system', () => {
    const hash = sha256('ben');
    const list = readSubjectList(`\uFEFFann@example.com\r\n\n  dora \n${hash.toUpperCase()}\r\n   \n`);
    expect(list.ids).toEqual(new Set(['ann@example.com', '  dora ', 'dora', hash.toUpperCase()]));
    expect([...list.hashes]).toEqual([hash]);
  });

  it('misses nobody for a space at the end of a line, a lone CR, or what sha256sum writes behind a hash', () => {
    const list = readSubjectList(`ann@example.com \t\r${sha256('ben')}  -\r\n  ${sha256('cleo')} *cleo.txt\n`);
    expect(list.ids.has('ann@example.com')).toBe(true);
    expect(list.hashes).toEqual(new Set([sha256('ben'), sha256('cleo')]));
  });

  it('is refused where it is no UTF-8, for then it would name nobody', () => {
    for (const bytes of [
      Buffer.from('ann@example.com\n', 'utf16le'),
      Buffer.from([0xff, 0xfe, 0x61, 0]),
      Buffer.of(0xe9),
    ]) {
      expect(() => decodeSubjectList(bytes)).toThrow('it is no text in UTF-8');
    }
    expect(decodeSubjectList(Buffer.from('\uFEFFümlaut\n')).ids).toEqual(new Set(['ümlaut']));
  });
});

describe('rules that exclude people', () => {
  const list = readSubjectList(`ann@example.com\n${sha256('ümlaut')}\n`);
  const rules = (target: TargetName): RecordRules => excluding(target === 'didomi' ? DIDOMI : ONETRUST, target, list);

  it('reject what is about one of them, by any of the ids that a record names', () => {
    expect(reasonOf(rules('didomi'), event({ organization_user_id: 'ann@example.com' }))).toBe('excluded');
    expect(reasonOf(rules('didomi'), event({ organization_user_id: 'other', id: 'ümlaut' }))).toBe('excluded');
    expect(reasonOf(rules('onetrust'), receipt({ identifier: 'ümlaut' }))).toBe('excluded');
  });

  it('reject a record that breaks other rules as excluded all the same, for its content must go nowhere', () => {
    expect(reasonOf(rules('didomi'), { user: { organization_user_id: 'ann@example.com' } })).toBe('excluded');
    expect(reasonOf(rules('didomi'), event({ id: 'ann@example.com' }, { organization_id: 'other' }))).toBe('excluded');
  });

  it('take a line that looks like a hash for an id as well, for it may be one', () => {
    expect(reasonOf(rules('didomi'), event({ organization_user_id: sha256('ümlaut') }))).toBe('excluded');
  });

  it('leave all others to the rules', () => {
    expect(reasonOf(rules('didomi'), event({ organization_user_id: 'Ann@example.com' }))).toBeUndefined();
    expect(reasonOf(rules('didomi'), event({ organization_user_id: sha256('ben') }))).toBeUndefined();
    expect(reasonOf(rules('didomi'), event({}))).toBe('schema_violation');
    expect(reasonOf(rules('onetrust'), receipt())).toBeUndefined();
    for (const value of [null, 1, 'ann@example.com', ['ann@example.com'], { user: 'ann@example.com' }]) {
      expect(reasonOf(rules('didomi'), value)).toBe('schema_violation');
    }
  });

  it('turned around, exclude everybody else', () => {
    const only = onlyAbout(DIDOMI, 'didomi', list);
    expect(reasonOf(only, event({ organization_user_id: 'ann@example.com' }))).toBeUndefined();
    expect(reasonOf(only, { user: { organization_user_id: 'ann@example.com' } })).toBe('schema_violation');
    expect(reasonOf(only, event({ organization_user_id: 'ben' }))).toBe('excluded');
    expect(reasonOf(only, 7)).toBe('excluded');
  });
});
