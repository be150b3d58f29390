import type { CommandContext } from '../context.js';
import { createReporter, wantsColor } from '../output/reporter.js';
import type { Runner } from '../runners.js';
import { type Preparation, prepareImport, prepareValidate } from '../settings/prepared.js';
import { type Resolved, resolveSettings } from '../settings/resolve.js';
import { settingLines } from '../settings/shown-settings.js';
import { UsageError } from '../usage-error.js';
import type { Call } from './command.js';
import { endWithProblems } from './ended-early.js';

/** `import`: resolves its settings, and hands over. */
export async function executeImport({ operands, flags, context, runners }: Call): Promise<number> {
  const resolved = resolveSettings('import', flags, context);
  const preparation = prepareImport(operands, resolved, context);
  return execute('import', operands, resolved, preparation, runners.import, context);
}

/** `validate`: the same without a destination. */
export async function executeValidate({ operands, flags, context, runners }: Call): Promise<number> {
  const resolved = resolveSettings('validate', flags, context);
  const preparation = prepareValidate(operands, resolved, context);
  return execute('validate', operands, resolved, preparation, runners.validate, context);
}

async function execute<Prepared>(
  command: 'import' | 'validate',
  operands: readonly string[],
  resolved: Resolved,
  { prepared, problems, warnings }: Preparation<Prepared>,
  load: () => Promise<Runner<Prepared>>,
  context: CommandContext,
): Promise<number> {
  if (prepared === undefined) {
    return endWithProblems(command, resolved, problems, operands, context);
  }
  const { settings, sources } = resolved;
  const color = wantsColor(context.stderr, context.env, settings.noColor);
  const reporter = createReporter(context, { quiet: settings.quiet, debug: settings.debug, color });
  for (const line of settingLines(command, settings, sources)) {
    reporter.debug(line);
  }
  for (const warning of warnings) {
    reporter.warning(warning);
  }
  try {
    const run = await load();
    const exitCode = await run(prepared, context, reporter);
    reporter.finish(exitCode);
    return exitCode;
  } catch (error) {
    reporter.status('');
    if (error instanceof UsageError) {
      return endWithProblems(command, resolved, error.problems, operands, context);
    }
    throw error;
  }
}
