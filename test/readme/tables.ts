import { EXIT_CODES } from '../../src/cli/output/exit-codes.js';
import { LOG_EVENTS } from '../../src/cli/output/log-event.js';
import { METRICS } from '../../src/cli/output/metrics-text.js';
import { environmentName, HELP_GROUPS, type OptionSpec } from '../../src/cli/settings/option-spec.js';
import { OPTIONS } from '../../src/cli/settings/options.js';
import { FAULT_SCRIPTS } from '../../src/sandbox/sandbox.js';

const TABLE: readonly OptionSpec[] = OPTIONS;

/** Options that are read, checked and shown, and change nothing yet. */
export const WITHOUT_EFFECT: readonly string[] = [];

/** The table of all options, as README has it. */
export function optionsTable(): string {
  const rows = HELP_GROUPS.flatMap((group) => [
    `| **${group}** | | | |`,
    ...TABLE.filter((option) => option.group === group).map(optionRow),
  ]);
  return ['', '| option | meaning | default | environment |', '|---|---|---|---|', ...rows, ''].join('\n');
}

/** The table of exit codes, as README has it. */
export function exitCodesTable(): string {
  const rows = EXIT_CODES.map(
    ({ code, reason, meaning, advice }) => `| ${code} | \`${reason}\` | ${meaning} | ${advice} |`,
  );
  return ['', '| code | reason | meaning | what to do |', '|---:|---|---|---|', ...rows, ''].join('\n');
}

/** The table of ready fault scripts, as README has it. */
export function faultsTable(): string {
  const rows = Object.entries(FAULT_SCRIPTS).map(([name, about]) => `| \`${name}\` | ${about} |`);
  return ['', '| script | what it plays |', '|---|---|', ...rows, ''].join('\n');
}

/** The table of events of a log in JSON, as README has it. */
export function logEventsTable(): string {
  return namesTable('event', LOG_EVENTS);
}

/** The table of metrics, as README has it. */
export function metricsTable(): string {
  return namesTable('metric', METRICS);
}

function namesTable(head: string, names: Readonly<Record<string, string>>): string {
  const rows = Object.entries(names).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
  return ['', `| ${head} | what it tells |`, '|---|---|', ...rows, ''].join('\n');
}

function optionRow(option: OptionSpec): string {
  const value = option.placeholder === undefined ? '' : ` <${option.placeholder}>`;
  const short = option.short === undefined ? '' : `\`-${option.short}\`, `;
  const otherwise =
    option.default === undefined
      ? (option.defaultText ?? (option.kind.type === 'flag' ? 'off' : 'none'))
      : `\`${option.default}\``;
  const meaning = `${option.help}${choices(option)}${commands(option)}`;
  const cells = [`${short}\`--${option.name}${value}\``, meaning, otherwise, `\`${environmentName(option.name)}\``];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function choices({ kind }: OptionSpec): string {
  return kind.type === 'choice' ? ` (${kind.choices.map((choice) => `\`${choice}\``).join(', ')})` : '';
}

/** Which commands take it, where that is not `import` alone. */
function commands(option: OptionSpec): string {
  const others = option.commands
    .filter((command) => command !== 'import' && !(command === 'resolve' && option.commands.includes('ledger')))
    .map((command) => (command === 'resolve' ? 'ledger resolve' : command));
  if (others.length === 0) return '';
  const also = option.commands.includes('import') ? 'also' : 'only';
  return ` · ${also} ${others.map((command) => `\`${command}\``).join(', ')}`;
}
