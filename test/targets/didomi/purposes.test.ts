import { expect, it } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../../src/core/ports.js';
import { readPurposes } from '../../../src/targets/didomi/purposes.js';

const NOW = Date.parse('2026-01-02T03:04:05Z');

function answer(value: unknown, status = 200, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, body: new TextEncoder().encode(JSON.stringify(value)), framed: true };
}

async function read(answers: (skip: number) => HttpResponse) {
  const asked: HttpRequest[] = [];
  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    asked.push(request);
    return answers(Number(/%24skip=(\d+)/.exec(request.path)![1]));
  };
  return { found: await readPurposes(send, 'a/b', 'token', () => NOW), asked };
}

const ids = (from: number, count: number) => Array.from({ length: count }, (_, i) => ({ id: `purpose-${from + i}` }));

it('asks for the organization by its token, a hundred at a time', async () => {
  const { found, asked } = await read((skip) => answer({ data: ids(skip, skip === 200 ? 50 : 100), total: 250 }));
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /metadata/purposes?organization_id=a%2Fb&%24limit=100&%24skip=0',
    'GET /metadata/purposes?organization_id=a%2Fb&%24limit=100&%24skip=100',
    'GET /metadata/purposes?organization_id=a%2Fb&%24limit=100&%24skip=200',
  ]);
  expect(asked[0]!.headers).toEqual({ accept: 'application/json', authorization: 'Bearer token' });
  expect(found).toMatchObject({ kind: 'found' });
  expect(found.kind === 'found' && found.ids.size).toBe(250);
});

it('takes a bare array, stops at the total, and does not go round in circles where $skip is not known', async () => {
  expect((await read(() => answer(ids(0, 3)))).found).toEqual({
    ...{ kind: 'found', ids: new Set(['purpose-0', 'purpose-1', 'purpose-2']) },
  });
  expect((await read(() => answer({ data: ids(0, 100), total: 100 }))).asked).toHaveLength(1);
  expect((await read(() => answer(ids(0, 100)))).asked).toHaveLength(2);
});

it('tells a refusal with the wait that it asks for, and an answer that is no list', async () => {
  expect((await read(() => answer({}, 403))).found).toEqual({ kind: 'refused', status: 403 });
  const later = await read(() => answer({}, 429, { 'retry-after': '7' }));
  expect(later.found).toEqual({ kind: 'refused', status: 429, waitMs: 7_000 });
  for (const value of [{}, 'text', null, { data: [{ name: 'x' }] }, [{ id: 1 }]]) {
    expect((await read(() => answer(value))).found, JSON.stringify(value)).toEqual({ kind: 'unclear' });
  }
});
