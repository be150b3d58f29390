import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { Input } from '../../core/input.js';
import { LEFT_OUT_TEXTS } from '../../io/inputs/left-out.js';
import { resolveInputs } from '../../io/inputs/resolve.js';
import type { CommandContext } from '../context.js';
import { leftOut, nothingMatched, rejectsFileIsInput } from '../output/messages/run-messages.js';
import type { Reporter } from '../output/reporter.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';

export interface FoundInputs {
  readonly inputs: readonly Input[];
  /** Something that was named had no input in it. */
  readonly nothingMatched: boolean;
}

/**
 * Finds the inputs, and says what was left out and what matched nothing.
 * @throws {UsageError} when the rejects file is also an input
 */
export async function findInputs(
  operands: readonly string[],
  settings: Settings,
  rejectsPath: string,
  context: CommandContext,
  reporter: Reporter,
): Promise<FoundInputs> {
  const { ledger, summaryFile, schema, config, credentialsFile, caFile } = settings;
  const named = [rejectsPath, ledger, summaryFile, schema, config, credentialsFile, caFile];
  const found = await resolveInputs(operands, {
    // Opened only when it is read: the mere touch of standard input would wait for it.
    stdin: operands.includes('-') ? (context.stdin.bytes() as Readable) : Readable.from([]),
    named: named.filter((path) => path !== undefined),
  });
  const same = found.inputs.find(
    (input) => resolve(context.cwd, input.info.path) === resolve(context.cwd, rejectsPath),
  );
  if (same !== undefined) throw new UsageError([rejectsFileIsInput(same.info.path)]);
  for (const { path, reason } of found.leftOut) reporter.info(leftOut(path, LEFT_OUT_TEXTS[reason]));
  if (!settings.allowEmpty) for (const what of found.unmatched) reporter.error(nothingMatched(what));
  return { inputs: found.inputs, nothingMatched: found.unmatched.length > 0 };
}
