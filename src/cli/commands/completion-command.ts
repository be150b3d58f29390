import { commandTree, type Tree } from '../completion/tree.js';
import { unknownShell } from '../output/messages/usage-messages.js';
import { closest } from '../settings/closest.js';
import { UsageError } from '../usage-error.js';
import type { Call } from './command.js';
import { COMMANDS, type SHELLS } from './table.js';

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], () => Promise<(tree: Tree) => string>>> = {
  bash: async () => (await import('../completion/bash.js')).bashCompletion,
  zsh: async () => (await import('../completion/zsh.js')).zshCompletion,
  fish: async () => (await import('../completion/fish.js')).fishCompletion,
};

/** `completion <shell>`: prints a script that makes the shell complete commands, options and values. */
export async function executeCompletion({ operands, context }: Call): Promise<number> {
  const shell = operands[0] ?? '';
  const load = Object.entries(SCRIPTS).find(([known]) => known === shell)?.[1];
  if (load === undefined) {
    const known = Object.keys(SCRIPTS);
    throw new UsageError([unknownShell(shell, known, closest(shell, known))]);
  }
  const { FAULT_SCRIPTS } = await import('../../sandbox/sandbox.js');
  const script = await load();
  context.stdout.write(script(commandTree(COMMANDS, { faults: Object.keys(FAULT_SCRIPTS) })));
  return 0;
}
