import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/sandbox.js';
import { event, oddEvents } from '../events.js';
import { arrived, type Ended, Place, type Running, type RunOptions } from '../harness.js';

const ENTRY = fileURLToPath(new URL('entry.js', import.meta.url));

/** Where the program ends, or its disk fails. */
export interface CrashPoint {
  readonly when: 'before' | 'after';
  readonly kind: 'write' | 'sync' | 'mark' | 'file';
  /** The first letters of the keys written; for a file its name. */
  readonly holds: string;
  /** From 1. */
  readonly nth: number;
  readonly act: 'kill' | 'ENOSPC' | 'EIO';
}

const BATCH = 5;
const CONCURRENCY = 3;
/** Records of the first file that are no events, by their line. */
const BAD: ReadonlyMap<number, string> = new Map([
  [4, '{"id":"no-user"}'],
  [61, 'no json'],
  [118, '{}'],
]);

/** The most that a kill may cause to be sent again: what is in flight, and what was acknowledged while a write was on. */
export const MOST_RESENT = 2 * BATCH * CONCURRENCY;

/** One import of two files, one with rejects, that is disturbed and then run again until it is done. */
export class Job {
  readonly place = new Place();
  readonly good: readonly string[];
  readonly #server: Sandbox;
  readonly #url: string;
  /** Keeps the outputs of its runs apart. */
  #runs = 0;

  /** @param url what to import into, if it is not the server itself */
  constructor(server: Sandbox, url = server.url) {
    this.#server = server;
    this.#url = url;
    const first = oddEvents(120, 40);
    const second = Array.from({ length: 60 }, (_, i) => event(1_000 + i));
    this.good = [...first, ...second];
    const lines = [...first];
    for (const [line, bad] of BAD) lines.splice(line - 1, 0, bad);
    this.place.write('first.jsonl', lines);
    this.place.write('second.jsonl', second);
  }

  /** The arguments, to be given to the program itself or to the one that crashes. */
  start(args: readonly string[] = [], options: RunOptions = {}): Running {
    this.#runs += 1;
    const all = ['first.jsonl', 'second.jsonl', '--batch-size', String(BATCH), '--concurrency', String(CONCURRENCY)];
    const rejects = args.includes('--rejects') ? [] : ['--rejects', `rejects-${this.#runs}.jsonl`];
    return this.place.startImport(this.#url, [...all, ...rejects, '--max-events-per-day', '100000', ...args], options);
  }

  crash(point: CrashPoint, args?: readonly string[]): Promise<Ended> {
    return this.start(args, { program: ENTRY, env: { CRASH_POINT: JSON.stringify(point) } }).ended;
  }

  /** The points that an undisturbed run passes, each with how often it does. */
  async points(): Promise<ReadonlyMap<string, number>> {
    const log = join(mkdtempSync(join(this.place.folder, 'log-')), 'points');
    await this.start([], { program: ENTRY, env: { CRASH_LOG: log } }).ended;
    const counts = new Map<string, number>();
    for (const line of readFileSync(log, 'utf8').split('\n').slice(0, -1))
      counts.set(line, (counts.get(line) ?? 0) + 1);
    return counts;
  }

  /**
   * Runs the same command again, undisturbed, and checks that it finishes the job: nothing is missing, altered or out of
   * order, every reject is named again, and then the ledger knows it all.
   * @param crashes how often it was disturbed before
   */
  async finish(message: string, crashes = 1): Promise<void> {
    const before = this.#server.stats().events;
    const run = await this.start().ended;
    const { events, order } = this.#server.stats();

    expect({ message, exitCode: run.exitCode, said: run.said }).toEqual({ message, exitCode: 1, said: [] });
    expect(run.summary.events, message).toMatchObject({ read: 183, rejected: 3, inDoubt: 0, undelivered: 0 });
    const named = this.place.rejectsIn(`rejects-${this.#runs}.jsonl`).map(({ rejected }) => rejected.line);
    expect(named, message).toEqual([...BAD.keys()]);
    expect(events, message).toMatchObject({ accepted: this.good.length, resentAltered: 0, refused: 0 });
    expect(arrived(this.#server).sort(), message).toEqual([...this.good].sort());
    expect(order, message).toMatchObject({ overtaken: 0, inOneRequest: 0, olderAfterNewer: 0 });
    expect(events.resent - before.resent, message).toBeLessThanOrEqual(MOST_RESENT);
    expect(events.resent, message).toBeLessThanOrEqual(MOST_RESENT * crashes);
    // What is not sent again is what the ledger held.
    const { delivered, duplicate } = run.summary.events;
    expect(delivered + duplicate, message).toBe(this.good.length);
    expect(events.resent - before.resent, message).toBe(before.accepted - duplicate);

    const nothing = await this.start().ended;
    expect([nothing.exitCode, nothing.summary.requests.sent], message).toEqual([1, 0]);
    expect(
      nothing.summary.files.map(({ state }) => state),
      message,
    ).toEqual(['partial', 'skipped']);
  }
}
