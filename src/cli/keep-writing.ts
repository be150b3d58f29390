import type { CommandContext } from './context.js';

/**
 * Writes at once, and then every so often; never twice at a time, so that a turn that comes while a write is slow is left out.
 * @param write what it rejects with is not caught
 * @returns ends it; resolves when nothing is being written any more
 */
export function keepWriting(
  everyMs: number,
  write: () => Promise<void>,
  { every }: Pick<CommandContext, 'every'>,
): () => Promise<void> {
  let writing: Promise<void> | undefined;
  const begin = (): void => {
    writing ??= write().finally(() => {
      writing = undefined;
    });
  };
  begin();
  const end = every(everyMs, begin);
  return async () => {
    end();
    await writing;
  };
}
