import { exitCodeOf } from '../../core/exit-code.js';
import type { CommandContext } from '../context.js';
import { Pings } from '../import/pings.js';
import type { Message } from '../output/messages/message.js';
import { openReporter } from '../output/open-reporter.js';
import type { Runner } from '../runners.js';
import type { DestinationSettings } from '../settings/place.js';
import { type Preparation, prepareImport, prepareValidate } from '../settings/prepared.js';
import { type Resolved, resolveSettings } from '../settings/resolve.js';
import { settingLine, settingRows } from '../settings/shown-settings.js';
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
  const { settings, sources } = resolved;
  const pings = new Pings(settings, context);
  pings.start();
  const reporter = await openReporter(context, settings, secretsOf(prepared));
  const endEarly = async (found: readonly Message[]): Promise<number> => {
    reporter.status('');
    const exitCode = await endWithProblems(command, resolved, found, operands, context);
    await pings.end(exitCode, reporter);
    reporter.finish(exitCode);
    return exitCode;
  };
  if (prepared === undefined) return endEarly(problems);
  for (const row of settingRows(command, settings, sources)) {
    const fields = { setting: row.key, value: row.value, source: row.source };
    reporter.debug(settingLine(row), { name: 'setting', fields });
  }
  for (const warning of warnings) {
    reporter.warning(warning);
  }
  try {
    const run = await load();
    const exitCode = await run(prepared, context, reporter);
    await pings.end(exitCode, reporter);
    reporter.finish(exitCode);
    return exitCode;
  } catch (error) {
    if (error instanceof UsageError) return endEarly(error.problems);
    reporter.status('');
    await pings.end(exitCodeOf('bug'), reporter);
    throw error;
  }
}

/** Besides those in the environment. */
function secretsOf(prepared: unknown): readonly string[] {
  const { destination, token } = (prepared ?? {}) as {
    readonly destination?: DestinationSettings;
    readonly token?: string;
  };
  const credentials = destination?.kind === 'address' ? destination.credentials : undefined;
  const point = destination?.target === 'onetrust' ? destination.token : token;
  return [credentials?.key, credentials?.secret, point].filter((secret) => secret !== undefined);
}
