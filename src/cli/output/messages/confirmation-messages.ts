import { bytes, count, counted } from '../figures.js';
import { type Message, message } from './message.js';
import { type NamedDestination, named } from './run-messages.js';

/** So many files are named. */
const MOST_FILES = 8;

/** What is asked on a terminal before anything is sent. @param files with their sizes in bytes, where these are known */
export function confirmationQuestion(
  destination: NamedDestination,
  ledger: {
    readonly path: string;
    readonly isNew: boolean /** What another ledger knows would be sent twice. */;
    readonly doubles: boolean;
  },
  files: readonly { readonly path: string; readonly bytes: number | undefined }[],
): string {
  const integrations =
    destination.target !== 'didomi'
      ? 'Nothing that is sent can be taken back.'
      : destination.integrationsOff
        ? 'Events are not forwarded to integrations.'
        : "Events are forwarded to the organization's integrations.";
  const state = ledger.doubles
    ? ' (a new one: what was imported with another ledger would be imported twice)'
    : ledger.isNew
      ? ' (new)'
      : '';
  const sizes = files.map((file) => file.bytes);
  const total = sizes.includes(undefined)
    ? ''
    : `, ${bytes(sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0))}`;
  const shown = files
    .slice(0, MOST_FILES)
    .map(({ path, bytes: size }) => `    ${path}${size === undefined ? '' : `  ${bytes(size)}`}`);
  const rest = files.length - shown.length;
  const lines = [
    `This import goes into ${named({ ...destination, integrationsOff: false })}.`,
    `  ${integrations}`,
    `  Ledger: ${ledger.path}${state}`,
    `  ${counted(files.length, 'file')}${total}:`,
    ...shown,
    ...(rest > 0 ? [`    and ${counted(rest, 'more file')}`] : []),
    'Go on? [y/N] ',
  ];
  return lines.join('\n');
}

export function confirmationNeeded(): Message {
  return message(
    'confirmation_needed',
    'this import must be confirmed, and --no-input forbids to ask. Confirm it with --yes; nothing was sent.',
  );
}

export function notConfirmed(): Message {
  return message('not_confirmed', 'not confirmed; nothing was sent.');
}

/** What is asked once, while an import goes on. */
export function knownToTargetQuestion(known: number, answered: number): string {
  return `The target had ${count(known)} of ${counted(answered, 'event')} before this ledger ever sent them; whether with the same content is not checked. Go on? [y/N] `;
}

/** The same where nobody is asked. */
export function knownToTarget(known: number, answered: number): Message {
  return message(
    'known_to_target',
    `the target had ${count(known)} of ${counted(answered, 'event')} before this ledger ever sent them; whether with the same content is not checked. If you don't know what sent them (another ledger, or another program), stop the import and find out.`,
  );
}
