import type { CommandContext } from '../context.js';
import { printable } from './printable.js';

/** Whether an import must be confirmed before it starts. */
export type Confirmation = 'not_needed' | 'ask' | 'missing';

/**
 * On a terminal (stdin and stderr), an import into anything but a sandbox or a loopback address is asked about. `--yes`
 * answers; `--no-input` forbids to ask.
 */
export function confirmation(
  { stdin, stderr }: Pick<CommandContext, 'stdin' | 'stderr'>,
  about: { readonly harmless: boolean; readonly yes: boolean; readonly noInput: boolean },
): Confirmation {
  if (about.harmless || about.yes || !stderr.isTTY || !stdin.isTTY) {
    return 'not_needed';
  }
  return about.noInput ? 'missing' : 'ask';
}

/** Asks on stderr and reads one line. Anything but a clear yes is a no. */
export async function confirm(
  { stdin, stderr }: Pick<CommandContext, 'stdin' | 'stderr'>,
  question: string,
): Promise<boolean> {
  stderr.write(printable(question));
  const answer = await stdin.readLine();
  if (answer === undefined) {
    stderr.write('\n');
  }
  return /^\s*y(es)?\s*$/i.test(answer ?? '');
}
