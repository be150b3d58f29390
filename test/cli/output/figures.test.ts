import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../src/cli/output/command-line.js';
import { bytes, count, counted, duration, percent } from '../../../src/cli/output/figures.js';
import { programName } from '../../../src/cli/process.js';

describe('figures', () => {
  it('group thousands', () => {
    expect([0, 999, 1000, 1_234_567].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect([counted(1, 'event'), counted(2000, 'event'), counted(0, 'entry', 'entries')]).toEqual([
      '1 event',
      '2,000 events',
      '0 entries',
    ]);
  });

  it('round sizes to what can be read at a glance', () => {
    expect([0, 999, 1000, 1024, 15_000, 1_000_000, 5 * 2 ** 30].map(bytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 KiB',
      '1.0 KiB',
      '15 KiB',
      '977 KiB',
      '5.0 GiB',
    ]);
  });

  it('round times', () => {
    expect([0, 420, 9_949, 9_960, 59_400, 59_600, 3_540_000, 3_600_000, 90_000_000].map(duration)).toEqual([
      '0.0 s',
      '0.4 s',
      '9.9 s',
      '10 s',
      '59 s',
      '1 min',
      '59 min',
      '1 h',
      '25 h',
    ]);
  });

  it('say 100 % for all of it only', () => {
    expect([percent(0, 10), percent(9_999, 10_000), percent(10, 10), percent(0, 0), percent(11, 10)]).toEqual([
      0, 99, 100, 100, 100,
    ]);
  });
});

describe('a command to type', () => {
  it('quotes what a shell would take apart', () => {
    expect(commandLine('node bin/consent-import.js', ['import', 'a b.gz', '*.gz', "it's", '{run}', 'x=1', ''])).toBe(
      "node bin/consent-import.js import 'a b.gz' '*.gz' 'it'\\''s' '{run}' 'x=1' ''",
    );
  });

  it('begins with how this program was called', () => {
    expect(programName('/srv/bin/consent-import.js', '/srv')).toBe('node bin/consent-import.js');
    expect(programName('/usr/bin/consent-import', '/srv')).toBe('consent-import');
  });
});
