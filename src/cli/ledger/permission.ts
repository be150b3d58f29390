import { confirm } from '../output/confirmation.js';
import { changeNotConfirmed, changeUnconfirmed } from '../output/messages/ledger-messages.js';
import { UsageError } from '../usage-error.js';
import type { Verb } from './verb.js';

/** Ends a change that can't be confirmed before anything is opened. @throws {UsageError} */
export function assertCanConfirm({ name, settings, context }: Verb): void {
  const { stdin, stderr } = context;
  if (settings.yes) return;
  if (settings.noInput) throw new UsageError([changeUnconfirmed(name, '--no-input forbids to ask')]);
  if (!stdin.isTTY || !stderr.isTTY) throw new UsageError([changeUnconfirmed(name, 'there is no terminal to ask at')]);
}

/** Asks, unless `--yes` answered already. @throws {UsageError} when the answer is no */
export async function confirmChange({ settings, context }: Verb, question: string): Promise<void> {
  if (settings.yes) return;
  if (!(await confirm(context, `${question} [y/N] `))) throw new UsageError([changeNotConfirmed()]);
}
