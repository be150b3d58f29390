import { type Message, message } from './message.js';

/** @param why `there is no terminal to ask on`, `--no-input forbids to ask` */
export function answersMissing(missing: readonly string[], why: string): Message {
  return message(
    'answers_missing',
    `init has to know ${missing.join(' and ')}, and ${why}. Give it as a flag, such as init --target didomi --organization-id acme; nothing was written.`,
  );
}

export function notFinished(): Message {
  return message('not_finished', 'the questions were not answered to the end; nothing was written.');
}

export function configExists(path: string): Message {
  return message('config_exists', `${path} exists already. Replace it with --yes, or name another with --file.`);
}

export function configNotWritten(path: string, cause: string): Message {
  return message('config_not_written', `${path}: can't write there (${cause}). Check the folder and its permissions.`);
}

export function badAnswer(flag: string, shown: string, expected: string): Message {
  return message('bad_answer', `${flag} is ${shown}: expected ${expected}.`);
}
