import { type Message, message } from './message.js';

/**
 * Wrong usage, in the parser's words, and where to look. The value behind an unknown option is left out: it may be a secret
 * that was thought to be given that way.
 */
export function wrongUsage({ code, message: words }: { code: string; message: string }, helpCommand: string): Message {
  const text = words
    .replace(/^error: /, '')
    .replace(/^(unknown option '--[^=']+)=.*?'(\n\(Did|$)/s, "$1'$2")
    .replace(/\n\((Did you mean .*\?)\)$/s, '. $1')
    .replace(/(?<![.?])$/, '.');
  const name = code.replace(/^commander\./, '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return message(name, `${text} See ${helpCommand}`);
}

export function unknownSchema(name: string, known: readonly string[]): Message {
  return message('unknown_schema', `there is no schema ${JSON.stringify(name)}. There are: ${known.join(', ')}.`);
}

export function faultsUnreadable(file: string, cause: string, ready: readonly string[]): Message {
  return message(
    'faults_unreadable',
    `--faults ${file}: can't read it (${cause}). Name a JSON file, or one of the ready scripts: ${ready.join(', ')}.`,
  );
}

export function faultsMalformed(file: string, what: string): Message {
  return message('faults_malformed', `--faults ${file}: ${what}. See consent-import sandbox --help`);
}

export function portTaken(port: number, cause: string): Message {
  return message('port_taken', `--port ${port}: can't listen there (${cause}). Choose another, or 0 for any free one.`);
}
