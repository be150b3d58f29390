import type { Input } from '../../core/input.js';
import type { FileIdentity } from '../../core/ledger.js';
import type { RunResult } from '../../core/run.js';
import { identityOf } from '../../io/inputs/identity.js';
import { MoveError, moveInto, prepareMove } from '../../io/inputs/move-complete.js';
import { cantMoveTo, changedNotMoved, notMoved } from '../output/messages/input-messages.js';
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

/** What the inputs' files are before the run: undefined where a path is none. Only needed with `--move-complete`. */
export type FilesBefore = ReadonlyMap<string, FileIdentity | undefined>;

/** Looks at the inputs' files, before the first of them is read. */
export async function filesBefore({ moveComplete }: Settings, inputs: readonly Input[]): Promise<FilesBefore> {
  const files = new Map<string, FileIdentity | undefined>();
  if (moveComplete === undefined) return files;
  for (const { info } of inputs) files.set(info.path, await identityOf(info.path));
  return files;
}

/**
 * Moves the files of which every record was delivered, now or before. What can't be moved is a warning; so is a file that
 * changed since the run began, for what was written to it after it was read would be moved away unread.
 */
export async function moveCompleteFiles(
  { moveComplete }: Settings,
  before: FilesBefore,
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
    if (!isSame(before.get(path), await identityOf(path))) {
      reporter.warning(changedNotMoved(path));
      continue;
    }
    await moveInto(moveComplete, path).catch((error: unknown) => {
      if (!(error instanceof MoveError)) throw error;
      reporter.warning(notMoved(path, error.message));
    });
  }
}

function isSame(before: FileIdentity | undefined, now: FileIdentity | undefined): boolean {
  if (before === undefined || now === undefined) return before === now;
  return before.ino === now.ino && before.size === now.size && before.mtimeMs === now.mtimeMs;
}
