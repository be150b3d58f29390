import type { CommandContext } from '../context.js';
import { unexpectedError } from './messages/run-messages.js';
import { askedLogFormat, openReporter } from './open-reporter.js';

/** Says that an error came which nobody expected: a bug. */
export async function sayUnexpected(error: unknown, args: readonly string[], context: CommandContext): Promise<void> {
  const logFormat = askedLogFormat(args, context.env);
  const reporter = await openReporter(context, { quiet: false, debug: false, noColor: true, logFormat });
  reporter.error(unexpectedError(error));
}
