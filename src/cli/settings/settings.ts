import type { MaxRejects } from '../../core/units.js';
import type { CamelCase, ValueKind } from './option-spec.js';
import type { OPTIONS } from './options.js';

type ValueOf<Kind extends ValueKind> = Kind extends { type: 'flag' }
  ? boolean
  : Kind extends { type: 'integer' | 'size' | 'time' }
    ? number
    : Kind extends { type: 'maxRejects' }
      ? MaxRejects
      : Kind extends { type: 'choice'; choices: readonly (infer Choice)[] }
        ? Choice
        : string;

type Option = (typeof OPTIONS)[number];

/**
 * The value of every option by its key: sizes in bytes, times in milliseconds, paths absolute. A flag that nobody set is
 * false; any other option that nobody set and that has no default is undefined.
 */
export type Settings = {
  readonly [O in Option as CamelCase<O['name']>]: O extends { kind: { type: 'flag' } } | { default: string }
    ? ValueOf<O['kind']>
    : ValueOf<O['kind']> | undefined;
};

export type SettingKey = keyof Settings;

/** Where a value was set. */
export type Source =
  | { readonly from: 'flag'; readonly name: string }
  | { readonly from: 'environment'; readonly name: string }
  | { readonly from: 'config'; readonly file: string; readonly line: number; readonly key: string }
  | { readonly from: 'default' }
  /** `--sandbox` brings its own target and organization. */
  | { readonly from: 'sandbox' };

/** `--timeout`, `CONSENT_IMPORT_TIMEOUT`, `/etc/consent.json:3`, `default`: for people. */
export function describeSource(source: Source): string {
  switch (source.from) {
    case 'flag':
    case 'environment':
      return source.name;
    case 'config':
      return `${source.file}:${source.line}`;
    case 'default':
      return 'default';
    case 'sandbox':
      return '--sandbox';
  }
}
