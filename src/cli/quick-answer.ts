import type { CommandContext } from './context.js';
import { askedHelp, helpFor, helpOn } from './help/asked-help.js';

/**
 * Answers what asks for help or the version, without loading the rest of the program: a few modules instead of some
 * thirty, and no parser.
 * @returns the exit code; undefined for any other command line
 */
export async function quickAnswer(args: readonly string[], context: CommandContext): Promise<number | undefined> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    context.stdout.write(`${context.toolVersion}\n`);
    return 0;
  }
  const asked = askedHelp(args);
  const help = asked === undefined ? undefined : await helpOn(asked, helpFor(context, context.stdout));
  if (help === undefined) return undefined;
  context.stdout.write(help);
  return 0;
}
