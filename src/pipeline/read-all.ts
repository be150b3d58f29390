import type { Input } from '../core/input.js';
import type { Tally } from '../core/run.js';
import { type Accountant, newFileAccount } from '../core/tally.js';
import type { CompletedFilesStage } from './completed-files.js';
import type { Intake } from './intake.js';

/**
 * Reads the inputs in the order given, each to its end. A file that was read to its end is `complete` for now: whether
 * all its records were delivered is known when the last one is settled.
 * @returns true when every input was read to its end
 */
export async function readAll(
  inputs: readonly Input[],
  accountant: Accountant,
  intake: Intake,
  signal: AbortSignal,
  onInputError: 'continue' | 'stop',
  completed: CompletedFilesStage | undefined,
): Promise<boolean> {
  const files = inputs.map((input) => newFileAccount(input.info.path, input.info.size));
  accountant.tally.files.push(...files);
  for (const [i, input] of inputs.entries()) {
    if (signal.aborted) return false;
    const file = files[i]!;
    if (await completed?.passOver(input, file, signal)) continue;
    file.state = 'partial';
    const whole = await intake.read(input, file, signal);
    if (!whole) return false;
    if (file.damage === undefined) {
      file.state = 'complete';
      completed?.wasRead(file);
    } else if (onInputError === 'stop') return false;
  }
  return files.every((file) => file.damage === undefined);
}

/** What became of each file, now that all its records have an outcome. */
export function finishFiles(tally: Tally): void {
  for (const file of tally.files) {
    if (file.damage !== undefined) file.state = 'unreadable';
    else if (file.state === 'partial' && file.read === 0 && file.bytesRead === 0) file.state = 'unread';
    else if (file.state === 'complete' && file.rejected + file.inDoubt + file.undelivered > 0) file.state = 'partial';
  }
}
