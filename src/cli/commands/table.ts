import { LEDGER_VERBS } from '../ledger/verbs.js';
import type { CommandSpec } from './command.js';

const INPUTS = {
  syntax: '<input...>',
  description: 'files, directories, quoted glob patterns, or - for standard input; gzip is recognised by content',
};

/** Every command, in the order of the help. Each is loaded only when it is used. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'import',
    summary: 'import events into a consent platform',
    operands: INPUTS,
    options: 'import',
    examples: [
      'import events.jsonl.gz --target didomi --organization-id acme',
      'import events.jsonl.gz --sandbox        (try it: nothing leaves this machine)',
      'import "exports/*.jsonl.gz" --target didomi --organization-id acme --limit 100',
    ],
    load: async () => (await import('./import-commands.js')).executeImport,
  },
  {
    name: 'validate',
    summary: 'read, parse, check, find duplicates; no network, no ledger',
    operands: INPUTS,
    options: 'validate',
    examples: ['validate events.jsonl.gz --target didomi'],
    load: async () => (await import('./import-commands.js')).executeValidate,
  },
  {
    name: 'ledger',
    summary: 'ask what was delivered, settle doubts, move it',
    helpEnd: async () => (await import('../ledger/help.js')).LEDGER_HELP_END,
    verbs: LEDGER_VERBS,
  },
  {
    name: 'sandbox',
    summary: 'a local stand-in for the consent APIs, to try things on',
    options: 'sandbox',
    examples: ['sandbox --port 8080', 'sandbox --faults faults.json --seed 7'],
    helpEnd: async () => (await import('./sandbox-command.js')).sandboxHelpEnd(),
    load: async () => (await import('./sandbox-command.js')).executeSandbox,
  },
  {
    name: 'doctor',
    summary: 'check what an import would need; change nothing',
    options: 'doctor',
    examples: ['doctor --target didomi --organization-id acme', 'doctor --json'],
    load: async () => (await import('../doctor/doctor-command.js')).executeDoctor,
  },
  {
    name: 'schema',
    summary: 'print a JSON Schema: didomi, config, summary',
    operands: { syntax: '<name>', description: 'didomi, config, summary' },
    examples: ['schema didomi'],
    load: async () => (await import('./schema-command.js')).executeSchema,
  },
];
