import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { TargetName } from '../../core/target.js';
import {
  FAULT_HELP,
  FAULT_SCRIPTS,
  type FaultScript,
  FaultScriptError,
  parseFaultScript,
  readyFaultScript,
  type Sandbox,
  startSandbox,
} from '../../sandbox/sandbox.js';
import { commandLine } from '../output/command-line.js';
import { faultsMalformed, faultsUnreadable, portTaken } from '../output/messages/usage-messages.js';
import { SANDBOX_ORGANIZATION } from '../settings/prepared.js';
import { resolveSettings } from '../settings/resolve.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';
import type { Call } from './command.js';

/** `sandbox`: runs the stand-in until a signal comes. */
export async function executeSandbox({ flags, context }: Call): Promise<number> {
  const { settings, problems } = resolveSettings('sandbox', flags, context);
  if (problems.length > 0) {
    throw new UsageError(problems);
  }
  const faults = await readFaults(settings.faults, context.cwd);
  const stopped = new Promise<void>((end) => {
    context.onSignal(() => end());
  });
  const sandbox = await start(settings, faults);
  context.stdout.write(howToUse(sandbox, settings.target, context.program));
  await stopped;
  await sandbox.close();
  return 0;
}

/** What stands at the end of `sandbox --help`. */
export function sandboxHelpEnd(): string {
  const ready = Object.entries(FAULT_SCRIPTS).map(([name, about]) => `    ${name.padEnd(13)} ${about}`);
  return `${FAULT_HELP}\n  ready scripts\n${ready.join('\n')}\n`;
}

async function start(settings: Settings, faults: FaultScript | undefined): ReturnType<typeof startSandbox> {
  try {
    return await startSandbox({
      port: settings.port,
      latencyMs: settings.latency,
      ...(faults === undefined ? {} : { faults }),
      ...(settings.seed === undefined ? {} : { seed: settings.seed }),
    });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE' || code === 'EACCES') {
      throw new UsageError([portTaken(settings.port, code)]);
    }
    throw error;
  }
}

async function readFaults(given: string | undefined, cwd: string): Promise<FaultScript | undefined> {
  if (given === undefined) {
    return undefined;
  }
  const ready = readyFaultScript(given);
  if (ready !== undefined) {
    return ready;
  }
  let text: string;
  try {
    text = await readFile(resolve(cwd, given), 'utf8');
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new UsageError([faultsUnreadable(given, cause, Object.keys(FAULT_SCRIPTS))]);
  }
  try {
    return parseFaultScript(JSON.parse(text));
  } catch (error) {
    if (error instanceof FaultScriptError || error instanceof SyntaxError) {
      throw new UsageError([faultsMalformed(given, error.message)]);
    }
    throw error;
  }
}

/** What a person needs to send something there, ready to be copied. */
function howToUse({ url, oneTrustUrl, platformUrl }: Sandbox, target: TargetName | undefined, program: string): string {
  const into = (...args: string[]): string => commandLine(program, ['import', ...args]);
  const didomi = into(
    ...['events.jsonl.gz', '--target', 'didomi', '--organization-id', SANDBOX_ORGANIZATION, '--api-url', url],
  );
  const oneTrust = into('receipts.jsonl.gz', '--target', 'onetrust', '--api-url', oneTrustUrl);
  return [
    `The sandbox listens at ${target === 'onetrust' ? oneTrustUrl : url}`,
    ...(target === 'onetrust'
      ? []
      : [
          '\nImport into it, from another terminal (any key and secret will do):',
          `  DIDOMI_API_KEY=key DIDOMI_API_SECRET=secret ${didomi}`,
        ]),
    ...(target === 'didomi'
      ? []
      : [
          '\nImport receipts, as into OneTrust:',
          `  ONETRUST_COLLECTION_POINT_TOKEN=$(curl -s ${platformUrl}/_sandbox/token) ${oneTrust}`,
        ]),
    '\nSee what arrived:',
    `  curl ${platformUrl}/_sandbox/events`,
    `  curl ${platformUrl}/_sandbox/stats`,
    '\nStop it with Ctrl-C.\n',
  ].join('\n');
}
