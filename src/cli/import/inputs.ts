import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { Input } from '../../core/input.js';
import { oldEnough } from '../../io/inputs/age.js';
import { LEFT_OUT_TEXTS } from '../../io/inputs/left-out.js';
import { resolveInputs } from '../../io/inputs/resolve.js';
import { S3Missing } from '../../io/inputs/s3/s3-store.js';
import type { CommandContext } from '../context.js';
import { s3Missing, spooling } from '../output/messages/input-messages.js';
import { leftOut, nothingMatched, outputIsInput } from '../output/messages/run-messages.js';
import type { Reporter } from '../output/reporter.js';
import { networkOf } from '../settings/network.js';
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
 * @throws {UsageError} when the rejects file is also an input, or what S3 needs is not installed
 */
export async function findInputs(
  operands: readonly string[],
  settings: Settings,
  rejectsPath: string | undefined,
  context: CommandContext,
  reporter: Reporter,
): Promise<FoundInputs> {
  const {
    ledger,
    summaryFile,
    delivered,
    excludeSubjects,
    report,
    schema,
    config,
    credentialsFile,
    authorizationFile,
    caFile,
    moveComplete,
    expect,
    metricsFile,
  } = settings;
  const secret = [credentialsFile, authorizationFile];
  const outputs = [rejectsPath, delivered, summaryFile, report, metricsFile, ledger, moveComplete];
  const named = [...outputs, excludeSubjects, schema, config, ...secret, caFile, expect];
  const network = networkOf(settings, context.env);
  for (const operand of operands)
    if (/^https:/i.test(operand) && URL.canParse(operand)) network.proxyFor(new URL(operand));
  const found = await resolveInputs(operands, {
    // Opened only when it is read: the mere touch of standard input would wait for it.
    stdin: operands.includes('-') ? (context.stdin.bytes() as Readable) : Readable.from([]),
    named: named.filter((path) => path !== undefined),
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
  for (const [flag, output] of [
    ['--rejects', rejectsPath],
    ['--delivered', delivered],
  ] as const) {
    const same = found.inputs.find(
      ({ info }) => output !== undefined && resolve(context.cwd, info.path) === resolve(context.cwd, output),
    );
    if (same !== undefined) throw new UsageError([outputIsInput(flag, same.info.path)]);
  }
  const { old, young } = await oldEnough(found.inputs, settings.minAge, context.now());
  return {
    inputs: old,
    nothingMatched: found.unmatched.length > 0,
    close: async () => {
      for (const input of old) await input.close?.();
    },
    tell() {
      for (const { path, reason } of found.leftOut) tellLeftOut(reporter, path, LEFT_OUT_TEXTS[reason]);
      for (const path of young) tellLeftOut(reporter, path, 'younger than --min-age; for the next run');
      if (!settings.allowEmpty) for (const what of found.unmatched) reporter.error(nothingMatched(what));
    },
  };
}

function tellLeftOut(reporter: Reporter, path: string, why: string): void {
  reporter.info(leftOut(path, why), { name: 'left_out', fields: { path, why } });
}
