import { type Message, message } from './message.js';

/** Never with what stands in it. */
export function badSubjectList(path: string, cause: string): Message {
  return message(
    'bad_subject_list',
    `--exclude-subjects ${path}: can't read it (${cause}). Give a file with one subject id, or its SHA-256, per line; nothing was sent.`,
  );
}

export function twoOutputsInOne(flag: string, other: string, path: string): Message {
  return message('same_output', `${flag} and ${other} both name ${path}. Give each a file of its own.`);
}
