import { describeSource, type Source } from '../../settings/settings.js';
import { type Message, message, quoted } from './message.js';

/** Names the value's place as the user wrote it: the flag, the variable, or the key in its file. */
function place(source: Source): string {
  return source.from === 'config' ? `${describeSource(source)}: ${JSON.stringify(source.key)}` : describeSource(source);
}

export function badValue(source: Source, shown: string, expected: string): Message {
  return message('bad_value', `${place(source)} is ${shown}: expected ${expected}.`);
}

export function missingOption(flag: string, variable: string, key: string, what: string): Message {
  return message(
    'missing_option',
    `${flag} is missing: ${what}. Give it as ${flag}, ${variable}, or ${quoted(key)} in a config file.`,
  );
}

export function unknownKey(file: string, line: number, key: string, similar: string | undefined): Message {
  const hint = similar === undefined ? 'The keys are the options in camelCase.' : `Did you mean ${quoted(similar)}?`;
  return message('unknown_key', `${file}:${line}: unknown key ${quoted(key)}. ${hint}`);
}

export function repeatedKey(file: string, line: number, key: string): Message {
  return message('repeated_key', `${file}:${line}: ${quoted(key)} stands there twice. Keep one.`);
}

export function keyNotForConfig(file: string, line: number, key: string, flag: string): Message {
  return message('key_not_for_config', `${file}:${line}: ${quoted(key)} can't be set in a config file. Use ${flag}.`);
}

export function untrustedKey(file: string, line: number, key: string, flag: string, variable: string): Message {
  return message(
    'untrusted_key',
    `${file}:${line}: ${quoted(key)} says where data or credentials go, so a config file that was only found in the current folder may not set it. ` +
      `Use ${flag}, ${variable}, or name the file: --config ${file}`,
  );
}

export function configSyntax(file: string, line: number, what: string): Message {
  return message('config_syntax', `${file}:${line}: not valid JSON: ${what}.`);
}

export function configMissing(file: string, source: Source): Message {
  return message('config_missing', `${place(source)} names ${file}, which does not exist.`);
}

export function configUnreadable(file: string, cause: string): Message {
  return message('config_unreadable', `${file}: can't read this config file (${cause}). Check its permissions.`);
}

export function noLedgerFolder(): Message {
  return message(
    'no_ledger_folder',
    'there is no home folder to keep the ledger in: neither XDG_STATE_HOME nor HOME is set. Say where with --ledger <dir>.',
  );
}

export function sandboxWithAddress(flag: string): Message {
  return message(
    'sandbox_with_address',
    `--sandbox imports into an embedded sandbox, but ${flag} names another address. Leave one of them out.`,
  );
}

export function unknownVariable(name: string, similar: string | undefined): Message {
  const hint = similar === undefined ? '' : ` Did you mean ${similar}?`;
  return message('unknown_variable', `the environment has ${name}, but there is no such option; it is ignored.${hint}`);
}

export function credentialsMissing(missing: readonly string[]): Message {
  return message(
    'credentials_missing',
    `the credentials for Didomi are missing: ${missing.join(' and ')} not set. Set DIDOMI_API_KEY and DIDOMI_API_SECRET, or name a JSON file that holds {"key","secret"} with --credentials-file. To try without any: --sandbox`,
  );
}

export function platformClientMissing(missing: readonly string[]): Message {
  return message(
    'platform_client_missing',
    `${missing.join(' and ')} not set: to read receipts back, OneTrust wants an OAuth client with the scope CONSENT_READ. Make one in OneTrust (Settings, Client Credentials), and put its id and secret into ONETRUST_CLIENT_ID and ONETRUST_CLIENT_SECRET.`,
  );
}

export function credentialsUnreadable(file: string, cause: string): Message {
  return message(
    'credentials_unreadable',
    `--credentials-file ${file}: can't read it (${cause}). Check the path and its permissions.`,
  );
}

export function credentialsMalformed(file: string): Message {
  return message(
    'credentials_malformed',
    `--credentials-file ${file}: expected a JSON object with two strings that are not empty: {"key":"…","secret":"…"}.`,
  );
}

export function pointTokenMalformed(file: string): Message {
  return message(
    'credentials_malformed',
    `--credentials-file ${file}: expected a JSON object with a string that is not empty: {"collectionPointToken":"…"}.`,
  );
}

/** An option that only one of the targets has. */
export function notForTarget(flag: string, target: string): Message {
  return message('not_for_target', `${flag} means nothing for ${target}. Leave it out.`);
}

export function badIdPointer(pointer: string): Message {
  return message(
    'bad_id_pointer',
    `--id-pointer is ${quoted(pointer)}: expected a JSON Pointer (RFC 6901) to a field, such as /customPayload/rowId.`,
  );
}

export function badAuthorizations(file: string, what: string): Message {
  return message('bad_authorizations', `--authorization-file ${file}: ${what}.`);
}

export function credentialsReadable(file: string, mode: number): Message {
  const shown = (mode & 0o777).toString(8).padStart(4, '0');
  return message(
    'credentials_readable',
    `--credentials-file ${file} can be read by other users (mode ${shown}). Protect it: chmod 600 ${file}`,
  );
}
