import { type KindOfRecord, WRAPPERS } from '../../../core/run.js';
import { count } from '../figures.js';
import { type Message, message, quoted } from './message.js';

export function badPointer(pointer: string): Message {
  return message(
    'bad_pointer',
    `--events-pointer is ${quoted(pointer)}: expected a JSON Pointer (RFC 6901) such as /events.`,
  );
}

export function pointerWithoutUnwrap(pointer: string): Message {
  return message(
    'pointer_without_unwrap',
    `--events-pointer ${quoted(pointer)} says where events are inside other records, which needs --unwrap. Give both, or neither.`,
  );
}

/** What the first record of an input seems to be, where the target's rules reject it. */
export function seemsToBe(path: string, kind: KindOfRecord, target: string): Message | undefined {
  const wrapper = WRAPPERS.find((name) => kind === `events_in_${name}`);
  const text = wrapper === undefined ? SEEMS[kind as keyof typeof SEEMS](target) : wrappedIn(wrapper);
  return text === undefined ? undefined : message('seems_to_be', `${path} ${text}`);
}

function wrappedIn(member: string): string {
  return `seems to hold records with a list of events in each, under ${member}. Import the events with --unwrap --events-pointer /${member}`;
}

type SimpleKind = Exclude<KindOfRecord, `events_in_${string}`>;

const SEEMS: Readonly<Record<SimpleKind, (target: string) => string | undefined>> = {
  webhook: () => 'seems to hold messages of a webhook, with the events inside them. Import the events with --unwrap.',
  export: () =>
    'seems to be a batch export: users, with the events inside them. Import the events with --unwrap --events-pointer /events',
  config: () =>
    'seems to hold settings of this program, not events. Name it with --config, and the events as the input.',
  table_row: () =>
    'seems to be a table: its records are arrays. Export it as JSON lines, one object per line, and import that.',
  csv: () => 'seems to be a table (CSV). Export it as JSON lines, one event per line, and import that.',
  array_without_brackets: () =>
    'seems to be an array without its brackets: a comma stands behind each object. Put [ in front of the first and ] behind the last, and import that.',
  didomi_event: (target) =>
    target === 'didomi'
      ? undefined
      : `seems to hold Didomi events, but --target is ${target}. Check which one is right.`,
  onetrust_receipt: (target) =>
    target === 'onetrust'
      ? undefined
      : `seems to hold OneTrust receipts, but --target is ${target}. Check which one is right.`,
};

export function cantMoveTo(folder: string, cause: string): Message {
  return message('cant_move_to', `--move-complete ${folder}: can't move files there (${cause}). Check the folder.`);
}

export function notMoved(path: string, cause: string): Message {
  return message('not_moved', `${path} is complete, but was not moved (${cause}). Move it by hand.`);
}

/** Complete as it was read, but not as it is now. */
export function changedNotMoved(path: string): Message {
  return message(
    'changed_not_moved',
    `${path} was complete when it was read, but changed since the run began, so it was not moved. Run the same command again: it reads what is new.`,
  );
}

/** `-` where nothing was piped: somebody types, or waits in vain. */
export function readingTerminal(): Message {
  return message(
    'reading_terminal',
    'reading standard input, which is this terminal: type or paste records, and end with Ctrl-D.',
  );
}

/** A document that is not read as it comes, but stored first. */
export function spooling(path: string, size: number | undefined): string {
  const bytes = size === undefined ? '' : ` (${count(size)} bytes)`;
  return `Storing ${path}${bytes} in a temporary file.`;
}

export function s3Missing(): Message {
  return message(
    's3_missing',
    'To read s3:// addresses, install the AWS SDK beside this program: npm install @aws-sdk/client-s3 (with -g if this program was installed so).',
  );
}
