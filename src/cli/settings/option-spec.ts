/** The commands that have options of the table; `resolve` and `check` are verbs of `ledger` that have more than the others. */
export type CommandName =
  | 'import'
  | 'validate'
  | 'doctor'
  | 'verify'
  | 'undo'
  | 'ledger'
  | 'resolve'
  | 'check'
  | 'sandbox';

/** What a value is and which values are good; `parse-value.ts` reads them. */
export type ValueKind =
  | { readonly type: 'flag' }
  /** One word. */
  | { readonly type: 'string' }
  /** Anything that is not empty. */
  | { readonly type: 'text' }
  /** Absolute after resolution: flags and environment count from the current folder, a config file from its own. */
  | { readonly type: 'path' }
  /** A base URL: https, or http on a loopback address. */
  | { readonly type: 'url'; readonly example?: string }
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  /** Bytes. */
  | { readonly type: 'size'; readonly min: number; readonly max: number }
  /** Milliseconds. */
  | { readonly type: 'time'; readonly min: number }
  | { readonly type: 'maxRejects' }
  | { readonly type: 'choice'; readonly choices: readonly string[] };

/** Headings of `import --help`, in their order. */
export const HELP_GROUPS = [
  'Destination',
  'Checks on events',
  'Reading',
  'Sending',
  'When to stop',
  'What is left behind',
  'Running',
  'Sandbox',
] as const;

/** One option: its flag, its environment variable, its config key and its help all come from here. */
export interface OptionSpec {
  /** Without the dashes: `max-rejects`. */
  readonly name: string;
  readonly short?: string;
  readonly kind: ValueKind;
  /** What stands for the value in the help: `file`. None for flags. */
  readonly placeholder?: string;
  /** As the user would write it. */
  readonly default?: string;
  /** Says what happens without the option where that is no fixed value. */
  readonly defaultText?: string;
  readonly commands: readonly CommandName[];
  readonly group: (typeof HELP_GROUPS)[number];
  readonly help: string;
  /**
   * Who may set it besides a flag and the environment. `trusted`: not a config file that merely lies in the current folder,
   * for it says where data and credentials go. `never`: no config file.
   */
  readonly config?: 'trusted' | 'never';
}

/**
 * A flag that says what one call is to do. It is no setting: only the command line can give it, for a forgotten variable
 * or config file must not change what is forgotten or sent again.
 */
export interface CallFlag {
  /** Without the dashes. */
  readonly name: string;
  /** What stands for the value in the help; none for a flag without one. */
  readonly placeholder?: string;
  /** A heading of its command's help. */
  readonly group: string;
  readonly help: string;
}

/** `max-rejects` -> `maxRejects`, as the type of the name. */
export type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** `max-rejects` -> `maxRejects`: the key in config files and in the summary's `settings`. */
export function configKey<Name extends string>(name: Name): CamelCase<Name> {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) as CamelCase<Name>;
}

/** `max-rejects` -> `CONSENT_IMPORT_MAX_REJECTS`. */
export function environmentName(name: string): string {
  return `CONSENT_IMPORT_${name.toUpperCase().replaceAll('-', '_')}`;
}
