import type { ActionSpec } from '../commands/command.js';
import type { CallFlag } from '../settings/option-spec.js';

const WHICH = 'Which events';
const BY_ID: CallFlag = { name: 'id', placeholder: 'event id', group: WHICH, help: 'the event with this id' };
const BY_FILE: CallFlag = { name: 'file', placeholder: 'file', group: WHICH, help: 'named as it was in the import' };
const BY_RUN: CallFlag = { name: 'run', placeholder: 'run id', group: WHICH, help: 'those that this run recorded' };
const ALL: CallFlag = { name: 'all', group: WHICH, help: 'all of them' };
const WHAT = 'What became of them';

const ACME = '--target didomi --organization-id acme';

/** The verbs of `ledger`, in the order of the help. */
export const LEDGER_VERBS: readonly ActionSpec[] = [
  {
    name: 'status',
    summary: 'runs, files, counts, size; how far a run is. Without a destination: of all ledgers',
    options: 'ledger',
    examples: ['ledger status', `ledger status ${ACME} --json`],
    load: async () => (await import('./status.js')).executeStatus,
  },
  {
    name: 'runs',
    summary: 'every run: when, by whom, how it ended; and every change by hand',
    options: 'ledger',
    examples: [`ledger runs ${ACME}`],
    load: async () => (await import('./runs.js')).executeRuns,
  },
  {
    name: 'run',
    summary: 'one run again: its summary, settings, inputs and rejects file with their SHA-256',
    operands: { syntax: '<run-id>', description: 'the id of the run, as `ledger runs` lists it' },
    options: 'ledger',
    flags: [
      {
        name: 'report',
        placeholder: 'file.html',
        group: 'What is left behind',
        help: 'write its report for people, as one HTML page; without its course over time, which is not kept',
      },
    ],
    examples: [
      `ledger run 20260131T120000Z-1a2b3c ${ACME}`,
      `ledger run 20260131T120000Z-1a2b3c ${ACME} --report run.html`,
    ],
    load: async () => (await import('./run.js')).executeRun,
  },
  {
    name: 'check',
    summary: 'what became of each record of a file, or of the records of some people; sends nothing',
    operands: { syntax: '[input...]', description: 'the files, as for an import' },
    options: 'check',
    flags: [
      { name: 'line', placeholder: 'n', group: WHICH, help: 'only the record at this line, from 1' },
      {
        name: 'subjects',
        placeholder: '-',
        group: WHICH,
        help: 'only records of the people whose ids, or their SHA-256, stand on standard input, one per line; they are never shown',
      },
    ],
    examples: [
      `ledger check events.jsonl.gz --line 17 ${ACME}`,
      `ledger check "exports/*.jsonl.gz" --subjects - ${ACME} < ids.txt`,
    ],
    load: async () => (await import('./check.js')).executeCheck,
  },
  {
    name: 'show',
    summary: 'what became of one event: delivered or not, by which run, from which line',
    operands: { syntax: '<event-id>', description: 'the id of the event' },
    options: 'ledger',
    examples: [`ledger show 9556b7f5-ae22-4616-97f9-3f61e22f0ec7 ${ACME}`],
    load: async () => (await import('./show.js')).executeShow,
  },
  {
    name: 'resolve',
    summary: 'list what is in doubt, and record what became of it',
    operands: { syntax: '[input...]', description: 'with --reconcile: the files that the events in doubt came from' },
    options: 'resolve',
    flags: [
      BY_ID,
      BY_FILE,
      BY_RUN,
      ALL,
      { name: 'delivered', group: WHAT, help: 'they arrived: they are not sent again' },
      { name: 'retry', group: WHAT, help: 'they did not: the next import sends them' },
      { name: 'reconcile', group: WHAT, help: 'ask the platform which of them arrived; needs the inputs' },
    ],
    examples: [
      `ledger resolve ${ACME}`,
      `ledger resolve --file events.jsonl.gz --delivered ${ACME}`,
      'ledger resolve --reconcile receipts.jsonl.gz --target onetrust --platform-url https://app.onetrust.com',
    ],
    load: async () => (await import('./resolve.js')).executeResolve,
  },
  {
    name: 'accept',
    summary: 'the rejects of a file, or of a run, are dealt with: later imports pass over the file',
    operands: { syntax: '<file|run-id>', description: 'the file as it was imported, or the run that read it' },
    options: 'ledger',
    examples: [`ledger accept events.jsonl.gz ${ACME}`],
    load: async () => (await import('./accept.js')).executeAccept,
  },
  {
    name: 'resend',
    summary: 'forget that events were delivered: the next import sends them again',
    options: 'ledger',
    flags: [BY_ID, BY_FILE, BY_RUN],
    examples: [`ledger resend --file events.jsonl.gz ${ACME}`],
    load: async () => (await import('./resend.js')).executeResend,
  },
  {
    name: 'prune',
    summary: 'forget what was delivered before a date, down to the bytes on disk',
    options: 'ledger',
    flags: [{ name: 'before', placeholder: 'date', group: WHICH, help: '2026-01-31 (UTC), or 2026-01-31T12:00:00Z' }],
    examples: [`ledger prune --before 2026-01-31 ${ACME}`],
    load: async () => (await import('./prune.js')).executePrune,
  },
  {
    name: 'export',
    summary: 'write the whole ledger to one file, for a machine without a disk that stays',
    operands: {
      syntax: '<file>',
      description: 'the file to write; it holds the secret of the ledger: keep it private',
    },
    options: 'ledger',
    examples: [`ledger export acme.ledger ${ACME}`],
    load: async () => (await import('./transfer.js')).executeExport,
  },
  {
    name: 'restore',
    summary: 'put an exported ledger in place; never over a newer one',
    operands: { syntax: '<file>', description: 'what export wrote' },
    options: 'ledger',
    examples: [`ledger restore acme.ledger --yes ${ACME}`],
    load: async () => (await import('./transfer.js')).executeRestore,
  },
  {
    name: 'repair',
    summary: 'make a damaged ledger usable with what of it can still be read',
    options: 'ledger',
    examples: [`ledger repair ${ACME}`],
    load: async () => (await import('./repair.js')).executeRepair,
  },
];
