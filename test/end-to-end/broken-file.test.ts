import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type BrokenLine, brokenLines, MAX_LINE_BYTES } from './broken-lines.js';
import { event, oddEvents } from './events.js';
import { arrived, counts, Place, type Reject, sandbox } from './harness.js';

const LIMITS = ['--max-line-bytes', `${MAX_LINE_BYTES}B`];
const GOOD = 10_000;

describe('a file in which one line of a hundred is broken', () => {
  it('is imported but for these lines, which stand in the rejects file and can be repaired and imported', async () => {
    const place = new Place();
    const server = await sandbox();
    const { lines, broken, good } = brokenFile();
    const bytes = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
    const input = place.write('broken.jsonl.gz', gzipSync(bytes));

    const first = await place.import(server.url, [input, ...LIMITS, '--rejects', 'first.rejects.jsonl']);

    expect(first.exitCode).toBe(1);
    expect(first.said).toEqual([]);
    const reasons: Record<string, number> = {};
    for (const { reason } of broken.values()) reasons[reason] = (reasons[reason] ?? 0) + 1;
    expect(first.summary).toMatchObject({
      reason: 'rejects',
      complete: true,
      events: counts({ read: lines.length, delivered: GOOD, rejected: broken.size }),
      rejectedByReason: reasons,
      files: [{ path: input, state: 'partial', read: lines.length, delivered: GOOD, rejected: broken.size }],
      rejectsFile: join(place.cwd, 'first.rejects.jsonl'),
    });
    expect(new Set(arrived(server))).toEqual(new Set(good));
    expect(statSync(join(place.cwd, 'first.rejects.jsonl')).mode & 0o777).toBe(0o600);

    const rejects = place.rejectsIn('first.rejects.jsonl');
    expect(rejects).toHaveLength(broken.size);
    for (const reject of rejects) {
      const { file, line, reason } = reject.rejected;
      const cause = broken.get(line);
      expect({ file, line, reason }).toEqual({ file: input, line, reason: cause?.reason });
      expect(keptOf(reject, place.read('first.rejects.jsonl'))).toEqual(originalOf(cause!));
    }

    const unrepaired = await place.import(server.url, ['first.rejects.jsonl', ...LIMITS, '--max-rejects', 'none']);

    expect(unrepaired.exitCode).toBe(1);
    expect(unrepaired.summary.events).toEqual(counts({ read: broken.size, rejected: broken.size }));
    expect(placesOf(place.rejects())).toEqual(placesOf(rejects));

    const repaired = place
      .read('first.rejects.jsonl')
      .split('\n')
      .slice(0, -1)
      .map((line) => repair(line, broken));
    place.write('first.rejects.jsonl', repaired);
    const second = await place.import(server.url, ['first.rejects.jsonl']);

    expect(second.said).toEqual([
      'warning[rejects_arrive_late]: first.rejects.jsonl is a rejects file: its events now arrive after later ones of the same people.',
    ]);
    expect(second.exitCode).toBe(0);
    expect(second.summary.events).toEqual(counts({ read: broken.size, delivered: broken.size }));
    expect(new Set(arrived(server).slice(GOOD))).toEqual(new Set([...broken.values()].map((line) => line.repaired)));
  });

  it('repaired in itself, sends only what was missing', async () => {
    const place = new Place();
    const server = await sandbox();
    const broken = brokenLines(1);
    const allBroken = broken.flatMap(({ line }) => [Buffer.from(line), Buffer.from('\n')]);
    const good = Array.from({ length: broken.length }, (_, i) => event(1000 + i));
    const goodBytes = Buffer.from(`${good.join('\n')}\n`);
    const input = place.write('events.jsonl', Buffer.concat([goodBytes, ...allBroken]));
    const first = await place.import(server.url, [input, ...LIMITS]);
    expect(first.summary.events).toEqual(
      counts({ read: 2 * broken.length, delivered: broken.length, rejected: broken.length }),
    );

    place.write('events.jsonl', [...good, ...broken.map(({ repaired }) => repaired)]);
    const second = await place.import(server.url, [input, ...LIMITS]);

    expect(second.exitCode).toBe(0);
    expect(second.summary.events).toEqual(
      counts({ read: 2 * broken.length, delivered: broken.length, duplicate: broken.length }),
    );
    expect(server.stats().events).toMatchObject({ accepted: 2 * broken.length, resent: 0 });
  });
});

/** Good lines, and after every hundredth a broken one, of all kinds in turn. */
function brokenFile(): { lines: (string | Buffer)[]; broken: Map<number, BrokenLine>; good: string[] } {
  const good = oddEvents(GOOD, 3_000);
  const broken = new Map<number, BrokenLine>();
  const lines: (string | Buffer)[] = [];
  let waiting: BrokenLine[] = [];
  for (const line of good) {
    lines.push(line);
    if (lines.length % 101 !== 100) continue;
    if (waiting.length === 0) waiting = brokenLines(1_000_000 + lines.length);
    const next = waiting.shift()!;
    lines.push(next.line);
    broken.set(lines.length, next);
  }
  expect(broken.size).toBe(100);
  return { lines, broken, good };
}

/** What the rejects file holds of a record, and what it should hold. An event is looked for byte for byte. */
function keptOf(reject: Reject, file: string): unknown {
  const { rejected, event: kept, ...rest } = reject;
  if (kept === undefined) return rest;
  const line = file.split('\n').find((text) => text.includes(`"line":${rejected.line},`)) ?? '';
  return { event: line.slice(line.indexOf('},"event":') + '},"event":'.length, -1) };
}

function originalOf({ reason, line }: BrokenLine): unknown {
  const bytes = Buffer.from(line);
  switch (reason) {
    case 'line_too_long':
      return {
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        rawBase64: bytes.subarray(0, 1024).toString('base64'),
      };
    case 'invalid_utf8':
      return { rawBase64: bytes.toString('base64') };
    case 'invalid_json':
      return { raw: String(line) };
    default:
      return { event: String(line) };
  }
}

function placesOf(rejects: readonly Reject[]): unknown[] {
  return rejects.map(({ rejected: { file, line, reason } }) => ({ file, line, reason }));
}

/** As a person would do it: what was kept of the record is replaced by a good event, the rest of the line stays. */
function repair(line: string, broken: ReadonlyMap<number, BrokenLine>): string {
  const head = /^\{"rejected":\{"file":"[^"]*","line":(\d+)/.exec(line);
  const kept = /\]\},"(?:event|raw|rawBase64|bytes)":/.exec(line);
  return `${line.slice(0, kept!.index)}]},"event":${broken.get(Number(head![1]))!.repaired}}`;
}
