import type { CommandContext } from '../context.js';
import type { LogEvent } from './log-event.js';
import type { Message } from './messages/message.js';
import { printable } from './printable.js';
import { statusLine } from './status-line.js';

/** How much is said. */
export interface Verbosity {
  /** Nothing, unless something is wrong in the end. */
  readonly quiet: boolean;
  readonly debug: boolean;
  readonly color: boolean;
}

/** Says things on stderr: whole lines, in order, around the progress display. */
export interface Reporter {
  error(message: Message): void;
  warning(message: Message): void;
  /** @param event names it, with its figures, where messages are JSON */
  info(text: string, event?: LogEvent): void;
  /** Said with `--debug` only. */
  debug(text: string, event?: LogEvent): void;
  /** Said where messages are JSON; as text, the summary says it. */
  event(event: LogEvent, text: string): void;
  /** Said at once, also with `--quiet`: somebody asked for it. */
  answer(text: string, event: LogEvent): void;
  /** The progress display's line on a terminal; '' takes it away. Not for `--quiet`. */
  status(text: string): void;
  /**
   * Ends the reporting. With `--quiet`, warnings and information were held back until now: they are said if the exit code
   * is not 0, for then somebody has to find out what happened.
   */
  finish(exitCode: number): void;
}

const RED = 31;
const YELLOW = 33;

export function createReporter({ stderr }: Pick<CommandContext, 'stderr'>, verbosity: Verbosity): Reporter {
  const line = statusLine(stderr);
  let held: string[] | undefined = verbosity.quiet ? [] : undefined;

  /** The first line names the destination, so what `--debug` has to say before it waits. */
  let early: string[] | undefined = [];
  const sayEarly = (): void => {
    const texts = early ?? [];
    early = undefined;
    for (const text of texts) say(text);
  };

  const say = (text: string): void => {
    if (held === undefined) {
      line.print(text);
    } else {
      held.push(text);
    }
  };
  const release = (): void => {
    const texts = held ?? [];
    held = undefined;
    for (const text of texts) {
      line.print(text);
    }
  };
  const label = (word: string, color: number, { code, text }: Message): string => {
    const head = `${word}[${code}]:`;
    return `${verbosity.color ? `\u001b[${color}m${head}\u001b[0m` : head} ${printable(text)}\n`;
  };

  return {
    error(message) {
      release();
      sayEarly();
      say(label('error', RED, message));
    },
    warning: (message) => say(label('warning', YELLOW, message)),
    info(text) {
      say(`${printable(text)}\n`);
      sayEarly();
    },
    debug(text) {
      if (verbosity.debug) {
        const line = `debug: ${printable(text)}\n`;
        if (early === undefined) say(line);
        else early.push(line);
      }
    },
    event() {},
    answer: (text) => line.print(`${printable(text)}\n`),
    status(text) {
      if (!verbosity.quiet) {
        line.show(printable(text));
      }
    },
    finish(exitCode) {
      line.show('');
      sayEarly();
      if (exitCode !== 0) {
        release();
      }
    },
  };
}

/** Colour is for terminals that can show it, and for users who did not decline it (https://no-color.org). */
export function wantsColor(output: { readonly isTTY: boolean }, env: CommandContext['env'], noColor: boolean): boolean {
  return output.isTTY && !noColor && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}
