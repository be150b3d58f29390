import { type Message, message } from './message.js';

/** `--report` names a file that is something else: an input, perhaps. */
export function reportWouldReplace(path: string): Message {
  return message(
    'report_would_replace',
    `--report ${path} is there already and is no report: it would be lost. Name another file.`,
  );
}
