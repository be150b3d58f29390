import { pino } from 'pino';
import type { CommandContext } from '../context.js';
import type { LogEvent } from './log-event.js';
import type { Message } from './messages/message.js';
import type { Reporter } from './reporter.js';

/** Members that would hold a secret, were one ever handed over by mistake. */
const SECRET_NAMES = ['key', 'secret', 'token', 'password', 'authorization', 'credentials', 'collectionPointToken'];
const CENSORED = '[redacted]';
/** Shorter ones are words that also occur elsewhere. */
const LEAST_SECRET = 8;

/**
 * Says things on stderr as one JSON object per line: `level`, `time`, `pid`, `host`, `event`, `message`, and the event's
 * own members. There is no progress display.
 * @param secrets texts that must not occur in any line: belt and braces, for no message is made of them
 */
export function createJsonReporter(
  { stderr, now, pid, host }: Pick<CommandContext, 'stderr' | 'now' | 'pid' | 'host'>,
  verbosity: { readonly quiet: boolean; readonly debug: boolean },
  secrets: readonly string[],
): Reporter {
  let held: string[] | undefined = verbosity.quiet ? [] : undefined;
  let atOnce = false;
  const write = (line: string): void => {
    if (held === undefined || atOnce) stderr.write(line);
    else held.push(line);
  };
  const release = (): void => {
    const lines = held ?? [];
    held = undefined;
    for (const line of lines) stderr.write(line);
  };
  const hidden = secrets
    .filter(({ length }) => length >= LEAST_SECRET)
    .map((text) => JSON.stringify(text).slice(1, -1));
  const log = pino(
    {
      level: verbosity.debug ? 'debug' : 'info',
      base: { pid, host },
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: [...SECRET_NAMES, ...SECRET_NAMES.map((name) => `*.${name}`)], censor: CENSORED },
    },
    { write: (line: string) => write(hidden.reduce((text, secret) => text.replaceAll(secret, CENSORED), line)) },
  );
  const members = ({ name, fields }: LogEvent): object => ({ event: name, ...fields });
  const said = ({ code, text }: Message): [object, string] => [{ event: code }, text];
  return {
    error(message) {
      release();
      log.error(...said(message));
    },
    warning: (message) => log.warn(...said(message)),
    info: (text, event = { name: 'note' }) => log.info(members(event), text),
    debug: (text, event = { name: 'note' }) => log.debug(members(event), text),
    event: (event, text) => log.info(members(event), text),
    answer(text, event) {
      atOnce = true;
      log.info(members(event), text);
      atOnce = false;
    },
    status() {},
    finish(exitCode) {
      if (exitCode !== 0) release();
    },
  };
}
