import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compileUserSchema } from '../../src/targets/json-schema.js';
import { event, events } from './events.js';
import { handMadeServer } from './hand-made-server.js';
import { BINARY, type Ended, importArgs, Place, sandbox, until } from './harness.js';

const RECEIPT = JSON.stringify({
  identifier: 'someone@example.com',
  interactionDate: '2024-01-02T03:04:05Z',
  purposes: [{ Id: '5c4a35bd-ea4a-4a43-9dbb-2c14e7d4c9d8', TransactionType: 'CONFIRMED' }],
});

/** Ways to end, each by its reason; `more` where one reason has several. */
const WAYS: Readonly<Record<string, (place: Place, url: string) => Promise<Ended>>> = {
  completed: (place, url) => place.import(url, ['good.jsonl']),
  'completed: skipped and repeated': async (place, url) => {
    await place.import(url, ['good.jsonl']);
    return place.import(url, ['good.jsonl', 'repeats.jsonl']);
  },
  'completed: validate': (place) => place.run(['validate', '--target', 'didomi', '--json', 'good.jsonl']),
  'completed: dry run': (place, url) => place.import(url, ['-n', 'good.jsonl']),
  'completed: sandbox': (place) => place.run(['import', '--sandbox', '--json', 'good.jsonl']),
  rejects: (place, url) => place.import(url, ['bad.jsonl']),
  'rejects: validate': (place) => place.run(['validate', '--target', 'didomi', '--json', 'bad.jsonl']),
  usage: (place, url) => place.import(url, ['--timeout', 'x', 'good.jsonl']),
  'usage: unknown option': (place) => place.run(['import', '--json', '--frob']),
  input: (place, url) => place.import(url, ['missing.jsonl', 'good.jsonl']),
  auth: (place, url) => place.import(url, ['good.jsonl'], { env: { DIDOMI_API_KEY: 'bad' } }),
  unavailable: (place, url) => place.import(`${url}/nowhere`, ['good.jsonl']),
  limit: (place, url) => place.import(url, ['--limit', '1', 'good.jsonl']),
  too_many_rejects: (place, url) => place.import(url, ['--max-rejects', '0', 'bad.jsonl']),
  storage: (place, url) => place.import(url, ['--rejects', 'none/rejects.jsonl', 'bad.jsonl']),
  ledger_in_use: async (place) => {
    const server = await handMadeServer({ events: () => undefined });
    const first = place.startImport(server.url, ['--drain-time', '0', 'good.jsonl']);
    await until(() => server.events.length === 1, first);
    const second = await place.import(server.url, ['good.jsonl']);
    first.signal('SIGTERM');
    await first.ended;
    return second;
  },
  interrupted: async (place) => {
    const server = await handMadeServer({ events: () => undefined });
    const running = place.startImport(server.url, ['--drain-time', '0', 'good.jsonl']);
    await until(() => server.events.length === 1, running);
    running.signal('SIGINT');
    return running.ended;
  },
  in_doubt: async (place) => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/request/v1`;
    const args = ['import', '--target', 'onetrust', '--new-ledger', '--api-url', url, '--json', 'receipt.jsonl'];
    const env = { ONETRUST_COLLECTION_POINT_TOKEN: 'a.b.c' };
    return place.run([...args, '--timeout', '100ms'], { env });
  },
};

describe('the published schema of summaries', () => {
  const printed = execFileSync(process.execPath, [BINARY, 'schema', 'summary'], { encoding: 'utf8' });
  const check = compileUserSchema(JSON.parse(printed));

  it.each(Object.keys(WAYS))('holds for a run that ended so: %s', async (way) => {
    const server = await sandbox();
    const place = new Place();
    const undated = event(9).replace(/"created_at":"[^"]*",/, '');
    place.write('good.jsonl', [...events(3), undated]);
    place.write('repeats.jsonl', [event(1), event(5), event(5)]);
    place.write('bad.jsonl', [event(1), 'broken', '[]', event(1, 'another')]);
    place.write('receipt.jsonl', [RECEIPT]);
    const { summary } = await WAYS[way]!(place, server.url);
    expect(summary.reason).toBe(way.replace(/:.*/, ''));
    expect(check(summary, 0)).toBeUndefined();
  });

  it('is that of the summary file too', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('good.jsonl', events(1));
    await place.run([...importArgs(server.url, ['--summary-file', 'summary.json']), 'good.jsonl']);
    expect(check(JSON.parse(place.read('summary.json')), 0)).toBeUndefined();
  });
});
