import type { Message } from './messages/message.js';

/**
 * What `verify`, `undo` and the verbs of `ledger` print with `--json` when they have no answer: one object, one line.
 * @param problems what stderr says, at least one
 */
export function failureJson(problems: readonly Message[], exitCode: number): string {
  const code = problems[0]?.code;
  const message = problems.map(({ text }) => text).join('\n');
  return `${JSON.stringify({ version: 1, error: { code, message }, exitCode })}\n`;
}
