import { type ParserFinding, readCommandLine } from './command-tree.js';
import type { CommandSpec } from './commands/command.js';
import { COMMANDS } from './commands/table.js';
import type { CommandContext } from './context.js';
import { askedHelp, type HelpTopic } from './help/asked-help.js';
import type { Message } from './output/messages/message.js';
import { wrongUsage } from './output/messages/usage-messages.js';
import { quickAnswer } from './quick-answer.js';
import type { Runners } from './runners.js';
import { closest } from './settings/closest.js';
import { optionsOf } from './settings/options.js';
import type { FlagValues } from './settings/resolve.js';
import { UsageError } from './usage-error.js';

/**
 * Carries a command line out.
 * @returns the exit code: 0 for help and version, 2 for wrong usage, else the command's own
 */
export async function runProgram(args: readonly string[], context: CommandContext, runners: Runners): Promise<number> {
  const answered = await quickAnswer(args, context);
  if (answered !== undefined) return answered;
  const asked = askedHelp(args);
  let exitCode = 0;
  let problems: readonly Message[] = [];
  let given: FlagValues = new Map(args.includes('--json') ? [['json', true]] : []);
  try {
    if (asked?.kind === 'unknown') throw new UsageError([unknownTopic(asked, context.program)]);
    const finding = await readCommandLine(
      args,
      context,
      async (execute, operands, flags) => {
        given = flags;
        exitCode = await execute({ operands, flags, context, runners });
      },
      await helpEnds(args),
    );
    problems = finding === undefined ? [] : [usageProblem(finding, args, context.program)];
    if (finding !== undefined && hasSummary(args[0])) return await endWithSummary(args[0], args, problems, context);
  } catch (error) {
    if (!(error instanceof UsageError)) {
      throw error;
    }
    problems = error.problems;
  }
  if (problems.length > 0) {
    const { askedLogFormat, openReporter } = await import('./output/open-reporter.js');
    const logFormat = askedLogFormat(args, context.env);
    const reporter = await openReporter(context, {
      quiet: false,
      debug: false,
      noColor: args.includes('--no-color'),
      logFormat,
    });
    for (const problem of problems) reporter.error(problem);
    if (answersInJson(args[0])) await answerInJson(args[0], given, problems, context);
  }
  return problems.length > 0 ? 2 : exitCode;
}

function hasSummary(command: string | undefined): command is 'import' | 'validate' {
  return command === 'import' || command === 'validate';
}

function answersInJson(command: string | undefined): command is 'verify' | 'undo' | 'ledger' {
  return command === 'verify' || command === 'undo' || command === 'ledger';
}

/** With `--json`, wherever that is set, what is wrong stands on stdout too. */
async function answerInJson(
  command: 'verify' | 'undo' | 'ledger',
  flags: FlagValues,
  problems: readonly Message[],
  context: CommandContext,
): Promise<void> {
  const { resolveSettings } = await import('./settings/resolve.js');
  if (!resolveSettings(command, flags, context).settings.json) return;
  const { failureJson } = await import('./output/failure-json.js');
  context.stdout.write(failureJson(problems, 2));
}

/** The summary is promised on every way out, so what asks for it is looked for in a command line that can't be read. */
async function endWithSummary(
  command: 'import' | 'validate',
  args: readonly string[],
  problems: readonly Message[],
  context: CommandContext,
): Promise<number> {
  const { endWithProblems } = await import('./commands/ended-early.js');
  const { resolveSettings } = await import('./settings/resolve.js');
  const flags = new Map<string, string | true>();
  if (args.includes('--json')) flags.set('json', true);
  const { askedLogFormat } = await import('./output/open-reporter.js');
  flags.set('log-format', askedLogFormat(args, context.env));
  const operands = [...args];
  for (const name of ['summary-file', 'report']) {
    const at = operands.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
    if (at < 0) continue;
    const hasValue = operands[at]?.includes('=') === true;
    const [option, next] = operands.splice(at, hasValue ? 1 : 2);
    const file = hasValue ? option?.slice(`--${name}=`.length) : next;
    if (file !== undefined) flags.set(name, file);
  }
  return endWithProblems(command, resolveSettings(command, flags, context), problems, operands, context);
}

function usageProblem(finding: ParserFinding, args: readonly string[], program: string): Message {
  const command = COMMANDS.find(({ name }) => name === args[0]);
  const verb =
    command !== undefined && 'verbs' in command ? command.verbs.find(({ name }) => name === args[1]) : undefined;
  const candidates = candidatesFor(verb ?? command);
  const unknown = /^error: unknown \w+ '([^'=]+)/.exec(finding.message)?.[1];
  const similar = unknown === undefined ? undefined : closest(unknown, candidates);
  return wrongUsage(
    finding,
    similar,
    [program, command?.name, verb?.name, '--help'].filter((part) => part !== undefined).join(' '),
  );
}

/** `help imprt`: there is no such command. */
function unknownTopic({ name, group }: Extract<HelpTopic, { kind: 'unknown' }>, program: string): Message {
  const finding = { code: 'commander.unknownCommand', message: `unknown command '${name}'` };
  const help = [program, group?.name, '--help'].filter((part) => part !== undefined).join(' ');
  return wrongUsage(finding, closest(name, candidatesFor(group)), help);
}

/** What an unknown word behind this command may have been meant to be. */
function candidatesFor(spec: CommandSpec | undefined): readonly string[] {
  if (spec === undefined) return COMMANDS.map(({ name }) => name);
  if ('verbs' in spec) return spec.verbs.map(({ name }) => name);
  const options = spec.options === undefined ? [] : optionsOf(spec.options);
  return [...(spec.flags ?? []), ...options].map(({ name }) => `--${name}`);
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
