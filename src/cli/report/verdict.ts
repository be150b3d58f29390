import type { EndReason } from '../../core/run.js';
import { count, counted } from '../output/figures.js';
import type { Summary } from '../output/summary.js';

/** How a run ended, for who did not watch it. */
export interface ReportVerdict {
  readonly tone: 'good' | 'attention' | 'bad';
  readonly title: string;
  readonly text: string;
}

/** What the run was: a name for the page's title. */
export function nameOf({ command, settings, destination }: Summary): string {
  const platform = platformName(destination.target);
  if (command === 'validate') return `Check of consent records${platform === undefined ? '' : ` for ${platform}`}`;
  const what = settings['dryRun'] === true ? 'Dry run of an import' : 'Import of consent records';
  return `${what}${platform === undefined ? '' : ` into ${platform}`}`;
}

export function platformName(target: string | null): string | undefined {
  if (target === null) return undefined;
  return { didomi: 'Didomi', onetrust: 'OneTrust' }[target] ?? target;
}

/** Did the run send events, or was it to? */
export function sends({ command, settings }: Summary): boolean {
  return command === 'import' && settings['dryRun'] !== true;
}

export function verdictOf(summary: Summary): ReportVerdict {
  return { tone: TONES[summary.reason], title: titleOf(summary), text: textOf(summary) };
}

const TONES: Readonly<Record<EndReason, ReportVerdict['tone']>> = {
  completed: 'good',
  rejects: 'attention',
  in_doubt: 'attention',
  limit: 'attention',
  interrupted: 'attention',
  input: 'attention',
  ledger_in_use: 'attention',
  usage: 'bad',
  auth: 'bad',
  unavailable: 'bad',
  too_many_rejects: 'bad',
  storage: 'bad',
  bug: 'bad',
};

function titleOf(summary: Summary): string {
  switch (summary.reason) {
    case 'completed':
      if (summary.events.read === 0) return 'Nothing to do';
      if (summary.command === 'validate') return 'Every record is valid';
      return sends(summary) ? 'Complete' : 'Ready to import';
    case 'rejects':
      return 'Finished, with rejected records';
    case 'in_doubt':
      return 'Finished, with records in doubt';
    case 'input':
      return 'Finished, but not every input could be read';
    case 'limit':
      return 'Stopped at a limit that was set';
    case 'interrupted':
      return 'Interrupted';
    case 'ledger_in_use':
      return 'Not started: another run was going on';
    case 'usage':
      return 'Not started: wrong settings';
    case 'auth':
      return 'Stopped: the platform refused the credentials';
    case 'unavailable':
      return 'Stopped: the platform was not available';
    case 'too_many_rejects':
      return 'Stopped: too many records were rejected';
    case 'storage':
      return 'Stopped: a disk could not be written or read';
    case 'bug':
      return 'Ended by a fault of the program: these numbers may be wrong';
  }
}

function textOf(summary: Summary): string {
  const { events } = summary;
  if (events.read === 0) return 'No record was read.';
  if (summary.command === 'validate') {
    return `A check only: nothing was sent. ${count(events.undelivered)} of ${counted(events.read, 'record')} could be imported.`;
  }
  if (!sends(summary)) {
    return `A rehearsal: nothing was sent. ${count(events.undelivered)} of ${counted(events.read, 'record')} would be.`;
  }
  const there = events.delivered + events.duplicate;
  const missing = events.read - there;
  if (missing === 0) {
    const all = `Each of the ${counted(events.read, 'record')} that ${events.read === 1 ? 'was' : 'were'} read`;
    return `${all} was delivered, in this run or before.`;
  }
  const left = [
    [events.rejected, 'rejected'],
    [events.inDoubt, 'in doubt'],
    [events.undelivered, 'not delivered'],
  ] as const;
  const told = left.filter(([amount]) => amount > 0).map(([amount, word]) => `${count(amount)} ${word}`);
  return `${count(there)} of ${counted(events.read, 'record')} that ${events.read === 1 ? 'was' : 'were'} read ${there === 1 ? 'is' : 'are'} at the platform; ${told.join(', ')}.`;
}
