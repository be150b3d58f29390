import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { events } from './events.js';
import { arrived, counts, Place, sandbox } from './harness.js';

/** Lines that compress badly, so that a damaged byte hits what they say. */
const LINES = events(600).map((line, i) =>
  line.replace('}]}}', `}]},"metadata":{"n":"${((i * 2654435761) >>> 0).toString(36)}"}}`),
);
const text = (from: number, to: number): string =>
  LINES.slice(from, to)
    .map((line) => `${line}\n`)
    .join('');

describe('a gzip file that is cut off', () => {
  it('is imported up to the last whole line before the cut: exit 3, and the good file sends the rest only', async () => {
    const place = new Place();
    const server = await sandbox();
    const whole = gzipSync(text(0, 600));
    place.write('events.jsonl.gz', whole.subarray(0, whole.length / 2));

    const cut = await place.import(server.url, ['events.jsonl.gz']);

    const { delivered } = cut.summary.events;
    expect(delivered).toBeGreaterThan(50);
    expect(delivered).toBeLessThan(600);
    expect(cut.said).toEqual([
      `error[input_cut_off]: events.jsonl.gz is cut off after line ${delivered}: the rest of it is missing. Get the file again and run the same command; what was delivered is not sent twice.`,
    ]);
    expect(cut.exitCode).toBe(3);
    expect(cut.summary).toMatchObject({
      reason: 'input',
      events: counts({ read: delivered, delivered }),
      files: [{ state: 'unreadable', delivered }],
      rejectsFile: null,
    });
    expect(arrived(server).sort()).toEqual(LINES.slice(0, delivered));

    place.write('events.jsonl.gz', whole);
    const again = await place.import(server.url, ['events.jsonl.gz']);

    expect(again.exitCode).toBe(0);
    expect(again.summary.events).toEqual(counts({ read: 600, delivered: 600 - delivered, duplicate: delivered }));
    expect(server.stats().events).toMatchObject({ accepted: 600, resent: 0 });
  });
});

describe('a gzip file with a damaged member', () => {
  it('sends nothing of that member, and the intact members before it: exit 3', async () => {
    const place = new Place();
    const server = await sandbox();
    const bad = gzipSync(text(200, 400));
    const trailer = bad.length - 8;
    bad[trailer] = bad[trailer]! ^ 1;
    place.write('events.jsonl.gz', Buffer.concat([gzipSync(text(0, 200)), bad, gzipSync(text(400, 600))]));

    const run = await place.import(server.url, ['events.jsonl.gz']);

    expect(run.said).toEqual([
      'error[input_damaged]: events.jsonl.gz is damaged after line 200: the checksum of gzip member 2 is wrong. Get the file again and run the same command; what was delivered is not sent twice.',
    ]);
    expect(run.exitCode).toBe(3);
    expect(run.summary).toMatchObject({
      reason: 'input',
      events: counts({ read: 200, delivered: 200 }),
      files: [{ state: 'unreadable' }],
    });
    expect(arrived(server).sort()).toEqual(LINES.slice(0, 200));
  });

  it('sends nothing at all where it is the only one, whichever byte is flipped', async () => {
    const place = new Place();
    const server = await sandbox();
    const whole = gzipSync(text(0, 600));
    const names = Array.from({ length: 40 }, (_, i) => {
      const copy = Buffer.from(whole);
      // Behind the header, before the size; spread over the whole member.
      const at = 12 + Math.floor(((whole.length - 20) * i) / 40);
      copy[at] = copy[at]! ^ (1 << (i % 8));
      return place.write(`flipped-${i}.jsonl.gz`, copy);
    });

    const run = await place.import(server.url, names);

    expect(run.exitCode).toBe(3);
    expect(run.summary.files.filter(({ state }) => state === 'unreadable')).toHaveLength(40);
    expect(run.summary.events).toEqual(counts({}));
    expect(server.stats().requests.total).toBe(0);
  });

  it('names the lines that left unchecked where it was read only once', async () => {
    const place = new Place();
    const server = await sandbox();
    const bad = gzipSync(text(200, 400));
    const trailer = bad.length - 8;
    bad[trailer] = bad[trailer]! ^ 1;
    const bytes = Buffer.concat([gzipSync(text(0, 200)), bad]);
    place.write('events.jsonl.gz', bytes);
    const message = (name: string): string =>
      `error[input_damaged]: ${name} is damaged after line 200: the checksum of gzip member 2 is wrong. Get the file again and run the same command; what was delivered is not sent twice. Lines 201 to 400 left unchecked, for the input was not checked before it was read: compare with the good file.`;

    const piped = await place.import(server.url, ['-'], { input: bytes });
    const unchecked = await place.import(server.url, ['events.jsonl.gz', '--skip-input-check']);

    expect(piped.said).toEqual([message('standard input')]);
    expect(piped.exitCode).toBe(3);
    expect(piped.summary.events).toEqual(counts({ read: 400, delivered: 400 }));
    expect(unchecked.said).toEqual([message('events.jsonl.gz')]);
    expect(unchecked.exitCode).toBe(3);
    expect(unchecked.summary.events).toEqual(counts({ read: 400, duplicate: 400 }));
  });
});

describe('a gzip file with garbage behind it', () => {
  it('is imported up to the garbage: exit 3', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('events.jsonl.gz', Buffer.concat([gzipSync(text(0, 600)), Buffer.from('garbage')]));

    const run = await place.import(server.url, ['events.jsonl.gz']);

    expect(run.said).toEqual([
      'error[input_trailing_garbage]: events.jsonl.gz goes on after line 600 with bytes that are not gzip. Get the file again and run the same command; what was delivered is not sent twice.',
    ]);
    expect(run.exitCode).toBe(3);
    expect(run.summary.events).toEqual(counts({ read: 600, delivered: 600 }));
    expect(arrived(server).sort()).toEqual(LINES);
  });
});
