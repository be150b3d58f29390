/** What stands at the end of `ledger --help`. */
export const LEDGER_HELP_END = `Every verb but status needs --target and --organization-id, or --sandbox, as the import had them. What changes something
asks on a terminal; elsewhere it needs --yes. Changes are recorded in the ledger.

Exit codes: 0 done, or answered (show: also for an event that the ledger never saw); 2 wrong usage, not confirmed, or no
such ledger; resolve --reconcile also 3 (inputs), 4 and 5 (the platform), 7 (something stays in doubt); 6 a run holds the ledger (status works all the same); 10 the ledger is damaged, or can't be read or written.

With --json: one object, or nothing where the verb failed before it had an answer.
  status   version, ledgers: [{folder, destination {target, address, organization}, state, createdAt, lastUsedAt,
           ids {delivered, inDoubt}, runs, lastRun {run, startedAt, command, exitCode}, completedFiles, bytes,
           quota {day, used, limit, left}, holder {run, since, pid, host, command, progress}, error}]
           state is free, held, damaged or unreadable; what can't be known in it is null
  show     version, ledger, state (delivered, inDoubt, unknown), run, file, entry, line, element, index, time, hadBefore,
           settledByOperator
  resolve  version, ledger, inDoubt, and events [{run, file, entry, line, element, index, time}], or settled and as;
           with --reconcile: asked, delivered, retry, inDoubt, and events with became (arrived, not_taken, too_soon,
           too_old, ambiguous, not_all_read, unproved, not_in_inputs, changed)
  resend   version, ledger, forgotten, delivered
  export, restore   version, ledger, file, delivered, inDoubt, sha256
  repair   version, ledger, delivered, inDoubt, lost (null: it can't tell)`;
