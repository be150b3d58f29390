/**
 * What a line of `--log-format json` is about: a public format, listed in README. Errors and warnings have their message's
 * code in its place.
 */
export interface LogEvent {
  readonly name: LogEventName;
  /** Figures and names, never content. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** The events besides errors and warnings, each with what it tells. */
export const LOG_EVENTS = {
  run_started: 'which destination, and which ledger',
  note: 'anything else worth saying, in `message`',
  left_out: 'an input that was passed over',
  setting: 'with `--debug`: the value and source of one setting',
  progress: 'every 10 s: how far the run is',
  status: 'the same, when SIGUSR1 asked for it',
  run_finished: 'exit code, reason and counts, as in the summary',
} as const;

export type LogEventName = keyof typeof LOG_EVENTS;
