import { counted } from '../figures.js';
import { type Message, message } from './message.js';

export function expectUnreadable(file: string, cause: string): Message {
  return message('expect_unreadable', `--expect ${file}: can't read it (${cause}). Check the path; nothing was sent.`);
}

export function expectIsNoCheck(file: string): Message {
  return message(
    'expect_is_no_check',
    `--expect ${file}: expected the summary of validate, or of import with --dry-run, as --summary-file writes it; nothing was sent.`,
  );
}

/** The summary can't say what the inputs were. */
export function expectIsIncomplete(file: string, path: string): Message {
  return message(
    'expect_is_incomplete',
    `--expect ${file}: ${path} was not read to its end there, so its content is not known. Check the inputs again; nothing was sent.`,
  );
}

export function cantCompare(path: string): Message {
  return message(
    'cant_compare',
    `--expect reads every input before it is imported, and ${path === '-' ? 'standard input' : path} can't be. Store it in a file first; nothing was sent.`,
  );
}

export function otherDestination(file: string, what: string, expected: string, found: string): Message {
  return message(
    'other_destination',
    `--expect ${file}: what was checked there is for ${what} ${expected}, and this import is for ${found}. Check again with the settings of the import; nothing was sent.`,
  );
}

export function otherInputs(file: string, expected: number, found: number): Message {
  return message(
    'other_inputs',
    `--expect ${file}: ${counted(expected, 'input')} ${expected === 1 ? 'was' : 'were'} checked there, and this import has ${found}. Check again what is to be imported; nothing was sent.`,
  );
}

export function otherContent(file: string, path: string, checked: string): Message {
  const where = path === checked ? 'it has changed since' : `what was checked in its place is ${checked}`;
  return message(
    'other_content',
    `--expect ${file}: ${path} is not what was checked there: ${where}. Check again what is to be imported; nothing was sent.`,
  );
}
