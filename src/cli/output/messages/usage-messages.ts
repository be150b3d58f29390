import { type Message, message, quoted } from './message.js';

/**
 * Wrong usage, in the parser's words (`error: unknown option '--ordr'`), what was probably meant, and where to look. The
 * value behind an unknown option is left out: it may be a secret that was thought to be given that way.
 */
export function wrongUsage(
  finding: { readonly code: string; readonly message: string },
  similar: string | undefined,
  helpCommand: string,
): Message {
  const words = finding.message
    .replace(/^error: /, '')
    .replace(/^(unknown option '-[^=']+)=.*$/s, "$1'")
    .replace(/\.?$/, '.');
  const code = finding.code.replace(/^commander\./, '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const hint = similar === undefined ? '' : ` Did you mean '${similar}'?`;
  return message(code, `${words}${hint} See ${helpCommand}`);
}

export function unknownSchema(name: string, known: readonly string[], similar: string | undefined): Message {
  const hint = similar === undefined ? '' : ` Did you mean ${quoted(similar)}?`;
  return message('unknown_schema', `there is no schema ${quoted(name)}. There are: ${known.join(', ')}.${hint}`);
}

export function unknownShell(name: string, known: readonly string[], similar: string | undefined): Message {
  const hint = similar === undefined ? '' : ` Did you mean ${quoted(similar)}?`;
  return message('unknown_shell', `there is no completion for ${quoted(name)}. There are: ${known.join(', ')}.${hint}`);
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
