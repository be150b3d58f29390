import type { Target } from '../../core/target.js';
import type { DidomiReading } from '../../targets/didomi/read-back.js';
import { createDidomiReader } from '../../targets/didomi/read-back.js';
import { createDidomiUndoer } from '../../targets/didomi/undo.js';
import type { CommandContext } from '../context.js';
import { openTransport } from '../import/destination.js';
import { createRules } from '../import/rules.js';
import type { PreparedImport } from '../settings/prepared.js';
import type { Asked } from './with-inputs.js';

/** Opens a connection that reads back what was delivered. Sends nothing. */
export async function askToRead(prepared: PreparedImport, apiUrl: string, context: CommandContext): Promise<Asked> {
  return askDidomi(prepared, apiUrl, context, createDidomiReader);
}

/** Opens a connection that deletes what was delivered. Sends nothing. */
export async function askToDelete(prepared: PreparedImport, apiUrl: string, context: CommandContext): Promise<Asked> {
  return askDidomi(prepared, apiUrl, context, createDidomiUndoer);
}

function askDidomi(
  { destination, settings }: PreparedImport,
  apiUrl: string,
  context: CommandContext,
  create: (reading: DidomiReading) => Target,
): Asked {
  if (destination.target !== 'didomi' || destination.kind !== 'address' || destination.credentials === undefined) {
    throw new Error('only Didomi is asked with credentials');
  }
  const { organization, credentials } = destination;
  const transport = openTransport(apiUrl, destination.target, settings, context);
  return {
    rules: createRules({ target: 'didomi', organization }, settings),
    target: create({ organizationId: organization, credentials }),
    transport,
    close: () => transport.close(),
  };
}
