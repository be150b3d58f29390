import { LEDGER_VERBS } from '../ledger/verbs.js';
import type { CallFlag } from '../settings/option-spec.js';
import type { CommandSpec } from './command.js';

const INPUTS = {
  syntax: '<input...>',
  description: 'files, directories, quoted glob patterns, or - for standard input; gzip is recognised by content',
};

/** What `schema` prints. */
export const SCHEMA_NAMES = ['didomi', 'onetrust', 'config', 'summary'] as const;

/** The shells that `completion` knows. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

const ANSWERS = 'Answers';
const INIT_FLAGS: readonly CallFlag[] = [
  { name: 'target', placeholder: 'name', group: ANSWERS, help: 'the consent platform: didomi, onetrust' },
  { name: 'organization-id', placeholder: 'id', group: ANSWERS, help: 'the Didomi organization' },
  { name: 'disable-integrations', group: ANSWERS, help: "keep events from the organization's integrations" },
  { name: 'ledger', placeholder: 'dir', group: ANSWERS, help: 'where delivered ids are remembered' },
  { name: 'file', placeholder: 'file', group: 'Running', help: 'what to write [./consent-import.config.json]' },
  { name: 'yes', group: 'Running', help: 'replace a file that exists already' },
  { name: 'no-input', group: 'Running', help: 'never ask; where an answer is needed, end with exit 2' },
];

const WHICH = 'Which events';

/** Every command, in the order of the help. Each is loaded only when it is used. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'import',
    summary: 'import events into a consent platform',
    operands: INPUTS,
    options: 'import',
    examples: [
      'import events.jsonl.gz --target didomi --organization-id acme',
      'import events.jsonl.gz --sandbox   # a trial: nothing is sent',
      'import "exports/*.jsonl.gz" --target didomi --organization-id acme --limit 100',
    ],
    load: async () => (await import('./import-commands.js')).executeImport,
  },
  {
    name: 'validate',
    summary: 'read and check; no network, no ledger',
    operands: INPUTS,
    options: 'validate',
    examples: ['validate events.jsonl.gz --target didomi'],
    load: async () => (await import('./import-commands.js')).executeValidate,
  },
  {
    name: 'verify',
    summary: 'read back what was delivered',
    operands: INPUTS,
    options: 'verify',
    flags: [
      {
        name: 'sample',
        placeholder: 'n',
        group: WHICH,
        help: 'n of them, drawn by lot over all inputs (default: 100)',
      },
      { name: 'all', group: WHICH, help: 'all of them' },
    ],
    examples: [
      'verify events.jsonl.gz --target didomi --organization-id acme',
      'verify "exports/*.jsonl.gz" --all --target didomi --organization-id acme',
    ],
    helpEnd: async () => (await import('../recall/help.js')).VERIFY_HELP_END,
    load: async () => (await import('../recall/verify-command.js')).executeVerify,
  },
  {
    name: 'undo',
    summary: 'delete what a run created (Didomi)',
    operands: INPUTS,
    options: 'undo',
    flags: [{ name: 'run', placeholder: 'run id', group: WHICH, help: 'the run that imported them; required' }],
    examples: [
      'undo wrong.jsonl.gz --run 20260131T101500Z-1f3a9c --target didomi --organization-id acme --dry-run',
      'undo wrong.jsonl.gz --run 20260131T101500Z-1f3a9c --target didomi --organization-id acme',
    ],
    helpEnd: async () => (await import('../recall/help.js')).UNDO_HELP_END,
    load: async () => (await import('../recall/undo-command.js')).executeUndo,
  },
  {
    name: 'ledger',
    summary: 'ask what was delivered, settle doubts, move it',
    helpEnd: async () => (await import('../ledger/help.js')).LEDGER_HELP_END,
    verbs: LEDGER_VERBS,
  },
  {
    name: 'sandbox',
    summary: 'a local stand-in for the consent APIs',
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
    name: 'init',
    summary: 'ask a few questions, write a config file (never a secret)',
    flags: INIT_FLAGS,
    examples: ['init', 'init --target didomi --organization-id acme'],
    load: async () => (await import('./init-command.js')).executeInit,
  },
  {
    name: 'schema',
    summary: 'print a JSON Schema: didomi, onetrust, config, summary',
    operands: { syntax: '<name>', description: 'didomi, onetrust, config, summary', choices: SCHEMA_NAMES },
    examples: ['schema didomi'],
    load: async () => (await import('./schema-command.js')).executeSchema,
  },
  {
    name: 'completion',
    summary: 'print a script that completes commands, options and values',
    operands: { syntax: '<shell>', description: 'bash, zsh, fish', choices: SHELLS },
    examples: ['completion bash > ~/.local/share/bash-completion/completions/consent-import'],
    load: async () => (await import('./completion-command.js')).executeCompletion,
  },
];
