import type { StoredLedger } from '../../io/ledger/ledger.js';
import type { Selection } from '../../io/ledger/operator.js';
import { severalSelections } from '../output/messages/ledger-messages.js';
import type { FlagValues } from '../settings/resolve.js';
import { UsageError } from '../usage-error.js';

/** Which events are meant, as the command line says it. */
export type Choice =
  | { readonly by: 'id' | 'file' | 'run'; readonly value: string }
  | { readonly by: 'all'; readonly value?: never };

/** Undefined where none was named. @throws {UsageError} where several were */
export function choiceIn(flags: FlagValues): Choice | undefined {
  const choices = (['id', 'file', 'run', 'all'] as const).flatMap((by): Choice[] => {
    const value = flags.get(by);
    if (value === undefined) return [];
    return [by === 'all' || value === true ? { by: 'all' } : { by, value }];
  });
  if (choices.length > 1) throw new UsageError([severalSelections(choices.map(({ by }) => `--${by}`))]);
  return choices[0];
}

export function selectionOf(choice: Choice, ledger: StoredLedger): Selection {
  switch (choice.by) {
    case 'id':
      return { keys: [ledger.hashOf(choice.value)] };
    case 'file':
      return { file: choice.value };
    case 'run':
      return { run: choice.value };
    case 'all':
      return { all: true };
  }
}

/** For the record of what was changed. Ids are left out: the ledger holds none in plain. */
export function recordedChoice(choice: Choice): string {
  return choice.by === 'file' || choice.by === 'run' ? `--${choice.by} ${choice.value}` : `--${choice.by}`;
}
