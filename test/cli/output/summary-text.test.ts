import { describe, expect, it } from 'vitest';
import { notReadLine } from '../../../src/cli/output/not-read.js';
import { type SummaryTextFacts, summaryText } from '../../../src/cli/output/summary-text.js';
import type { FileAccount, RejectGroup, Tally } from '../../../src/core/run.js';
import { newFileAccount, newTally } from '../../../src/core/tally.js';

function tallyOf(events: Partial<Tally['events']>): Tally {
  const tally = newTally();
  Object.assign(tally.events, events);
  tally.bytes.read = 3_000_000;
  return tally;
}

function text(tally: Tally, change: Partial<SummaryTextFacts> = {}): string {
  return summaryText({
    command: 'import',
    dryRun: false,
    verdict: { exitCode: 0, reason: 'completed' },
    result: { stop: undefined, complete: true, tally },
    rejectsFile: undefined,
    durationMs: 2_000,
    next: { again: 'consent-import import a.jsonl', repair: undefined, resolve: 'consent-import ledger resolve' },
    ...change,
  });
}

function group(count: number, path: string, message: string, line: number): RejectGroup {
  return { reason: 'schema_violation', path, message, count, first: { file: 'a.jsonl.gz', line } };
}

function file(path: string, change: Partial<FileAccount>): FileAccount {
  return Object.assign(newFileAccount(path, 1000), change);
}

