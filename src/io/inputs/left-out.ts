/** Why a file or folder that was found below what the user named is no input. */
export type LeftOutReason =
  | 'hidden'
  | 'rejects'
  | 'config'
  | 'named_by_option'
  | 'other_name'
  | 'not_a_file'
  | 'linked_folder';

export interface LeftOut {
  readonly path: string;
  readonly reason: LeftOutReason;
}

/** The reasons as people read them: "<path>: <text>". */
export const LEFT_OUT_TEXTS: Readonly<Record<LeftOutReason, string>> = {
  hidden: 'hidden; name it to import it',
  rejects: 'a rejects file; name it to import it',
  config: 'a config file',
  named_by_option: 'an option names it',
  other_name:
    'its name does not end in .jsonl, .ndjson, .json (or one of these with .gz), or .zip; name it to import it',
  not_a_file: 'not a regular file',
  linked_folder: 'a link to a folder; name it to import what is in it',
};

const INPUT_NAME = /\.(?:jsonl|ndjson|json)(?:\.gz)?$|\.zip$/i;
const REJECTS_NAME = /\.rejects\.jsonl$/;
export const CONFIG_NAME = 'consent-import.config.json';

export function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/** Why a file is left out for what it is for, whatever selects it. */
export function reasonByPurpose(name: string): LeftOutReason | undefined {
  if (REJECTS_NAME.test(name)) return 'rejects';
  return name === CONFIG_NAME ? 'config' : undefined;
}

/** Why a file inside a folder that the user named is left out; undefined when it is an input. */
export function reasonInFolder(name: string): LeftOutReason | undefined {
  if (isHidden(name)) return 'hidden';
  return reasonByPurpose(name) ?? (INPUT_NAME.test(name) ? undefined : 'other_name');
}
