import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { events } from './events.js';
import { counts, type Ended, ORGANIZATION, Place, sandbox } from './harness.js';

async function checked(place: Place, ...more: readonly string[]): Promise<Ended> {
  const args = ['validate', '--target', 'didomi', '--organization-id', ORGANIZATION, '--summary-file', 'checked.json'];
  return place.run([...args, ...more]);
}

function twoFiles(): Place {
  const place = new Place();
  place.write('a.jsonl.gz', gzipSync(`${events(2).join('\n')}\n`));
  place.write('b.jsonl', events(2, 3));
  return place;
}

const WHAT_NEXT = 'nothing was sent.';

describe('--expect', () => {
  it('imports what validate checked, under other names too', async () => {
    const server = await sandbox();
    const place = twoFiles();
    expect((await checked(place, 'a.jsonl.gz', 'b.jsonl')).exitCode).toBe(0);
    place.write('folder/1.gz', gzipSync(`${events(2).join('\n')}\n`));
    const ended = await place.import(server.url, ['--expect', 'checked.json', 'folder/1.gz', 'b.jsonl']);
    expect(ended).toMatchObject({ exitCode: 0, said: [] });
    expect(ended.summary.events).toEqual(counts({ read: 4, delivered: 4 }));
  });

  it('imports what --dry-run checked, also when a part of it was complete already', async () => {
    const server = await sandbox();
    const place = twoFiles();
    expect((await place.import(server.url, ['a.jsonl.gz'])).exitCode).toBe(0);
    const dry = ['--dry-run', '--summary-file', 'checked.json', 'a.jsonl.gz', 'b.jsonl'];
    expect((await place.import(server.url, dry)).exitCode).toBe(0);
    const ended = await place.import(server.url, ['--expect', 'checked.json', 'a.jsonl.gz', 'b.jsonl']);
    expect(ended).toMatchObject({ exitCode: 0, said: [] });
    expect(ended.summary.events).toEqual(counts({ read: 4, delivered: 2, duplicate: 2 }));
  });

  it.each<[string, (place: Place) => readonly string[], string]>([
    [
      'a file that changed',
      (place) => [place.write('a.jsonl.gz', gzipSync(`${events(3).join('\n')}\n`)), 'b.jsonl'],
      `a.jsonl.gz is not what was checked there: it has changed since. Check again what is to be imported; ${WHAT_NEXT}`,
    ],
    [
      'files in another order',
      () => ['b.jsonl', 'a.jsonl.gz'],
      `b.jsonl is not what was checked there: what was checked in its place is a.jsonl.gz. Check again what is to be imported; ${WHAT_NEXT}`,
    ],
    [
      'another number of files',
      () => ['a.jsonl.gz'],
      `2 inputs were checked there, and this import has 1. Check again what is to be imported; ${WHAT_NEXT}`,
    ],
    [
      'another organization',
      () => ['a.jsonl.gz', 'b.jsonl', '--organization-id', 'other'],
      `what was checked there is for the organization ${ORGANIZATION}, and this import is for other. Check again with the settings of the import; ${WHAT_NEXT}`,
    ],
  ])('refuses %s with exit 2, before anything is sent', async (_, args, said) => {
    const server = await sandbox();
    const place = twoFiles();
    await checked(place, 'a.jsonl.gz', 'b.jsonl');
    const ended = await place.import(server.url, ['--expect', 'checked.json', ...args(place)]);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr.replaceAll(`${place.cwd}/`, '')).toMatch(/^error\[\w+\]: --expect checked\.json: /);
    expect(ended.stderr.replaceAll(`${place.cwd}/`, '').replace(/^.*?: .*?: /, '')).toBe(`${said}\n`);
    expect(server.events()).toEqual([]);
    expect(server.stats().requests.total).toBe(0);
  });

  it('refuses the plan for another address', async () => {
    const [one, other] = [await sandbox(), await sandbox()];
    const place = twoFiles();
    await place.import(one.url, ['--dry-run', '--summary-file', 'checked.json', 'b.jsonl']);
    const ended = await place.import(other.url, ['--expect', 'checked.json', 'b.jsonl']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain(`is for the address ${one.url}, and this import is for ${other.url}.`);
  });

  it('refuses what is no such summary, and inputs that can be read only once', async () => {
    const server = await sandbox();
    const place = twoFiles();
    await place.import(server.url, ['--summary-file', 'import.json', 'b.jsonl']);
    await checked(place, 'b.jsonl');
    for (const [file, input, code] of [
      ['missing.json', 'b.jsonl', 'expect_unreadable'],
      ['b.jsonl', 'a.jsonl.gz', 'expect_is_no_check'],
      ['import.json', 'b.jsonl', 'expect_is_no_check'],
      ['checked.json', '-', 'cant_compare'],
    ] as const) {
      const ended = await place.import(server.url, ['--expect', file, input]);
      expect(ended.exitCode).toBe(2);
      expect(ended.stderr).toMatch(new RegExp(`^error\\[${code}\\]: `));
    }
  });

  it('refuses the summary of a check that did not come to the end', async () => {
    const server = await sandbox();
    const place = twoFiles();
    place.write('a.jsonl.gz', gzipSync(`${events(200).join('\n')}\n`).subarray(0, 300));
    await checked(place, 'a.jsonl.gz', 'b.jsonl');
    const ended = await place.import(server.url, ['--expect', 'checked.json', 'a.jsonl.gz', 'b.jsonl']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toMatch(/^error\[(?:expect_is_incomplete)\]: /);
  });
});
