import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/sandbox.js';
import { event, oddEvents } from '../events.js';
import { arrived, Place, type Running, type RunOptions } from '../harness.js';
import type { Threads } from './extent.js';

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
/** With so much white space behind each record, which is not sent, a file is more slabs than one. */
const LINE_BYTES = 8_000;
/** Records of the first file that are no events, by their line. */
const BAD: ReadonlyMap<number, string> = new Map([
  [4, '{"id":"no-user"}'],
  [61, 'no json'],
  [118, '{}'],
]);

/** One import of two files, one with rejects, that is disturbed and then run again until it is done. */
export class Job {
  readonly place = new Place();
  readonly good: readonly string[];
  readonly #server: Sandbox;
  readonly #url: string;
  readonly #threads: Threads;
  /** Which points its disturbed runs passed. */
  readonly #log: string;
  /** Keeps the outputs of its runs apart. */
  #runs = 0;

  /** @param url what to import into, if it is not the server itself */
  constructor(server: Sandbox, threads: Threads, url = server.url) {
    this.#server = server;
    this.#threads = threads;
    this.#url = url;
    this.#log = join(this.place.folder, 'points');
    writeFileSync(this.#log, '');
    const first = oddEvents(120, 40);
    const second = Array.from({ length: 60 }, (_, i) => event(1_000 + i));
    this.good = [...first, ...second];
    const lines = [...first];
    for (const [line, bad] of BAD) lines.splice(line - 1, 0, bad);
    const wide = (line: string): string => line.padEnd(LINE_BYTES);
    this.place.write('first.jsonl', lines.map(wide));
    this.place.write('second.jsonl', second.map(wide));
  }

  /** Starts a run that will be killed, or whose disk fails. */
  start(point?: CrashPoint): Running {
    const at = point === undefined ? {} : { CRASH_POINT: JSON.stringify(point) };
    return this.#start({ program: ENTRY, env: { CRASH_LOG: this.#log, ...at } });
  }

  /** The points that an undisturbed run passes, each with how often it does. */
  async points(): Promise<ReadonlyMap<string, number>> {
    await this.start().ended;
    const counts = new Map<string, number>();
    for (const { point } of this.#passed()) counts.set(point, (counts.get(point) ?? 0) + 1);
    return counts;
  }

  /**
   * Runs the same command again, undisturbed, and checks that it finishes the job: nothing is missing, altered or out of
   * order, nothing is sent again that was written, every reject is named again, and then the ledger knows it all.
   * @param knows look whether the ledger knows it all
   */
  async finish(message: string, knows = true): Promise<void> {
    await this.#quiet();
    const before = this.#server.stats().events;
    const written = this.#passed()
      .filter(({ point }) => /^after (write|sync)/.test(point))
      .reduce((sum, { ids }) => sum + ids, 0);
    const run = await this.#start().ended;
    const { events, order } = this.#server.stats();

    expect({ message, exitCode: run.exitCode, said: run.said }).toEqual({ message, exitCode: 1, said: [] });
    expect(run.summary.settings, message).toMatchObject({ threads: this.#threads });
    expect(run.summary.events, message).toMatchObject({ read: 183, rejected: 3, inDoubt: 0, undelivered: 0 });
    const named = this.place.rejectsIn(`rejects-${this.#runs}.jsonl`).map(({ rejected }) => rejected.line);
    expect(named, message).toEqual([...BAD.keys()]);
    expect(events, message).toMatchObject({ accepted: this.good.length, resentAltered: 0, refused: 0 });
    expect(arrived(this.#server).sort(), message).toEqual([...this.good].sort());
    expect(order, message).toMatchObject({ overtaken: 0, inOneRequest: 0, olderAfterNewer: 0 });
    // What a kill may cost: what was in flight, or acknowledged and not written yet.
    expect(run.summary.duplicates.ledger, message).toBeGreaterThanOrEqual(written);
    expect(events.resent - before.resent, message).toBeLessThanOrEqual(before.accepted - written);

    if (!knows) return;
    const nothing = await this.#start().ended;
    expect([nothing.exitCode, nothing.summary.bytes.sent], message).toEqual([1, 0]);
    expect(this.#server.stats().events, message).toEqual(events);
    expect(
      nothing.summary.files.map(({ state }) => state),
      message,
    ).toEqual(['partial', 'skipped']);
  }

  #start(options: RunOptions = {}): Running {
    this.#runs += 1;
    const inputs = ['first.jsonl', 'second.jsonl', '--rejects', `rejects-${this.#runs}.jsonl`];
    const pace = [
      '--batch-size',
      String(BATCH),
      '--concurrency',
      String(CONCURRENCY),
      '--max-events-per-day',
      '100000',
      '--threads',
      String(this.#threads),
    ];
    return this.place.startImport(this.#url, [...inputs, ...pace], options);
  }

  #passed(): { readonly point: string; readonly ids: number }[] {
    const lines = readFileSync(this.#log, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => {
      const [, point, ids] = /^(.*) (\d+)$/.exec(line)!;
      return { point: point!, ids: Number(ids) };
    });
  }

  /** What the killed process had handed to the system may still arrive. */
  async #quiet(): Promise<void> {
    const look = (): number => this.#server.stats().requests.total - this.#server.stats().requests.inFlight / 2;
    for (let last = -1, same = 0; same < 3; last = look()) {
      same = look() === last && Number.isInteger(last) ? same + 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }
}
