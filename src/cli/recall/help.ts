/** What stands at the end of `verify --help`. */
export const VERIFY_HELP_END = `Reads the inputs once more, looks each record up in the ledger, and asks the target for those that were delivered. It
changes nothing. Of each event it says match, missing, different (and in which fields), or can't be told.

Exit codes: 0 everything that was read back matches, or can't be told; 1 something is missing or different; 2 wrong usage,
or no such ledger; 3, 4, 5, 6, 8, 10, 130 and 143 as for import.

With --json: version, run, command, toolVersion, exitCode, reason, complete, destination, ledger, sample (null: all),
records {read, delivered, otherContent, inDoubt, notDelivered, repeated, rejected}, verdicts {match, missing, different,
cantBeTold}, unread, findings [{verdict, paths, why, run, file, entry, line, element, index, time}], findingsLeftOut,
requests, startedAt, finishedAt, durationMs. Where it failed before that: version, error {code, message}, exitCode`;

/** What stands at the end of `undo --help`. */
export const UNDO_HELP_END = `Deletes only what this run created and what still is as these inputs hold it; never what the target said it had before,
nor what other runs delivered. The ledger forgets what was deleted: a later import sends it again. Stopped or killed, the
same command goes on. What integrations did with the events is not undone. OneTrust keeps receipts for ever: they are listed.

Asks on a terminal; elsewhere, and for an address that is not of this machine, it needs --yes.

Exit codes: 0 undone, or nothing to undo; 1 some are still there; 2 wrong usage, not confirmed, no such ledger or run;
3, 4, 5, 6, 8, 10, 130 and 143 as for import.

With --json: version, run, command, toolVersion, exitCode, reason, complete, destination, ledger, undoneRun, dryRun,
records {read, created, deleted, gone, refused, unsent, changed, hadBefore, maybeHadBefore, otherRun, otherContent,
undoneBefore, notDelivered, repeated, rejected}, otherRuns {run: records}, findings [{what, why, run, file, entry, line,
element, index, time}], findingsLeftOut, requests, startedAt, finishedAt, durationMs. Where it failed before that: version,
error {code, message}, exitCode`;
