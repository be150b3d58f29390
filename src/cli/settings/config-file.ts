import { readFileSync } from 'node:fs';
import type { Message } from '../output/messages/message.js';
import {
  badValue,
  configSyntax,
  configUnreadable,
  keyNotForConfig,
  repeatedKey,
  unknownKey,
  untrustedKey,
} from '../output/messages/settings-messages.js';
import { closest } from './closest.js';
import { ConfigTextError, parseConfigText } from './config-text.js';
import { configKey, environmentName } from './option-spec.js';
import { OPTIONS, optionWithKey } from './options.js';
import { parseConfigValue, shownValue, type Value } from './parse-value.js';
import type { Source } from './settings.js';

/** What one config file sets, by key, and what is wrong with it. */
export interface ConfigLayer {
  readonly values: ReadonlyMap<string, { readonly value: Value; readonly source: Source }>;
  /** Keys whose value could not be used. */
  readonly failed: ReadonlySet<string>;
  readonly problems: readonly Message[];
}

/**
 * Reads a config file; undefined when it does not exist.
 * @param trusted somebody named this file; one that merely lies in the current folder may not say where data goes
 */
export function readConfigFile(file: string, trusted: boolean): ConfigLayer | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? undefined
      : { values: new Map(), failed: new Set(), problems: [configUnreadable(file, code)] };
  }
  try {
    return checkEntries(file, parseConfigText(text), trusted);
  } catch (error) {
    if (error instanceof ConfigTextError) {
      return { values: new Map(), failed: new Set(), problems: [configSyntax(file, error.line, error.message)] };
    }
    throw error;
  }
}

function checkEntries(file: string, entries: ReturnType<typeof parseConfigText>, trusted: boolean): ConfigLayer {
  const values = new Map<string, { value: Value; source: Source }>();
  const problems: Message[] = [];
  const seen = new Set<string>();
  const failed = new Set<string>();
  for (const { key, value, line } of entries) {
    if (seen.has(key)) {
      problems.push(repeatedKey(file, line, key));
    }
    seen.add(key);
    // Editors look for the schema of a JSON file there.
    if (key === '$schema') {
      continue;
    }
    const option = optionWithKey(key);
    const source: Source = { from: 'config', file, line, key };
    if (option === undefined) {
      problems.push(unknownKey(file, line, key, closest(key, KEYS)));
    } else if (option.config === 'never') {
      problems.push(keyNotForConfig(file, line, key, `--${option.name}`));
    } else if (option.config === 'trusted' && !trusted) {
      problems.push(untrustedKey(file, line, key, `--${option.name}`, environmentName(option.name)));
    } else {
      const parsed = parseConfigValue(option.kind, value);
      if ('expected' in parsed) {
        failed.add(key);
        problems.push(badValue(source, shownValue(option.kind, value), parsed.expected));
      } else {
        values.set(key, { value: parsed.value, source });
      }
    }
  }
  return { values, failed, problems };
}

const KEYS: readonly string[] = OPTIONS.map((option) => configKey(option.name)).filter((key) => key !== 'config');
