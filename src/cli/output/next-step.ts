import type { EndReason } from '../../core/run.js';

/** Commands that can be typed next. */
export interface NextCommands {
  /** The same command again. */
  readonly again: string;
  /** Imports the rejects file; undefined when there is none. */
  readonly repair: string | undefined;
  /** Lists what is in doubt, with the commands that settle it. */
  readonly resolve: string;
}

/**
 * What to do after a run, and the command to type. Undefined when nothing is left to do.
 */
export function nextStep(
  command: 'import' | 'validate',
  reason: EndReason,
  { again, repair, resolve }: NextCommands,
): string | undefined {
  const repairStep = repair === undefined ? '' : `Repair the events in the rejects file, then:\n  ${repair}`;
  switch (reason) {
    case 'completed':
    case 'usage':
      return undefined;
    case 'rejects':
      return command === 'validate' ? 'Repair these events before you import.' : repairStep;
    case 'too_many_rejects':
      return `Find out what is wrong with the input. Once it is repaired:\n  ${again}`;
    case 'input':
      return join(`Replace the damaged or missing input, then:\n  ${again}`, repairStep);
    case 'auth':
      return `Correct the credentials, then:\n  ${again}`;
    case 'unavailable':
      return join(`Once the target answers again:\n  ${again}`, repairStep);
    case 'limit':
      return join(`To go on from here, later:\n  ${again}`, repairStep);
    case 'interrupted':
      return join(`To go on from here:\n  ${again}`, repairStep);
    case 'ledger_in_use':
      return `Once the other run has ended:\n  ${again}`;
    case 'in_doubt':
      return join(
        `Events in doubt were sent but never answered; they are not sent again by themselves. To settle them:\n  ${resolve}`,
        repairStep,
      );
    case 'storage':
      return `Once the disk is in order:\n  ${again}`;
    case 'bug':
      return `Please report this. To go on from here:\n  ${again}`;
  }
}

function join(...steps: readonly string[]): string {
  return steps.filter((step) => step !== '').join('\n');
}
