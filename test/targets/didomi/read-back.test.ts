import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../../src/core/ports.js';
import type { Reading, Sendable } from '../../../src/core/target.js';
import { createDidomiReader } from '../../../src/targets/didomi/read-back.js';
import { createDidomiUndoer } from '../../../src/targets/didomi/undo.js';

const OPTIONS = { organizationId: 'a&c', credentials: { key: 'k', secret: 's' } };
const reader = createDidomiReader(OPTIONS);
const undoer = createDidomiUndoer(OPTIONS);

function sendable(event: unknown, splice?: string): Sendable {
  const bytes = new TextEncoder().encode(JSON.stringify(event));
  return { bytes, start: 0, end: bytes.length, splice: splice === undefined ? undefined : Buffer.from(splice) };
}

const EVENT = { id: 'a/b', user: { organization_user_id: 'x+y@example.com', id: 'u' }, consents: {} };
const HELD = JSON.stringify({ ...EVENT, organization_id: 'a&c', updated_at: 'now' });

function response(status: number, text = '', headers: Record<string, string> = {}, framed = true): HttpResponse {
  return { status, headers, body: new TextEncoder().encode(text), framed };
}

function read(status: number, text?: string, headers?: Record<string, string>): Reading {
  return reader.classify([sendable(EVENT)], response(status, text, headers), 0).reading;
}

function deleted(status: number, text?: string): Reading {
  return undoer.classify([sendable(EVENT)], response(status, text), 0).reading;
}

const told = (returned: object): Reading => ({ kind: 'verdicts', verdicts: [{ kind: 'delivered', returned }] });

describe('a request for one event', () => {
  it('names event, organization and user, and opens the filters', () => {
    expect(reader.encode([sendable(EVENT)], 'token')).toEqual({
      method: 'GET',
      path:
        '/consents/events/a%2Fb?organization_id=a%26c&organization_user_id=x%2By%40example.com' +
        '&status%5B%24in%5D=confirmed&status%5B%24in%5D=pending_approval' +
        ['gdpr', 'cpra', 'cpa', 'ctdpa', 'vcdpa'].map((each) => `&regulation%5B%24in%5D=${each}`).join(''),
      headers: { accept: 'application/json', authorization: 'Bearer token' },
    });
  });

  it('asks for the very regulation of the event, and for a user by the id that it has', () => {
    const { path } = reader.encode([sendable({ id: 'e', regulation: 'new one', user: { id: 'u' } })], 't');
    expect(path).toContain('?organization_id=a%26c&user_id=u&');
    expect(path.endsWith('&regulation%5B%24in%5D=new%20one')).toBe(true);
  });

  it('deletes by the id that was given to an event without one', () => {
    const event = sendable({ user: { organization_user_id: 'p' } }, '"id":"given",');
    expect(undoer.encode([event], 't')).toMatchObject({
      method: 'DELETE',
      path: '/consents/events/given?organization_id=a%26c&organization_user_id=p',
    });
  });
});

describe('an answer to it', () => {
  it.each([HELD, `{"data":${HELD}}`, `{"data":[${HELD}]}`, `[{"id":"other"},${HELD}]`])('is compared: %s', (text) => {
    expect(read(200, text)).toEqual(told({ kind: 'match' }));
  });

  it('tells what differs', () => {
    const held = { ...EVENT, user: { organization_user_id: 'z' } };
    expect(read(200, JSON.stringify(held))).toEqual(
      told({ kind: 'different', paths: ['/user/organization_user_id', '/user/id'] }),
    );
  });

  it('compares events that are nested as deep as can be, or says that it can not', () => {
    const deep = `{"id":"a/b","metadata":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const bytes = new TextEncoder().encode(deep);
    const event: Sendable = { bytes, start: 0, end: bytes.length, splice: undefined };
    const { reading } = reader.classify([event], response(200, deep), 0);
    expect(reading.kind).toBe('verdicts');
  });

  it.each([
    [404, '{"code":404,"name":"NotFound","message":"x","errors":{}}'],
    [404, ''],
    [404, 'Not found'],
    [410, ''],
    [200, '[]'],
    [200, '{"data":[]}'],
    [200, 'null'],
    [200, '{"data":null}'],
    [200, '{"code":404,"name":"NotFound","message":"x"}'],
  ])('says that it is missing: %i %s', (status, text) => {
    expect(read(status, text)).toEqual(told({ kind: 'missing' }));
  });

  it.each<[number, string, Reading]>([
    [200, '{"ok":true}', told({ kind: 'cantBeTold', why: 'the answer is no event' })],
    [400, '', told({ kind: 'cantBeTold', why: 'the target answered with status 400' })],
    [422, '', told({ kind: 'cantBeTold', why: 'the target answered with status 422' })],
    [200, '<html>', { kind: 'unintelligible' }],
    [404, '\n<!doctype html>', { kind: 'unintelligible' }],
    [204, '', { kind: 'unintelligible' }],
    [400, '{"message":"Too many requests"}', { kind: 'again', strain: 'throttled' }],
    [429, '', { kind: 'again', strain: 'throttled' }],
    [503, '', { kind: 'again', strain: 'failing' }],
    [401, '', { kind: 'token' }],
    [403, '', { kind: 'end', reason: 'auth', status: 403 }],
    [405, '', { kind: 'end', reason: 'unavailable', status: 405 }],
    [302, '', { kind: 'end', reason: 'unavailable', status: 302 }],
  ])('is read as what it is: %i %s', (status, text, expected) => {
    expect(read(status, text)).toEqual(expected);
  });

  it('asks for waits', () => {
    expect(read(503, '', { 'retry-after': '7' })).toEqual({ kind: 'again', strain: 'failing', waitMs: 7000 });
  });
});

describe('an answer to a deletion', () => {
  it.each<[number, string, Reading]>([
    [204, '', { kind: 'verdicts', verdicts: [{ kind: 'delivered' }] }],
    [200, '{}', { kind: 'verdicts', verdicts: [{ kind: 'delivered' }] }],
    [404, '', { kind: 'verdicts', verdicts: [{ kind: 'duplicate' }] }],
    // Something on the way that does not know the address; whether the event is there, nobody said.
    [404, '<html>404</html>', { kind: 'unintelligible' }],
    [200, '{"code":404,"message":"x"}', { kind: 'verdicts', verdicts: [{ kind: 'duplicate' }] }],
    [200, '<html>', { kind: 'unintelligible' }],
    [429, '', { kind: 'again', strain: 'throttled' }],
    [500, '', { kind: 'again', strain: 'failing' }],
    [401, '', { kind: 'token' }],
    [403, '', { kind: 'end', reason: 'auth', status: 403 }],
    [405, '', { kind: 'end', reason: 'unavailable', status: 405 }],
  ])('is read as what it is: %i %s', (status, text, expected) => {
    expect(deleted(status, text)).toEqual(expected);
  });

  it('is a refusal with 400, and quotes nothing but in the rejects file', () => {
    expect(deleted(400, '{"message":"secret@example.com"}')).toEqual({
      kind: 'verdicts',
      verdicts: [
        {
          kind: 'rejected',
          errors: [{ path: '', message: 'the target refused it: 400 BadRequest', verbatim: 'secret@example.com' }],
        },
      ],
    });
  });
});
