import { dirname, join, resolve } from 'node:path';
import { GITHUB_DRAIN_MS, isGitHubStep } from '../output/github-step.js';
import type { Message } from '../output/messages/message.js';
import { badValue, configMissing, unknownVariable } from '../output/messages/settings-messages.js';
import { closest } from './closest.js';
import { type ConfigLayer, readConfigFile } from './config-file.js';
import { homeFolder, userConfigFile } from './folders.js';
import { type CommandName, configKey, environmentName, type OptionSpec } from './option-spec.js';
import { OPTIONS, optionsOf } from './options.js';
import { parseValue, shownValue, type Value } from './parse-value.js';
import type { SettingKey, Settings, Source } from './settings.js';

/** What the command line said, by option name: the text of a value, true for a flag. */
export type FlagValues = ReadonlyMap<string, string | true>;

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly cwd: string;
}

/** All settings of one command, and where each came from. */
export interface Resolved {
  /** What could be resolved; with problems, the rest stands at its default. */
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingKey, Source>>;
  /** Keys whose value could not be used: a message tells. */
  readonly failed: ReadonlySet<string>;
  /** What is wrong; with any, nothing may be sent. */
  readonly problems: readonly Message[];
  readonly warnings: readonly Message[];
}

/** The file that is read when `--config` names none. */
export const CONFIG_FILE = 'consent-import.config.json';

/**
 * Resolves every option of a command: flags, then environment, then the file of `--config` or else the one in the current
 * folder, then the user's own config, then defaults. Options of other commands are checked in config files, and stand at
 * their defaults.
 */
export function resolveSettings(command: CommandName, flags: FlagValues, around: Surroundings): Resolved {
  const problems: Message[] = [];
  const values: Record<string, Value | undefined> = {};
  const sources: Record<string, Source> = {};
  const named = namedConfig(flags, around);
  const layers: readonly ConfigLayer[] = readLayers(named, around, problems);
  const failed = new Set(layers.flatMap((layer) => [...layer.failed]));
  const mine = new Set(optionsOf(command).map((option) => option.name));

  for (const option of OPTIONS as readonly OptionSpec[]) {
    const key = configKey(option.name);
    const given = mine.has(option.name) ? fromText(option, flags, around.env) : undefined;
    const configured = layers.find((layer) => layer.values.has(key))?.values.get(key);
    let value: Value | undefined = option.kind.type === 'flag' ? false : defaultOf(option);
    let source: Source = { from: 'default' };
    if (option.name === 'drain-time' && isGitHubStep(around.env)) {
      ({ value, source } = { value: GITHUB_DRAIN_MS, source: { from: 'environment', name: 'GITHUB_ACTIONS' } });
    }
    if (given !== undefined) {
      const parsed = parseValue(option.kind, given.text);
      if ('expected' in parsed) {
        failed.add(key);
        problems.push(badValue(given.source, shownValue(option.kind, given.text), parsed.expected));
      } else {
        ({ value, source } = { value: parsed.value, source: given.source });
      }
    } else if (mine.has(option.name) && configured !== undefined) {
      ({ value, source } = configured);
    }
    values[key] = option.kind.type === 'path' ? absolute(value, source, around) : value;
    sources[key] = source;
  }
  return {
    // The loop above gives every key of the table a value of its kind.
    settings: values as unknown as Settings,
    sources: sources as Record<SettingKey, Source>,
    failed,
    problems,
    warnings: strayVariables(around.env),
  };
}

interface Given {
  readonly text: string;
  readonly source: Source;
}

/** The flag's text, or else the environment's. An empty variable counts as not set. */
function fromText(option: OptionSpec, flags: FlagValues, env: Surroundings['env']): Given | undefined {
  const flag = flags.get(option.name);
  if (flag !== undefined) {
    return { text: flag === true ? 'true' : flag, source: { from: 'flag', name: `--${option.name}` } };
  }
  const name = environmentName(option.name);
  const text = env[name];
  return text === undefined || text === '' ? undefined : { text, source: { from: 'environment', name } };
}

function namedConfig(flags: FlagValues, around: Surroundings): Given | undefined {
  const option = OPTIONS.find((candidate) => candidate.name === 'config');
  const given = option === undefined ? undefined : fromText(option, flags, around.env);
  // A value that is no path is told by the loop over all options.
  return given !== undefined && 'value' in parseValue({ type: 'path' }, given.text) ? given : undefined;
}

function readLayers(named: Given | undefined, around: Surroundings, problems: Message[]): readonly ConfigLayer[] {
  const layers: ConfigLayer[] = [];
  const read = (file: string, trusted: boolean): boolean => {
    const layer = readConfigFile(file, trusted);
    if (layer !== undefined) {
      layers.push(layer);
      problems.push(...layer.problems);
    }
    return layer !== undefined;
  };
  if (named === undefined) {
    read(join(around.cwd, CONFIG_FILE), false);
  } else {
    const file = absolute(named.text, named.source, around) as string;
    if (!read(file, true)) {
      problems.push(configMissing(file, named.source));
    }
  }
  const own = userConfigFile(around.env);
  if (own !== undefined) {
    read(own, true);
  }
  return layers;
}

function defaultOf(option: OptionSpec): Value | undefined {
  if (option.default === undefined) {
    return undefined;
  }
  const parsed = parseValue(option.kind, option.default);
  return 'value' in parsed ? parsed.value : undefined;
}

/** A config file's paths count from its own folder, all others from the current one; `~/` is the home folder. */
function absolute(value: Value | undefined, source: Source, around: Surroundings): Value | undefined {
  if (typeof value !== 'string') {
    return value;
  }
  const home = homeFolder(around.env);
  if (value.startsWith('~/') && home !== undefined) {
    return join(home, value.slice(2));
  }
  return resolve(source.from === 'config' ? dirname(source.file) : around.cwd, value);
}

/** Variables that look like an option and are none: most likely a misspelling that would silently do nothing. */
function strayVariables(env: Surroundings['env']): readonly Message[] {
  const known = OPTIONS.map((option) => environmentName(option.name));
  return Object.keys(env)
    .filter((name) => name.startsWith('CONSENT_IMPORT_') && !known.includes(name))
    .map((name) => unknownVariable(name, closest(name, known)));
}
