import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runImportCommand } from '../../src/cli/import/run-command.js';
import { runProgram } from '../../src/cli/program.js';
import { recordedContext } from '../cli/recorded-context.js';
import { createAuthority } from '../fakes/certificates.js';
import { connectProxy } from '../fakes/connect-proxy.js';
import { events } from './events.js';
import { arrived, counts, ORGANIZATION, Place, sandbox } from './harness.js';
import { tlsFront } from './tls-front.js';

/** Only a proxy leads there, and it is no loopback address. */
const TARGET = 'https://target.test/v1';

/** A target that an earlier import, with another ledger, brought the first 110 of 3,000 events. */
async function targetThatHasSome() {
  const place = new Place();
  const server = await sandbox({ faults: { answers: { duplicates: { status: 409, where: 'batch' } } } });
  place.write('some.jsonl', events(3_000).slice(0, 110));
  expect((await place.import(server.url, ['some.jsonl', '--ledger', 'other'])).exitCode).toBe(0);
  place.write('events.jsonl', events(3_000));
  return { place, server };
}

/** The same import at a terminal, in this process. The first answer confirms it. */
async function atTerminal(answers: readonly string[], more: readonly string[] = []) {
  const { place, server } = await targetThatHasSome();
  const authority = createAuthority();
  const front = await tlsFront(server.url, authority.certify());
  const proxy = await connectProxy(front.port);
  place.write('ca.pem', authority.cert);
  const credentials = { DIDOMI_API_KEY: 'k', DIDOMI_API_SECRET: 's' };
  const env = { HOME: place.home, NO_COLOR: '1', TERM: 'dumb', HTTPS_PROXY: `http://${proxy.host}`, ...credentials };
  const context = recordedContext({ cwd: place.cwd, env, terminal: true, answers });
  const to = ['--target', 'didomi', '--organization-id', ORGANIZATION, '--api-url', TARGET];
  const from = [join(place.cwd, 'events.jsonl'), '--ca-file', join(place.cwd, 'ca.pem')];
  const args = ['import', ...from, ...to, '--json', '--batch-size', '10', '--threads', '0', ...more];
  const runners = { import: async () => runImportCommand, validate: async () => async () => 99 };
  const exitCode = await runProgram(args, context, runners);
  return { exitCode, server, err: context.err(), summary: JSON.parse(context.out()) };
}

const QUESTION =
  /\nThe target had \d+ of 1\d\d events before this ledger ever sent them; whether with the same content is not checked\. Go on\? \[y\/N\] /g;
const WARNING =
  /warning\[known_to_target\]: the target had \d+ of [\d,]+ events before this ledger ever sent them; whether/g;

describe('events that the target had before this ledger ever sent them', () => {
  it('are asked about once at a terminal; with yes the import goes on', async () => {
    const { exitCode, server, err, summary } = await atTerminal(['y', 'y']);
    expect(exitCode).toBe(0);
    expect(err.match(QUESTION)).toHaveLength(1);
    expect(summary.events).toEqual(counts({ read: 3_000, delivered: 2_890, duplicate: 110 }));
    expect(summary.duplicates.target).toBe(110);
    expect(arrived(server)).toHaveLength(3_000);
  });

  it('end the import with 130 if the answer is no', async () => {
    const { exitCode, err, summary } = await atTerminal(['y', 'n']);
    expect(exitCode).toBe(130);
    expect(err.match(QUESTION)).toHaveLength(1);
    expect(err).toMatch(/error\[interrupted\]: stopped, as you answered: the target had \d+ of 1\d\d events before/);
    expect(summary).toMatchObject({ exitCode: 130, reason: 'interrupted' });
    const { delivered, duplicate, undelivered, read } = summary.events;
    expect(delivered + duplicate + undelivered).toBe(read);
    expect(undelivered).toBeGreaterThan(0);
  });

  it('are a warning, said once, where the import was confirmed with --yes', async () => {
    const { exitCode, err } = await atTerminal([], ['--yes']);
    expect(exitCode).toBe(0);
    expect(err.match(WARNING)).toHaveLength(1);
    expect(err).not.toContain('Go on?');
  });

  it('are a warning, said once, without a terminal', async () => {
    const { place, server } = await targetThatHasSome();
    const { exitCode, said } = await place.import(server.url, ['events.jsonl']);
    expect(exitCode).toBe(0);
    expect(said.join('\n').match(WARNING)).toHaveLength(1);
  });
});
