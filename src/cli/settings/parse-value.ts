import {
  formatMaxRejects,
  formatSize,
  formatTime,
  type MaxRejects,
  parseMaxRejects,
  parseSize,
  parseTime,
} from '../../core/units.js';
import { quoted } from '../output/messages/message.js';
import { parseApiUrl, shownUrl } from './api-url.js';
import { closest } from './closest.js';
import type { ValueKind } from './option-spec.js';

export type Value = string | number | boolean | MaxRejects;

/** A value of the kind, or what was expected instead ("expected …"). */
export type Parsed = { readonly value: Value } | { readonly expected: string };

/** Reads one value as it stands on the command line or in the environment. Paths are left as they are. */
export function parseValue(kind: ValueKind, text: string): Parsed {
  switch (kind.type) {
    case 'flag':
      return parseFlag(text);
    case 'string':
      return parseWord(text);
    case 'text':
      return text === '' ? { expected: 'a value' } : { value: text };
    case 'path':
      return parsePath(text);
    case 'url':
      return parseApiUrl(text, kind.example);
    case 'choice':
      return kind.choices.includes(text)
        ? { value: text }
        : { expected: `${oneOf(kind.choices)}${meant(text, kind.choices)}` };
    case 'integer': {
      const value = /^\d{1,16}$/.test(text.trim()) ? Number(text) : Number.NaN;
      const range = kind.max === Number.MAX_SAFE_INTEGER ? `of ${kind.min} or more` : `from ${kind.min} to ${kind.max}`;
      return within(value, kind.min, kind.max, `a whole number ${range}`);
    }
    case 'size': {
      const expected = `a size such as 512KiB or 1MiB, from ${formatSize(kind.min)} to ${formatSize(kind.max)}`;
      return within(parseSize(text), kind.min, kind.max, expected);
    }
    case 'time': {
      const least = kind.min > 0 ? `, of ${formatTime(kind.min)} or more` : '';
      return within(
        parseTime(text),
        kind.min,
        MOST_TIME,
        `a time with its unit, such as 500ms, 30s, 10m or 1h30m${least}`,
      );
    }
    case 'maxRejects': {
      const value = parseMaxRejects(text);
      return value === undefined ? { expected: 'a number such as 100, a percentage such as 5%, or none' } : { value };
    }
  }
}

/**
 * Reads one value of a config file: flags are booleans, numbers are numbers; sizes and reject limits are numbers or text;
 * all else, times among them, is text.
 */
export function parseConfigValue(kind: ValueKind, value: unknown): Parsed {
  const numberIsFine = kind.type === 'integer' || kind.type === 'size' || kind.type === 'maxRejects';
  if (kind.type === 'flag') {
    return typeof value === 'boolean' ? { value } : { expected: 'true or false' };
  }
  if (typeof value === 'number' && numberIsFine) {
    return parseValue(kind, String(value));
  }
  if (typeof value === 'string' && kind.type !== 'integer') {
    return parseValue(kind, value);
  }
  const asked = parseValue(kind, '');
  return 'expected' in asked ? asked : { expected: 'text' };
}

/** Writes a value so that `parseValue` and `parseConfigValue` read it again. */
export function formatValue(kind: ValueKind, value: Value): string | number | boolean {
  if (typeof value === 'object') {
    return formatMaxRejects(value);
  }
  if (kind.type === 'size') {
    return formatSize(value as number);
  }
  return kind.type === 'time' ? formatTime(value as number) : value;
}

/** A value that could not be used, as messages show it: on one line, not endless, a URL without its secrets. */
export function shownValue(kind: ValueKind, value: unknown): string {
  if (typeof value === 'string') {
    return quoted(kind.type === 'url' ? shownUrl(value) : value);
  }
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** A century: timers and dates stay sane. */
const MOST_TIME = 100 * 366 * 86_400_000;

function within(value: number | undefined, min: number, max: number, expected: string): Parsed {
  return value !== undefined && value >= min && value <= max ? { value } : { expected };
}

function parseFlag(text: string): Parsed {
  const word = text.trim().toLowerCase();
  if (['1', 'true', 'yes', 'on'].includes(word)) {
    return { value: true };
  }
  return ['0', 'false', 'no', 'off'].includes(word) ? { value: false } : { expected: 'true or false' };
}

function parseWord(text: string): Parsed {
  return text === '' || text.startsWith('--') || /[\s\p{Cc}]/u.test(text)
    ? { expected: 'a value without white space' }
    : { value: text };
}

function parsePath(text: string): Parsed {
  if (text === '' || text.includes('\0')) {
    return { expected: 'a path' };
  }
  // `--rejects --json` is a forgotten value. A file of such a name can still be given as ./--json.
  return text.startsWith('--') ? { expected: 'a path (this looks like an option)' } : { value: text };
}

/** ` (did you mean didomi?)`, where something similar was written. */
function meant(text: string, choices: readonly string[]): string {
  const similar = text === '' ? undefined : closest(text, choices);
  return similar === undefined ? '' : ` (did you mean ${similar}?)`;
}

function oneOf(choices: readonly string[]): string {
  const last = choices.at(-1) ?? '';
  return choices.length < 2 ? last : `${choices.slice(0, -1).join(', ')} or ${last}`;
}
