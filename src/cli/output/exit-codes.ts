import { exitCodeOf } from '../../core/exit-code.js';
import type { EndReason } from '../../core/run.js';

/** An exit code, as pages explain it. */
export interface ExplainedExit {
  readonly code: number;
  readonly reason: EndReason;
  readonly meaning: string;
  readonly advice: string;
}

/** Every exit code, in order. Options stand in backquotes. */
export const EXIT_CODES: readonly ExplainedExit[] = [
  row(
    'completed',
    'every event was delivered, now or before (`validate`, `--dry-run`: nothing was rejected)',
    'nothing',
  ),
  row('rejects', 'finished, but some events were rejected', 'repair the rejects file, import it'),
  row('usage', 'wrong usage or settings; nothing was sent', 'read the message'),
  row(
    'input',
    'an input could not be read to its end: none matched, missing, damaged, cut off, of another kind; what was good was imported',
    'replace the file, run again',
  ),
  row('auth', 'the platform refused the credentials', 'correct them, run again'),
  row(
    'unavailable',
    'the platform was unavailable, asked for too long a wait, or answered as no such API does (404, 405, a redirect); some events are undelivered',
    'check `--api-url`, run the same command again',
  ),
  row('ledger_in_use', 'another run holds this ledger', 'wait'),
  row(
    'in_doubt',
    'some events were sent and never answered, on a platform where sending twice is not harmless; does not occur with Didomi',
    'see the message',
  ),
  row(
    'limit',
    'stopped at a limit (`--limit`, `--max-duration`, `--max-events-per-day`); some events are undelivered or unread',
    'run again later',
  ),
  row('too_many_rejects', 'stopped because of rejects (`--max-rejects`, `--validate-first`)', 'correct the input'),
  row('storage', "the ledger is damaged, or the ledger or the rejects file can't be written", 'see the message'),
  row('bug', "a bug: the program's own accounts do not add up, or an unexpected error", 'report it'),
  row(
    'interrupted',
    'interrupted by `SIGINT` (Ctrl-C), or by your answer to a question; what was on its way was finished first',
    'run again',
    'SIGINT',
  ),
  row('interrupted', 'the same by `SIGTERM`', 'run again', 'SIGTERM'),
];

function row(reason: EndReason, meaning: string, advice: string, signal?: 'SIGINT' | 'SIGTERM'): ExplainedExit {
  return { code: exitCodeOf(reason, signal), reason, meaning, advice };
}
