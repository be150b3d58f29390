import type { RunResult } from '../../core/run.js';
import { MoveError, moveInto, prepareMove } from '../../io/inputs/move-complete.js';
import { cantMoveTo, notMoved } from '../output/messages/input-messages.js';
import type { Reporter } from '../output/reporter.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';

/** Makes the folder of `--move-complete`. @throws {UsageError} when it can't be made */
export async function checkMoveFolder({ moveComplete }: Settings): Promise<void> {
  if (moveComplete === undefined) return;
  await prepareMove(moveComplete).catch((error: unknown) => {
    if (!(error instanceof MoveError)) throw error;
    throw new UsageError([cantMoveTo(moveComplete, error.message)]);
  });
}

/** Moves the files of which every record was delivered, now or before. What can't be moved is a warning. */
export async function moveCompleteFiles(
  { moveComplete }: Settings,
  { tally }: RunResult,
  reporter: Reporter,
): Promise<void> {
  if (moveComplete === undefined) return;
  const states = new Map<string, boolean>();
  for (const { path, state } of tally.files) {
    const isComplete = state === 'complete' || state === 'skipped';
    states.set(path, (states.get(path) ?? true) && isComplete);
  }
  for (const [path, isComplete] of states) {
    // What has no name in the file system stays where it is: standard input, a URL.
    if (!isComplete || path === '-' || path.includes('://')) continue;
    await moveInto(moveComplete, path).catch((error: unknown) => {
      if (!(error instanceof MoveError)) throw error;
      reporter.warning(notMoved(path, error.message));
    });
  }
}
