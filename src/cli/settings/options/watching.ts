import type { OptionSpec } from '../option-spec.js';
import { BOTH, IMPORT, PATH } from './kinds.js';

/** How machines watch a run: cron, monitoring, pipelines. */
export const WATCHING_OPTIONS = [
  {
    name: 'expect',
    kind: PATH,
    placeholder: 'summary.json',
    commands: IMPORT,
    group: 'Checks on events',
    help: 'go on only if inputs (SHA-256) and destination are those of this validate or --dry-run summary',
  },
  {
    name: 'metrics-file',
    kind: PATH,
    placeholder: 'file',
    commands: IMPORT,
    group: 'What is left behind',
    help: 'Prometheus text file, written every 15 s and at the end',
  },
  {
    name: 'ping-url',
    kind: { type: 'url', example: 'https://hc-ping.com/your-uuid' },
    placeholder: 'url',
    commands: IMPORT,
    group: 'Running',
    help: 'called at the start (/start) and at the end (/<exit code>), as healthchecks.io has it',
    config: 'trusted',
  },
  {
    name: 'log-format',
    kind: { type: 'choice', choices: ['text', 'json'] },
    placeholder: 'format',
    default: 'text',
    commands: BOTH,
    group: 'Running',
    help: 'messages on stderr',
  },
] as const satisfies readonly OptionSpec[];
