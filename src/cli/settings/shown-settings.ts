import type { CommandName } from './option-spec.js';
import { configKey, type OptionSpec } from './option-spec.js';
import { OPTIONS, optionsOf } from './options.js';
import { formatValue, type Value } from './parse-value.js';
import { describeSource, type SettingKey, type Settings, type Source } from './settings.js';

/** Settings as they may be shown and stored: by key, in the spelling of a config file. They hold no secret. */
export type ShownSettings = Readonly<Record<string, string | number | boolean>>;

/** The settings of one command that have a value; the summary's `settings`. Read again as a config file, they are the same. */
export function shownSettings(command: CommandName, settings: Settings): ShownSettings {
  const shown: Record<string, string | number | boolean> = {};
  for (const option of optionsOf(command)) {
    const value = settingOf(settings, option);
    // Where settings were read from is not itself one, and could not stand in a config file.
    if (value !== undefined && option.config !== 'never') {
      shown[configKey(option.name)] = formatValue(option.kind, value);
    }
  }
  return shown;
}

/** One setting, its value in the spelling of a config file, and where it came from. */
export interface SettingRow {
  readonly key: string;
  /** Null when it is not set. */
  readonly value: string | number | boolean | null;
  readonly source: string;
}

/** Every setting of one command. */
export function settingRows(
  command: CommandName,
  settings: Settings,
  sources: Readonly<Record<SettingKey, Source>>,
): readonly SettingRow[] {
  return optionsOf(command).map((option) => {
    const value = settingOf(settings, option);
    const key = configKey(option.name);
    return {
      key,
      value: value === undefined ? null : formatValue(option.kind, value),
      source: describeSource(sources[key as SettingKey]),
    };
  });
}

/** `timeout = 30s (default)` */
export function settingLine({ key, value, source }: SettingRow): string {
  return `${key} = ${value ?? 'not set'} (${source})`;
}

/** One line per setting, for `--debug`. */
export function settingLines(
  command: CommandName,
  settings: Settings,
  sources: Readonly<Record<SettingKey, Source>>,
): readonly string[] {
  return settingRows(command, settings, sources).map(settingLine);
}

/** The flags that were given on the command line, as arguments of a command that does the same again. */
export function givenFlags(
  settings: Settings,
  sources: Readonly<Record<SettingKey, Source>>,
  leaveOut: readonly SettingKey[] = [],
): readonly string[] {
  return (OPTIONS as readonly OptionSpec[]).flatMap((option) => {
    const key = configKey(option.name) as SettingKey;
    const value = settingOf(settings, option);
    if (sources[key].from !== 'flag' || value === undefined || leaveOut.includes(key)) {
      return [];
    }
    return option.kind.type === 'flag'
      ? [`--${option.name}`]
      : [`--${option.name}`, String(formatValue(option.kind, value))];
  });
}

function settingOf(settings: Settings, option: OptionSpec): Value | undefined {
  return settings[configKey(option.name) as SettingKey];
}
