import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { confirm, confirmation } from '../../../src/cli/output/confirmation.js';
import { quietOutput } from '../../../src/cli/output/quiet-output.js';
import { createReporter, wantsColor } from '../../../src/cli/output/reporter.js';
import { recordedContext } from '../recorded-context.js';

const PLAIN = { quiet: false, debug: false, color: false };

describe('messages on stderr', () => {
  it('have a code, and the colours that were asked for', () => {
    const plain = recordedContext();
    createReporter(plain, PLAIN).error({ code: 'bad_value', text: 'It is wrong.' });
    createReporter(plain, PLAIN).warning({ code: 'old', text: 'It is old.' });
    expect(plain.err()).toBe('error[bad_value]: It is wrong.\nwarning[old]: It is old.\n');
    const colored = recordedContext();
    createReporter(colored, { ...PLAIN, color: true }).error({ code: 'x', text: 'y' });
    expect(colored.err()).toBe('\u001b[31merror[x]:\u001b[0m y\n');
  });

  it('can not steer the terminal', () => {
    const context = recordedContext();
    createReporter(context, PLAIN).info('a\u001b]0;title\u0007b\nc');
    expect(context.err()).toBe('a\\x1b]0;title\\x07b\nc\n');
  });

  it('about details are for --debug', () => {
    const context = recordedContext();
    const plain = createReporter(context, PLAIN);
    plain.debug('x');
    plain.finish(0);
    const detailed = createReporter(context, { ...PLAIN, debug: true });
    detailed.debug('y');
    expect(context.err()).toBe('');
    detailed.info('The first line names the destination.');
    detailed.debug('z');
    expect(context.err()).toBe('The first line names the destination.\ndebug: y\ndebug: z\n');
  });
});

describe('--quiet', () => {
  const quiet = { ...PLAIN, quiet: true };

  it('says nothing when all goes well', () => {
    const context = recordedContext({ terminal: true });
    const reporter = createReporter(context, quiet);
    reporter.info('Importing into …');
    reporter.warning({ code: 'w', text: 'hm' });
    reporter.status('50 %');
    reporter.finish(0);
    expect(context.err()).toBe('');
  });

  it('says all that it held back, in order, as soon as something goes wrong', () => {
    const context = recordedContext();
    const reporter = createReporter(context, quiet);
    reporter.info('first');
    reporter.warning({ code: 'w', text: 'second' });
    reporter.error({ code: 'e', text: 'third' });
    reporter.info('fourth');
    expect(context.err()).toBe('first\nwarning[w]: second\nerror[e]: third\nfourth\n');
  });

  it('says it also when only the exit code tells that something went wrong', () => {
    const context = recordedContext();
    const reporter = createReporter(context, quiet);
    reporter.info('first');
    reporter.finish(1);
    expect(context.err()).toBe('first\n');
  });
});

describe('colour', () => {
  it('is for terminals whose users did not decline it', () => {
    const terminal = { isTTY: true };
    expect(wantsColor(terminal, {}, false)).toBe(true);
    expect(wantsColor({ isTTY: false }, {}, false)).toBe(false);
    expect(wantsColor(terminal, {}, true)).toBe(false);
    expect(wantsColor(terminal, { NO_COLOR: '1' }, false)).toBe(false);
    expect(wantsColor(terminal, { NO_COLOR: '' }, false)).toBe(true);
    expect(wantsColor(terminal, { TERM: 'dumb' }, false)).toBe(false);
  });
});

describe('an output whose reader went away', () => {
  it('drops what is written, and never throws', async () => {
    const stream = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
    });
    const output = quietOutput(stream);
    output.write('one');
    await output.flush();
    output.write('two');
    await output.flush();
    expect(stream.errored).not.toBeNull();
  });

  it('is written to as long as it is there', async () => {
    const stream = new PassThrough();
    const output = quietOutput(stream);
    output.write('one ');
    output.write('two');
    await output.flush();
    stream.end();
    expect([await text(stream), output.isTTY, output.columns()]).toEqual(['one two', false, 80]);
  });
});

describe('the confirmation', () => {
  const about = { harmless: false, yes: false, noInput: false };

  it.each([
    [true, about, 'ask'],
    [true, { ...about, yes: true, noInput: true }, 'not_needed'],
    [true, { ...about, noInput: true }, 'missing'],
    [true, { ...about, harmless: true, noInput: true }, 'not_needed'],
    [false, about, 'not_needed'],
  ] as const)('on a terminal (%s) with %j: %s', (terminal, asked, expected) => {
    expect(confirmation(recordedContext({ terminal }), asked)).toBe(expected);
  });

  it.each([
    ['y', true],
    [' YES ', true],
    ['', false],
    ['yep', false],
    [undefined, false],
  ])('takes %j for %s', async (answer, expected) => {
    const context = recordedContext({ terminal: true, answer });
    expect(await confirm(context, 'Go on? ')).toBe(expected);
    expect(context.err().startsWith('Go on? ')).toBe(true);
    expect(context.out()).toBe('');
  });
});
