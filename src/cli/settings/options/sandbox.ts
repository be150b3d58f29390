import type { OptionSpec } from '../option-spec.js';
import { SANDBOX, TEXT } from './kinds.js';

/** How the stand-in behaves. */
export const SANDBOX_OPTIONS = [
  {
    name: 'port',
    kind: { type: 'integer', min: 0, max: 65_535 },
    placeholder: 'n',
    default: '0',
    commands: SANDBOX,
    group: 'Sandbox',
    help: 'where to listen on 127.0.0.1; 0: any free port',
  },
  {
    name: 'latency',
    kind: { type: 'time', min: 0 },
    placeholder: 'time',
    default: '0',
    commands: SANDBOX,
    group: 'Sandbox',
    help: 'how long every answer takes',
  },
  {
    name: 'faults',
    kind: TEXT,
    placeholder: 'file|name',
    commands: SANDBOX,
    group: 'Sandbox',
    help: 'a fault script: a JSON file, or the name of a ready one',
  },
  {
    name: 'seed',
    kind: { type: 'integer', min: 0, max: 2 ** 32 - 1 },
    placeholder: 'n',
    commands: SANDBOX,
    group: 'Sandbox',
    help: 'what chance is drawn from: the same seed plays the same faults',
    defaultText: "the script's own",
  },
] as const satisfies readonly OptionSpec[];
