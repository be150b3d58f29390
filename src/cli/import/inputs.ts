import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { Input } from '../../core/input.js';
import { oldEnough } from '../../io/inputs/age.js';
import { LEFT_OUT_TEXTS } from '../../io/inputs/left-out.js';
import { resolveInputs } from '../../io/inputs/resolve.js';
import type { CommandContext } from '../context.js';
import { badCertificates, spooling } from '../output/messages/input-messages.js';
import { leftOut, nothingMatched, outputIsInput } from '../output/messages/run-messages.js';
import type { Reporter } from '../output/reporter.js';
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

/**
 * Finds the inputs.
 * @throws {UsageError} when the rejects file is also an input
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
  } = settings;
  const secret = [credentialsFile, authorizationFile];
  const outputs = [rejectsPath, delivered, summaryFile, report, ledger, moveComplete];
  const named = [...outputs, excludeSubjects, schema, config, ...secret, caFile];
  const found = await resolveInputs(operands, {
    // Opened only when it is read: the mere touch of standard input would wait for it.
    stdin: operands.includes('-') ? (context.stdin.bytes() as Readable) : Readable.from([]),
    named: named.filter((path) => path !== undefined),
    urls: {
      timeoutMs: SILENCE_MS,
      ca: caFile === undefined ? undefined : await readCertificates(caFile),
      userAgent: `consent-import/${context.toolVersion}`,
      spools: settings.validateFirst,
      onSpool: (path, size) => reporter.info(spooling(path, size)),
    },
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
      for (const { path, reason } of found.leftOut) reporter.info(leftOut(path, LEFT_OUT_TEXTS[reason]));
      for (const path of young) reporter.info(leftOut(path, 'younger than --min-age; for the next run'));
      if (!settings.allowEmpty) for (const what of found.unmatched) reporter.error(nothingMatched(what));
    },
  };
}

/** @throws {UsageError} */
async function readCertificates(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError([badCertificates(path, error.code ?? 'no code')]);
  });
}
