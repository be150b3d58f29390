import type { CommandSpec } from '../commands/command.js';
import { commandTree } from '../completion/tree.js';
import { EXIT_CODES } from '../output/exit-codes.js';
import { environmentName, HELP_GROUPS, type OptionSpec } from '../settings/option-spec.js';
import { OPTIONS } from '../settings/options.js';

/** The man page (man(7) macros), made from the same tables as the parser, the help and the completion. */
export function manPage(commands: readonly CommandSpec[], version: string): string {
  const { actions } = commandTree(commands);
  return `${[
    `.TH CONSENT\\-IMPORT 1 "" "consent\\-import ${version}" "User Commands"`,
    section('NAME', ['consent\\-import \\- import consent records into a consent platform']),
    section('SYNOPSIS', [
      '.nf',
      ...actions.map(
        ({ path, operands }) =>
          `\\fBconsent\\-import ${roff(path.join(' '))}\\fR ${roff(operands === undefined ? '' : `${operands.syntax} `)}[\\fIoptions\\fR]`,
      ),
      '.fi',
    ]),
    section('DESCRIPTION', [
      roff(
        'Imports consent records in bulk into Didomi or OneTrust, from JSON files: one event per line, or arrays; plain, gzip or zip. Nothing is lost, nothing sent twice, nothing out of order, nothing altered, and never faster than allowed. What the platform has confirmed is remembered in a ledger on disk: run the same command again, and it goes on where it stopped.',
      ),
    ]),
    section(
      'COMMANDS',
      actions.flatMap(({ path, summary }) => tagged(`\\fB${roff(path.join(' '))}\\fR`, roff(`${summary}.`))),
    ),
    section('OPTIONS', HELP_GROUPS.flatMap(groupOfOptions)),
    section('EXAMPLES', [
      '.nf',
      ...commands
        .flatMap((spec) => ('examples' in spec ? spec.examples : []))
        .map((line) => roff(`consent-import ${line}`)),
      '.fi',
    ]),
    section(
      'EXIT STATUS',
      EXIT_CODES.flatMap(({ code, meaning, advice }) =>
        tagged(String(code), roff(`${meaning}. What to do: ${advice}.`.replaceAll('`', ''))),
      ),
    ),
    section('ENVIRONMENT', [
      roff(
        `Every option can be set as ${environmentName('option')} (${environmentName('max-rejects')} for --max-rejects); a flag counts more. Credentials are read from DIDOMI_API_KEY and DIDOMI_API_SECRET, or ONETRUST_COLLECTION_POINT_TOKEN.`,
      ),
    ]),
    section('FILES', [
      ...tagged(roff('./consent-import.config.json'), 'settings: the options in camelCase.'),
      ...tagged(roff('~/.config/consent-import/config.json'), "the user's own settings."),
      ...tagged(roff('~/.local/state/consent-import/'), 'the ledgers.'),
    ]),
  ].join('\n')}\n`;
}

function groupOfOptions(group: (typeof HELP_GROUPS)[number]): readonly string[] {
  const options = (OPTIONS as readonly OptionSpec[]).filter((option) => option.group === group);
  return options.length === 0 ? [] : [`.SS ${roff(group)}`, ...options.flatMap(optionEntry)];
}

function optionEntry(option: OptionSpec): readonly string[] {
  const { name, short, placeholder, help, kind, commands } = option;
  const flags = [...(short === undefined ? [] : [`\\fB\\-${short}\\fR`]), `\\fB${roff(`--${name}`)}\\fR`].join(', ');
  const value = placeholder === undefined ? '' : ` \\fI${roff(placeholder)}\\fR`;
  const choices = kind.type === 'choice' ? ` One of ${kind.choices.join(', ')}.` : '';
  const otherwise = option.default ?? option.defaultText;
  const without = otherwise === undefined ? '' : ` Default: ${otherwise}.`;
  return tagged(`${flags}${value}`, roff(`${help}.${choices}${without} (${commands.join(', ')})`));
}

function section(title: string, lines: readonly string[]): string {
  return [`.SH ${title}`, ...lines].join('\n');
}

function tagged(tag: string, text: string): readonly string[] {
  return ['.TP', tag, text];
}

/** Text, not requests: what roff would read as an escape, a request or a hyphen to break at. */
function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq').replace(/^\./, '\\&.');
}
