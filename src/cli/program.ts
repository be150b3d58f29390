import { type ParserFinding, readCommandLine } from './command-tree.js';
import { COMMANDS } from './commands/table.js';
import type { CommandContext } from './context.js';
import type { Message } from './output/messages/message.js';
import { wrongUsage } from './output/messages/usage-messages.js';
import { createReporter, wantsColor } from './output/reporter.js';
import type { Runners } from './runners.js';
import { UsageError } from './usage-error.js';

/**
 * Carries a command line out.
 * @returns the exit code: 0 for help and version, 2 for wrong usage, else the command's own
 */
export async function runProgram(args: readonly string[], context: CommandContext, runners: Runners): Promise<number> {
  let exitCode = 0;
  let problems: readonly Message[] = [];
  try {
    const finding = await readCommandLine(
      args,
      context,
      async (execute, operands, flags) => {
        exitCode = await execute({ operands, flags, context, runners });
      },
      await helpEnds(args),
    );
    problems = finding === undefined ? [] : [wrongUsage(finding, helpCommand(finding, args, context.program))];
  } catch (error) {
    if (!(error instanceof UsageError)) {
      throw error;
    }
    problems = error.problems;
  }
  const color = wantsColor(context.stderr, context.env, false);
  const reporter = createReporter(context, { quiet: false, debug: false, color });
  for (const problem of problems) {
    reporter.error(problem);
  }
  return problems.length > 0 ? 2 : exitCode;
}

/** The help that tells how it is done right. */
function helpCommand(finding: ParserFinding, args: readonly string[], program: string): string {
  const command = finding.code === 'commander.unknownCommand' ? undefined : args[0];
  const known = COMMANDS.some(({ name }) => name === command);
  return known ? `${program} ${command} --help` : `${program} --help`;
}

/** More help for the commands that are asked about; the others' need not be loaded. */
async function helpEnds(args: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ends = new Map<string, string>();
  if (args.some((arg) => ['-h', '--help', 'help'].includes(arg))) {
    for (const { name, helpEnd } of COMMANDS) {
      if (helpEnd !== undefined && args.includes(name)) {
        ends.set(name, await helpEnd());
      }
    }
  }
  return ends;
}
