import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createIdGiver, EVENT_NAMESPACE } from '../../../src/targets/didomi/identify.js';

describe('createIdGiver', () => {
  // Python: uuid.uuid5(uuid.UUID('5e0f6c1b-…'), 'org\\n{"user":{"id":"é"}}')
  it('never changes the ids that it gives: an event imported once would be imported again', () => {
    expect(EVENT_NAMESPACE).toBe('5e0f6c1b-3a7d-4c42-9d5e-8b1f27a4c903');
    const bytes = Buffer.from('xx{"user":{"id":"é"}}xx');
    expect(createIdGiver('org')(bytes, 2, bytes.length - 2).id).toBe('cd875132-0d4a-56be-8989-14f48ce037d7');
  });

  it('is a UUID version 5 over the organization, a line feed, and the bytes', () => {
    const bytes = Buffer.from('{"user":{"id":"é"}}');
    const name = Buffer.concat([Buffer.from('örg\n'), bytes]);
    const hash = createHash('sha1')
      .update(Buffer.from(EVENT_NAMESPACE.replaceAll('-', ''), 'hex'))
      .update(name);
    const digits = hash.digest('hex');
    const { id, splice } = createIdGiver('örg')(bytes, 0, bytes.length);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const plain = id.replaceAll('-', '');
    expect(plain.slice(0, 12)).toBe(digits.slice(0, 12));
    expect(plain.slice(13, 16)).toBe(digits.slice(13, 16));
    expect(plain.slice(17)).toBe(digits.slice(17, 32));
    expect(Buffer.from(splice).toString()).toBe(`"id":"${id}",`);
  });
});
