import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import type { Runners } from '../../../src/cli/runners.js';
import { demoToken } from '../../../src/sandbox/sandbox.js';
import { type RecordedContext, recordedContext } from '../recorded-context.js';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sandbox-'));
});

afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const NO_RUNNERS: Runners = {
  import: async () => async () => 99,
  validate: async () => async () => 99,
};

async function started(
  args: readonly string[],
): Promise<{ url: string; context: RecordedContext; end: Promise<number> }> {
  const context = recordedContext({ cwd });
  const end = runProgram(['sandbox', ...args], context, NO_RUNNERS);
  while (!context.out().includes('\n')) {
    await setImmediate();
  }
  const url = /listens at (\S+)/.exec(context.out())?.[1] ?? '';
  return { url, context, end };
}

describe('the sandbox command', () => {
  it('says where it listens and how to use it, answers there, and ends with 0 at a signal', async () => {
    const { url, context, end } = await started([]);
    expect(context.out()).toMatch(
      /^The sandbox listens at http:\/\/127\.0\.0\.1:\d+\/v1\n\nImport into it, .*\n {2}DIDOMI_API_KEY=key DIDOMI_API_SECRET=secret consent-import import events\.jsonl\.gz --target didomi --organization-id \S+ --api-url http/,
    );
    expect(context.out()).toMatch(
      /\n\nImport receipts, as into OneTrust:\n {2}ONETRUST_COLLECTION_POINT_TOKEN=\$\(curl -s http:\S+\/_sandbox\/token\) consent-import import receipts\.jsonl\.gz --target onetrust --api-url http:\S+\/request\/v1\n/,
    );
    const token = await fetch(new URL('/_sandbox/token', url));
    expect(await token.text()).toBe(demoToken());
    const stats = await fetch(new URL('/_sandbox/stats', url));
    expect(stats.status).toBe(200);
    await stats.text();
    context.signal('SIGTERM');
    expect(await end).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('tells of one platform only, where one is named', async () => {
    for (const [target, address, other] of [
      ['didomi', /:\d+\/v1$/, 'OneTrust'],
      ['onetrust', /:\d+\/request\/v1$/, 'DIDOMI'],
    ] as const) {
      const { url, context, end } = await started(['--target', target]);
      expect(url).toMatch(address);
      expect(context.out()).not.toContain(other);
      context.signal('SIGINT');
      expect(await end).toBe(0);
    }
  });

  it('plays a ready fault script, or one from a file', async () => {
    writeFileSync(join(cwd, 'f.json'), '{"rules":[{"when":{"route":"sessions"},"do":{"status":503}}]}');
    const { url, context, end } = await started(['--faults', 'f.json', '--seed', '3']);
    const answer = await fetch(`${url}/sessions`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(503);
    await answer.text();
    context.signal('SIGINT');
    expect(await end).toBe(0);
    const ready = await started(['--faults', 'flaky']);
    ready.context.signal('SIGINT');
    expect(await ready.end).toBe(0);
  });

  it.each([
    [
      'none.json',
      /^error\[faults_unreadable\]: --faults none\.json: can't read it \(ENOENT\)\. Name a JSON file, or one of the ready scripts: flaky, /,
    ],
    ['bad.json', /^error\[faults_malformed\]: --faults bad\.json: .*See consent-import sandbox --help\n$/s],
    [
      'wrong.json',
      /^error\[faults_malformed\]: --faults wrong\.json: fault script: .*See consent-import sandbox --help\n$/,
    ],
  ])('says what is wrong with the fault script %s', async (name, expected) => {
    writeFileSync(join(cwd, 'bad.json'), '{');
    writeFileSync(join(cwd, 'wrong.json'), '{"rulez":[]}');
    const context = recordedContext({ cwd });
    expect(await runProgram(['sandbox', '--faults', name], context, NO_RUNNERS)).toBe(2);
    expect(context.err()).toMatch(expected);
  });

  it('says that the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    const { port } = other.address() as AddressInfo;
    const context = recordedContext({ cwd });
    expect(await runProgram(['sandbox', '--port', String(port)], context, NO_RUNNERS)).toBe(2);
    expect(context.err()).toBe(
      `error[port_taken]: --port ${port}: can't listen there (EADDRINUSE). Choose another, or 0 for any free one.\n`,
    );
    await new Promise((closed) => other.close(closed));
  });
});
