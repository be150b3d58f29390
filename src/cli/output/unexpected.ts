import type { CommandContext } from '../context.js';
import { unexpectedError } from './messages/run-messages.js';
import { createReporter } from './reporter.js';

/** Says that an error came which nobody expected: a bug. */
export function sayUnexpected(error: unknown, context: Pick<CommandContext, 'stderr'>): void {
  createReporter(context, { quiet: false, debug: false, color: false }).error(unexpectedError(error));
}
