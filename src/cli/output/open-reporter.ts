import type { CommandContext } from '../context.js';
import type { Settings } from '../settings/settings.js';
import { createReporter, type Reporter, wantsColor } from './reporter.js';

/** The reporter that the settings ask for. What it takes to write JSON is loaded only when it is. */
export async function openReporter(
  context: CommandContext,
  { quiet, debug, noColor, logFormat }: Pick<Settings, 'quiet' | 'debug' | 'noColor' | 'logFormat'>,
  secrets: readonly string[] = [],
): Promise<Reporter> {
  if (logFormat === 'json') {
    const { createJsonReporter } = await import('./json-log.js');
    return createJsonReporter(context, { quiet, debug }, [...secretsIn(context.env), ...secrets]);
  }
  const color = wantsColor(context.stderr, context.env, noColor);
  return createReporter(context, { quiet, debug, color });
}

function secretsIn(env: CommandContext['env']): readonly string[] {
  const names = ['DIDOMI_API_KEY', 'DIDOMI_API_SECRET', 'ONETRUST_COLLECTION_POINT_TOKEN', 'ONETRUST_CLIENT_SECRET'];
  return names.map((name) => (env[name] ?? '').trim()).filter((value) => value !== '');
}

/** The log format that a command line asks for, where it can't be, or was not yet, read as a whole. */
export function askedLogFormat(args: readonly string[], env: CommandContext['env']): Settings['logFormat'] {
  const at = args.findIndex((arg) => arg === '--log-format' || arg.startsWith('--log-format='));
  const asked = at < 0 ? env['CONSENT_IMPORT_LOG_FORMAT'] : (args[at]!.split('=')[1] ?? args[at + 1]);
  return asked === 'json' ? 'json' : 'text';
}
