import { Readable } from 'node:stream';
import type { Input } from '../../core/input.js';
import { oldEnough } from '../../io/inputs/age.js';
import { LEFT_OUT_TEXTS } from '../../io/inputs/left-out.js';
import { resolveInputs } from '../../io/inputs/resolve.js';
import { S3Missing } from '../../io/inputs/s3/s3-store.js';
import { NamedPaths } from '../../io/inputs/walk.js';
import type { CommandContext } from '../context.js';
import { readingTerminal, s3Missing, spooling } from '../output/messages/input-messages.js';
import { leftOut, nothingMatched, outputIsInput, wouldReplace } from '../output/messages/run-messages.js';
import type { Reporter } from '../output/reporter.js';
import { networkOf } from '../settings/network.js';
import { pathsIn } from '../settings/options.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';

export interface FoundInputs {
  readonly inputs: readonly Input[];
  /** Something that was named had no input in it. */
  readonly nothingMatched: boolean;
  /** Says what was left out and what matched nothing: after the first line, which names the destination. */
  tell(): void;
  /** Lets go of temporary files. */
  close(): Promise<void>;
}

/** A server that sends nothing for so long is given up. */
const SILENCE_MS = 60_000;
/** With seven tries, the last one some half a minute after a connection broke. */
const RESUME_WAIT_MS = 500;
/** Where the SDK is told of another S3 server than Amazon's. */
const S3_ENDPOINTS = ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'];

/**
 * Finds the inputs.
 * @throws {UsageError} when a file that will be written is also an input, or what S3 needs is not installed
 */
export async function findInputs(
  operands: readonly string[],
  settings: Settings,
  rejectsPath: string | undefined,
  context: CommandContext,
  reporter: Reporter,
): Promise<FoundInputs> {
  const network = networkOf(settings, context.env);
  for (const operand of operands)
    if (/^https:/i.test(operand) && URL.canParse(operand)) network.proxyFor(new URL(operand));
  const found = await resolveInputs(operands, {
    // Opened only when it is read: the mere touch of standard input would wait for it.
    stdin: operands.includes('-') ? (context.stdin.bytes() as Readable) : Readable.from([]),
    named: [...(rejectsPath === undefined ? [] : [rejectsPath]), ...pathsIn(settings)],
    remote: {
      timeoutMs: SILENCE_MS,
      resumeWaitMs: RESUME_WAIT_MS,
      ca: network.ca,
      proxyFor: network.proxyFor,
      userAgent: `consent-import/${context.toolVersion}`,
      pathStyle: S3_ENDPOINTS.some((name) => (context.env[name] ?? '') !== ''),
      spools: settings.validateFirst,
      onSpool: (path, size) => reporter.info(spooling(path, size)),
    },
  }).catch((error: unknown) => {
    throw error instanceof S3Missing ? new UsageError([s3Missing()]) : error;
  });
  await refuseOutputs(found.inputs, rejectsPath, settings);
  const { old, young } = await oldEnough(found.inputs, settings.minAge, context.now());
  return {
    inputs: old,
    nothingMatched: found.unmatched.length > 0,
    close: async () => {
      for (const input of old) await input.close?.();
    },
    tell() {
      if (operands.includes('-') && context.stdin.isTTY) reporter.warning(readingTerminal());
      for (const { path, reason } of found.leftOut) tellLeftOut(reporter, path, LEFT_OUT_TEXTS[reason]);
      for (const path of young) tellLeftOut(reporter, path, 'younger than --min-age; for the next run');
      if (!settings.allowEmpty) for (const what of found.unmatched) reporter.error(nothingMatched(what));
    },
  };
}

/** @throws {UsageError} when a file that will be written is also an input, under whatever name */
async function refuseOutputs(
  inputs: readonly Input[],
  rejectsPath: string | undefined,
  { delivered, summaryFile, report, metricsFile, rejectsCsv }: Settings,
): Promise<void> {
  const paths = inputs.map(({ info }) => info.path);
  for (const [flag, output] of [
    ['--rejects', rejectsPath],
    ['--delivered', delivered],
    ['--summary-file', summaryFile],
    ['--report', report],
    ['--metrics-file', metricsFile],
    ['--rejects-csv', rejectsCsv],
  ] as const) {
    const input = output === undefined ? undefined : await (await NamedPaths.of([output])).firstOf(paths);
    if (input !== undefined) throw new UsageError([outputIsInput(flag, input)]);
  }
  if (rejectsCsv === undefined) return;
  const others = [rejectsPath, delivered].filter((path) => path !== undefined);
  const replaced = await (await NamedPaths.of([rejectsCsv])).firstOf(others);
  if (replaced !== undefined) throw new UsageError([wouldReplace('--rejects-csv', replaced)]);
}

function tellLeftOut(reporter: Reporter, path: string, why: string): void {
  reporter.info(leftOut(path, why), { name: 'left_out', fields: { path, why } });
}
