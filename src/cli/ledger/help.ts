/** What stands at the end of `ledger --help`. */
export const LEDGER_HELP_END = `Every verb but status needs --target and --organization-id, or --sandbox, as the import had them. What changes something
asks on a terminal; elsewhere it needs --yes. Changes are recorded in the ledger.

Exit codes: 0 done, or answered (show, check: also for events that the ledger never saw); 2 wrong usage, not confirmed, or
no such ledger; 3 check: an input could not be read to its end; resolve --reconcile also 3 (inputs), 4 and 5 (the platform),
7 (something stays in doubt); 6 a run holds the ledger (status works all the same); 10 the ledger is damaged, or can't be
read or written.

With --json: one object. Where the verb failed before it had an answer: version, error {code, message}, exitCode; a check
that failed amid its answer ends it with complete false.
  status   version, ledgers: [{folder, destination {target, address, organization, collectionPoint {tenantId, processId}},
           state, createdAt, lastUsedAt, ids {delivered, inDoubt}, runs, lastRun {run, startedAt, command, exitCode},
           completedFiles, rejectedFiles, bytes, quota {day, used, limit, left},
           holder {run, since, pid, host, command, progress}, error}]
           state is free, held, damaged or unreadable; what can't be known in it is null
  runs     version, ledger, runs [{run, command, startedAt, finishedAt, user, host, toolVersion, exitCode, reason, events,
           rejectsFile, undone}], changes [{time, user, what, ids}]; of a run that did not come to its end most is null
  run      the members of the run's summary, and rejectsSha256; of a run that did not come to its end: version, run, command,
           user, host, startedAt, exitCode and reason null, complete, recorded {delivered, inDoubt}
  check    version, ledger, records [{file, entry, line, element, index, state (delivered, inDoubt, otherContent, undone,
           undoing, unknown, invalid), reason, run, time, recorded {file, entry, line, element, index, hadBefore,
           settledByOperator}, undone {run, time}}], counts by state, unparsed, complete
  show     version, ledger, state (delivered, inDoubt, undone, undoing, unknown), run, file, entry, line, element, index, time,
           hadBefore, settledByOperator, and where it was taken back: undone {run, time}
  resolve  version, ledger, inDoubt, and events [{run, file, entry, line, element, index, time}], or settled and as;
           with --reconcile: asked, delivered, retry, inDoubt, and events with became (arrived, not_taken, too_soon,
           too_old, ambiguous, not_all_read, unproved, not_in_inputs, changed)
  accept   version, ledger, accepted [{file, run, sha256, records, rejected}]
  resend   version, ledger, forgotten, delivered
  prune    version, ledger, before, forgotten, delivered, inDoubt, files [{run, file, events}]
  export, restore   version, ledger, file, delivered, inDoubt, sha256
  repair   version, ledger, delivered, inDoubt, lost (null: it can't tell)`;
