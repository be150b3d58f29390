import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Input } from '../../core/input.js';
import { oldEnough } from '../../io/inputs/age.js';
import { LEFT_OUT_TEXTS } from '../../io/inputs/left-out.js';
import { resolveInputs } from '../../io/inputs/resolve.js';
import { S3Missing } from '../../io/inputs/s3/s3-store.js';
import { NamedPaths } from '../../io/inputs/walk.js';
import type { CommandContext } from '../context.js';
import { badCertificates, s3Missing, spooling } from '../output/messages/input-messages.js';
import { leftOut, nothingMatched, outputIsInput, rejectsFileIsInput } from '../output/messages/run-messages.js';
import type { Reporter } from '../output/reporter.js';
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
  rejectsPath: string,
  context: CommandContext,
  reporter: Reporter,
): Promise<FoundInputs> {
  const { summaryFile, caFile } = settings;
  const found = await resolveInputs(operands, {
    // Opened only when it is read: the mere touch of standard input would wait for it.
    stdin: operands.includes('-') ? (context.stdin.bytes() as Readable) : Readable.from([]),
    named: [rejectsPath, ...pathsIn(settings)],
    remote: {
      timeoutMs: SILENCE_MS,
      resumeWaitMs: RESUME_WAIT_MS,
      ca: caFile === undefined ? undefined : await readCertificates(caFile),
      userAgent: `consent-import/${context.toolVersion}`,
      pathStyle: S3_ENDPOINTS.some((name) => (context.env[name] ?? '') !== ''),
      spools: settings.validateFirst,
      onSpool: (path, size) => reporter.info(spooling(path, size)),
    },
  }).catch((error: unknown) => {
    throw error instanceof S3Missing ? new UsageError([s3Missing()]) : error;
  });
  await refuseOutputs(found.inputs, rejectsPath, summaryFile);
  const { old, young } = await oldEnough(found.inputs, settings.minAge, context.now());
  return {
    inputs: old,
    nothingMatched: found.unmatched.length > 0,
    close: async () => {
      for (const input of old) await input.close?.();
    },
    tell() {
      for (const { path, reason } of found.leftOut) reporter.info(leftOut(path, LEFT_OUT_TEXTS[reason]));
      for (const path of young) reporter.info(leftOut(path, 'younger than --min-age; for the next run'));
      if (!settings.allowEmpty) for (const what of found.unmatched) reporter.error(nothingMatched(what));
    },
  };
}

/** @throws {UsageError} when a file that will be written is also an input, under whatever name */
async function refuseOutputs(
  inputs: readonly Input[],
  rejectsPath: string,
  summaryFile: string | undefined,
): Promise<void> {
  const paths = inputs.map(({ info }) => info.path);
  const grows = await (await NamedPaths.of([rejectsPath])).firstOf(paths);
  if (grows !== undefined) throw new UsageError([rejectsFileIsInput(grows)]);
  if (summaryFile === undefined) return;
  const replaced = await (await NamedPaths.of([summaryFile])).firstOf(paths);
  if (replaced !== undefined) throw new UsageError([outputIsInput('--summary-file', replaced)]);
}

/** @throws {UsageError} */
async function readCertificates(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError([badCertificates(path, error.code ?? 'no code')]);
  });
}
