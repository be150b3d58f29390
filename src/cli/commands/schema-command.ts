import { unknownSchema } from '../output/messages/usage-messages.js';
import { closest } from '../settings/closest.js';
import { configSchema } from '../settings/config-schema.js';
import { UsageError } from '../usage-error.js';
import type { Call } from './command.js';
import type { SCHEMA_NAMES } from './table.js';

/** What can be printed, loaded when it is. */
const SCHEMAS: Readonly<Record<(typeof SCHEMA_NAMES)[number], () => Promise<object>>> = {
  didomi: async () => (await import('../../targets/didomi/schema.js')).DIDOMI_SCHEMA,
  onetrust: async () => (await import('../../targets/onetrust/schema.js')).ONETRUST_SCHEMA,
  config: async () => configSchema(),
  summary: async () => (await import('../output/summary-schema.js')).SUMMARY_SCHEMA,
};

/** `schema <name>`: prints a JSON Schema. */
export async function executeSchema({ operands, context }: Call): Promise<number> {
  const name = operands[0] ?? '';
  const load = Object.entries(SCHEMAS).find(([known]) => known === name)?.[1];
  if (load === undefined) {
    throw new UsageError([unknownSchema(name, Object.keys(SCHEMAS), closest(name, Object.keys(SCHEMAS)))]);
  }
  context.stdout.write(`${JSON.stringify(await load(), null, 2)}\n`);
  return 0;
}
