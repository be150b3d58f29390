import { describe, expect, it } from 'vitest';
import { progressStyle, showProgress } from '../../../src/cli/output/progress.js';
import { type Pace, progressBar, progressLine } from '../../../src/cli/output/progress-text.js';
import { createReporter } from '../../../src/cli/output/reporter.js';
import { statusLine } from '../../../src/cli/output/status-line.js';
import type { Progress } from '../../../src/core/run.js';
import { newTally } from '../../../src/core/tally.js';
import { recordedContext } from '../recorded-context.js';

function progress(change: Partial<Progress> = {}, delivered = 123_456, rejected = 12): Progress {
  const tally = newTally();
  Object.assign(tally.events, { read: delivered + rejected, delivered, rejected });
  tally.bytes.read = 450_000;
  return {
    phase: 'importing',
    tally,
    bytesTotal: 1_000_000,
    bytesChecked: 0,
    inFlight: 7,
    concurrency: 8,
    waiting: undefined,
    ...change,
  };
}

const PACE: Pace = { eventsPerSecond: 31_250, bytesPerSecond: 10_000, nowMonotonic: 5_000 };

describe('the progress bar', () => {
  it('tells how far, how fast, how long, and what became of the events', () => {
    expect(progressBar(progress(), PACE, 130)).toBe(
      '[==========            ]  45 %  439 KiB of 977 KiB  31,250/s  123,456 delivered  12 rejected  7/8 in flight  55 s left',
    );
  });

  it('leaves out what matters least on narrow terminals, and never gets too long', () => {
    expect(progressBar(progress(), PACE, 80)).toBe(
      '[=========          ]  45 %  31,250/s  123,456 delivered  12 rejected  55 s left',
    );
    expect(progressBar(progress(), PACE, 40)).toBe('45 %  123,456 delivered  12 rejected');
    expect(progressBar(progress(), PACE, 10)).toBe('45 %');
    for (const columns of [37, 57]) {
      const waiting = { for: 'target', untilMonotonic: 3_905_000 } as const;
      expect(progressBar(progress({ waiting }), PACE, columns)).toContain('target asked, 1 h 5 min');
    }
    for (let columns = 0; columns < 200; columns++) {
      expect(progressBar(progress({ waiting: { for: 'outage' } }), PACE, columns).length).toBeLessThanOrEqual(columns);
    }
  });

  it.each([
    [{ for: 'rate_limit', untilMonotonic: 17_000 }, 'waiting: rate limit, 12 s'],
    [{ for: 'retry', untilMonotonic: 5_100 }, 'waiting: next attempt'],
    [{ for: 'outage' }, 'waiting: target is down'],
    [{ for: 'target', untilMonotonic: 3_905_000 }, 'waiting: target asked for it, 1 h 5 min'],
  ] as const)('names what it waits for instead of the time left', (waiting, expected) => {
    const bar = progressBar(progress({ waiting }), PACE, 150);
    expect(bar.endsWith(`  ${expected}`)).toBe(true);
    expect(bar).not.toContain(' left');
  });

  it('is no further than what has its outcome: what was read and waits is not done', () => {
    const waiting = progress();
    waiting.tally.events.read = 4 * (123_456 + 12);
    expect(progressBar(waiting, PACE, 60)).toContain('11 %');
    expect(progressBar(progress({}, 0, 0), PACE, 60)).toContain('45 %');
  });

  it('shows the check of the inputs as such', () => {
    const checking = progress({ phase: 'checking', bytesChecked: 100_000 });
    expect(progressBar(checking, PACE, 80)).toBe(
      '[==                    ]  10 %  checking  98 KiB of 977 KiB  1 min 30 s left',
    );
  });

  it('shows amounts without a bar where the whole is not known', () => {
    expect(progressBar(progress({ bytesTotal: undefined }), PACE, 100)).toBe(
      '439 KiB  31,250/s  123,456 delivered  12 rejected  7/8 in flight',
    );
  });

  it('says that it stops while it finishes what is in flight', () => {
    expect(progressBar(progress({ phase: 'draining' }), PACE, 100)).toContain('stopping');
  });
});

describe('a progress line', () => {
  it('says the same in plain words', () => {
    expect(progressLine(progress(), PACE)).toBe(
      'importing: 45 %, 439 KiB of 977 KiB, 31,250/s, 123,456 delivered, 12 rejected, 7/8 in flight, 55 s left',
    );
  });
});

describe('the progress display', () => {
  const quiet = { quiet: false, noProgress: false };

  it('is a bar on a terminal, lines elsewhere, and nothing where it is not wanted', () => {
    const terminal = recordedContext({ terminal: true });
    expect(progressStyle(terminal, quiet)).toBe('bar');
    expect(progressStyle(recordedContext({ terminal: true, env: { TERM: 'dumb' } }), quiet)).toBe('lines');
    expect(progressStyle(recordedContext(), quiet)).toBe('lines');
    expect(progressStyle(terminal, { ...quiet, quiet: true })).toBe('none');
    expect(progressStyle(terminal, { ...quiet, noProgress: true })).toBe('none');
  });

  it('writes a line every ten seconds, with the pace of the last seconds', () => {
    const context = recordedContext();
    let delivered = 0;
    const reporter = createReporter(context, { quiet: false, debug: false, color: false });
    const end = showProgress('lines', () => progress({ bytesTotal: undefined }, delivered, 0), reporter, context);
    context.pass(9_999);
    expect(context.err()).toBe('');
    delivered = 100;
    context.pass(1);
    delivered = 20_100;
    context.pass(10_000);
    context.pass(10_000);
    end();
    context.pass(60_000);
    expect(context.err()).toBe(
      'importing: 439 KiB, 0/s, 100 delivered, 7/8 in flight\n' +
        'importing: 439 KiB, 2,000/s, 20,100 delivered, 7/8 in flight\n' +
        'importing: 439 KiB, 0/s, 20,100 delivered, 7/8 in flight\n',
    );
  });

  it('redraws one line of a terminal, keeps messages above it, and takes it away at the end', () => {
    const context = recordedContext({ terminal: true, columns: 30 });
    const reporter = createReporter(context, { quiet: false, debug: false, color: false });
    const end = showProgress('bar', () => progress({}, 5, 0), reporter, context);
    context.pass(100);
    reporter.info('hello');
    end();
    const clear = '\r\u001b[2K';
    expect(context.err()).toBe(`${clear}45 %  0/s  5 delivered${clear}hello\n45 %  0/s  5 delivered${clear}`);
  });

  it('takes away all lines into which a terminal broke it that was made narrower', () => {
    let columns = 80;
    const context = recordedContext({ terminal: true });
    const stderr = { ...context.stderr, columns: () => columns, write: (text: string) => context.stderr.write(text) };
    const line = statusLine(stderr);
    line.show('x'.repeat(70));
    columns = 30;
    line.print('hello\n');
    line.show('y');
    const clear = '\r\u001b[2K';
    const up = `\u001b[A${clear}`;
    expect(context.err()).toBe(`${clear}${'x'.repeat(70)}${clear}${up}${up}hello\n${'x'.repeat(27)}${clear}y`);
  });

  it('leaves room for the ^C that a terminal shows', () => {
    const context = recordedContext({ terminal: true, columns: 20 });
    statusLine(context.stderr).show('z'.repeat(40));
    expect(context.err()).toBe(`\r\u001b[2K${'z'.repeat(17)}`);
  });
});