describe('the end of a run, for people', () => {
  it('is short when all went well', () => {
    const tally = tallyOf({ read: 10_010, delivered: 10_000, duplicate: 10 });
    tally.duplicates.ledger = 7;
    tally.duplicates.input = 3;
    tally.requests.sent = 101;
    tally.requests.retried = 1;
    expect(text(tally)).toBe(
      `Done: every event was delivered, now or before.

  read       10,010
  delivered  10,000
  duplicate      10  (7 in the ledger, 3 repeated in the input)
  rejected        0
  2.0 s, 2.9 MiB read, 5,005 events/s, 101 requests, 1 retried
`,
    );
  });

  it('groups rejects, the most frequent first, and says where they are and what to type', () => {
    const tally = tallyOf({ read: 2000, delivered: 795, rejected: 1205 });
    tally.warnings.missing_created_at = 12;
    tally.rejectGroups.push(
      group(1, '', 'must be object', 3),
      group(1204, '/user', 'must have id or organization_user_id', 17),
    );
    const shown = text(tally, {
      verdict: { exitCode: 1, reason: 'rejects' },
      rejectsFile: 'r.rejects.jsonl',
      next: { again: 'again', repair: 'consent-import import r.rejects.jsonl --target didomi', resolve: 'resolve' },
    });
    expect(shown).toBe(
      `Finished, but 1,205 events were rejected.

  read       2,000
  delivered    795
  duplicate      0
  rejected   1,205
  2.0 s, 2.9 MiB read, 1,000 events/s, 0 requests

Rejected:
  1,204 × /user: must have id or organization_user_id, first at a.jsonl.gz:17
  1 × must be object, at a.jsonl.gz:3

Warnings:
  12 × no created_at: the platform dates the event with the day of the import (missing_created_at)

Rejects file: r.rejects.jsonl

Repair the events in the rejects file, then:
  consent-import import r.rejects.jsonl --target didomi
`,
    );
  });

  it('shows ten kinds of rejects, and counts the others', () => {
    const tally = tallyOf({ read: 100, rejected: 100 });
    for (let index = 1; index <= 12; index++) {
      tally.rejectGroups.push(group(index, `/f${index}`, 'is wrong', index));
    }
    const lines = text(tally)
      .split('\n')
      .filter((line) => line.includes(' × '));
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe('  12 × /f12: is wrong, first at a.jsonl.gz:12');
    // 100 rejected, of which 3 + … + 12 = 75 are shown.
    expect(lines[10]).toBe('  25 × other findings');
  });

  it('says first what was not read, then why, then the command to type', () => {
    const tally = tallyOf({ read: 10, delivered: 6, undelivered: 4 });
    tally.files.push(file('a.zip', { state: 'partial', bytesRead: 410 }), file('b', {}), file('c', {}), file('d', {}));
    const lines = text(tally, {
      verdict: { exitCode: 5, reason: 'unavailable' },
      result: { stop: { reason: 'unavailable', message: 'The target is down.' }, complete: false, tally },
    }).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'NOT READ: about 59 % of a.zip and 3 more files',
      'Stopped: The target is down.',
      '',
    ]);
    expect(lines).toContain('  undelivered   4');
    expect(lines.slice(-3)).toEqual(['Once the target answers again:', '  consent-import import a.jsonl', '']);
  });

  it('does not say "stopped" twice', () => {
    const stop = { reason: 'limit', message: 'stopped at --limit: 1 event was delivered' } as const;
    const verdict = { exitCode: 8, reason: 'limit' } as const;
    const shown = text(tallyOf({}), { verdict, result: { stop, complete: true, tally: tallyOf({}) } });
    expect(shown.split('\n')[0]).toBe('Stopped at --limit: 1 event was delivered');
  });

  it('does not say again what stands above it on a terminal', () => {
    const tally = tallyOf({ read: 1, undelivered: 1 });
    tally.files.push(
      file('a.gz', { state: 'partial', bytesRead: 1000, damage: { code: 'cut_off', message: 'a.gz: cut off.' } }),
    );
    const stop = { reason: 'unavailable', message: 'The target is down.' } as const;
    const verdict = { exitCode: 3, reason: 'input' } as const;
    const shown = text(tally, { saidAbove: true, verdict, result: { stop, complete: false, tally } });
    expect(shown.split('\n').slice(0, 2)).toEqual(['NOT READ: the end of a.gz', 'Stopped, as said above.']);
    expect(shown).not.toContain('cut off');
    expect(shown).not.toContain('is down');
  });

  it('tells each damaged input', () => {
    const tally = tallyOf({ read: 1, delivered: 1 });
    tally.files.push(
      file('a.gz', { state: 'partial', bytesRead: 1000, damage: { code: 'cut_off', message: 'a.gz: cut off.' } }),
    );
    const shown = text(tally, {
      verdict: { exitCode: 3, reason: 'input' },
      result: { stop: undefined, complete: false, tally },
    });
    expect(shown).toContain('NOT READ: the end of a.gz\nFinished, but not every input could be read to its end.\n');
    expect(shown).toContain('\nNot read to the end:\n  a.gz: cut off.\n');
  });

  it('calls what validate and --dry-run leave unsent by its name', () => {
    const tally = tallyOf({ read: 3, undelivered: 3 });
    expect(text(tally, { command: 'validate' })).toContain('Done: every event is valid.\n\n  read       3\n');
    expect(text(tally, { command: 'validate' })).toMatch(/^ {2}valid {6}3$/m);
    expect(text(tally, { dryRun: true })).toContain('Dry run: nothing was sent; 3 events would be.');
    expect(text(tally, { dryRun: true })).toMatch(/^ {2}to be sent {2}3$/m);
  });

  it('can not steer the terminal through a file name', () => {
    const tally = tallyOf({ read: 1, rejected: 1 });
    tally.rejectGroups.push({ ...group(1, '', 'x', 1), first: { file: 'a\u001b[2J\r.jsonl', line: 1 } });
    expect(text(tally)).toContain('1 × x, at a\\x1b[2J\\x0d.jsonl:1');
  });
});

describe('what was not read', () => {
  const line = (...files: FileAccount[]): string | undefined => {
    const tally = newTally();
    tally.files.push(...files);
    return notReadLine({ complete: false, tally });
  };

  it('is not told when all was read', () => {
    expect(notReadLine({ complete: true, tally: newTally() })).toBeUndefined();
  });

  it.each([
    [[file('a', { state: 'unread' })], 'NOT READ: all of a'],
    [[file('a', { state: 'complete', bytesRead: 1000 }), file('b', { state: 'unread' })], 'NOT READ: all of b'],
    [[file('a', { state: 'skipped' }), file('b', {}), file('c', {})], 'NOT READ: all of b and 1 more file'],
    [[file('a', { state: 'partial', bytesRead: 999 })], 'NOT READ: the end of a'],
    [[file('a', { state: 'partial', bytesRead: 1000 }), file('b', {})], 'NOT READ: all of b'],
    [
      [file('a', { state: 'partial', bytesRead: 5, bytes: undefined, damage: { code: 'damaged', message: '' } })],
      'NOT READ: the end of a',
    ],
  ])('names the first file and counts the others', (files, expected) => {
    expect(line(...files)).toBe(expected);
  });
});
