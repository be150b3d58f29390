import type { RunPorts } from '../../pipeline/run-ports.js';
import type { CommandContext } from '../context.js';
import { confirm, confirmation } from '../output/confirmation.js';
import { knownToTarget, knownToTargetQuestion } from '../output/messages/confirmation-messages.js';
import type { Reporter } from '../output/reporter.js';
import type { PreparedImport } from '../settings/prepared.js';

/**
 * Says that the target had many events before this ledger ever sent them; where an import is confirmed before it starts,
 * asks whether it shall go on.
 */
export function tellKnownToTarget(
  { destination, settings }: Pick<PreparedImport, 'destination' | 'settings'>,
  context: CommandContext,
  reporter: Reporter,
): NonNullable<RunPorts['onKnownToTarget']> {
  const harmless = destination.kind === 'sandbox' || destination.loopback;
  const asks = confirmation(context, { harmless, yes: settings.yes, noInput: settings.noInput }) === 'ask';
  return ({ known, answered }, over) => {
    if (!asks) {
      reporter.warning(knownToTarget(known, answered));
      return undefined;
    }
    reporter.status('');
    // A run that ends meanwhile, at a signal say, needs no answer any more.
    let isOpen = true;
    const ended = new Promise<boolean>((resolve) => {
      const leave = (): void => {
        if (isOpen) context.stderr.write('\n');
        resolve(true);
      };
      over.addEventListener('abort', leave, { once: true });
    });
    return Promise.race([confirm(context, knownToTargetQuestion(known, answered)), ended]).finally(() => {
      isOpen = false;
    });
  };
}
