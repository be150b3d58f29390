import { printable } from '../output/printable.js';
import { type SettingRow, settingLine } from '../settings/shown-settings.js';
import { CHECKS, type Finding } from './finding.js';

/** The report for people. */
export function doctorText(findings: readonly Finding[], rows: readonly SettingRow[], exitCode: number): string {
  const verdictWidth = Math.max(...findings.map(({ verdict }) => verdict.length));
  const nameWidth = Math.max(...Object.values(CHECKS).map((name) => name.length));
  const indent = ' '.repeat(verdictWidth + nameWidth + 6);
  const lines = findings.flatMap(({ check, verdict, found, advice, more = [] }) => [
    `  ${verdict.padEnd(verdictWidth)}  ${CHECKS[check].padEnd(nameWidth)}  ${found}`,
    ...(advice === undefined ? [] : [`${indent}→ ${advice}`]),
    ...more.map((line) => `${indent}  ${line}`),
  ]);
  const set = rows.filter(({ source }) => source !== 'default').map((row) => `  ${settingLine(row)}`);
  return printable(
    [
      'What an import with these settings would meet. Nothing is sent or changed.',
      '',
      ...lines,
      '',
      ...(set.length === 0 ? [] : ['Set, and by what:', ...set, '']),
      exitCode === 0 ? 'An import can start.' : `An import would end with exit code ${exitCode}.`,
      '',
    ].join('\n'),
  );
}
