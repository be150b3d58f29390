import type { Transport } from '../../core/ports.js';
import type { Target } from '../../core/target.js';
import { systemClock } from '../../io/clock.js';
import { createPatientAsk } from '../../pipeline/patient-ask.js';
import { createDidomiReader, type DidomiReading } from '../../targets/didomi/read-back.js';
import { createDidomiUndoer } from '../../targets/didomi/undo.js';
import { ONETRUST_READS_PER_MINUTE } from '../../targets/onetrust/limits.js';
import { createPlatformAuthorizer } from '../../targets/onetrust/platform-authorize.js';
import { createOneTrustReader } from '../../targets/onetrust/read-back.js';
import { createOneTrustRules } from '../../targets/onetrust/rules.js';
import { payloadNameOf } from '../../targets/onetrust/stamp.js';
import { readToldLimits } from '../../targets/told-limits.js';
import type { CommandContext } from '../context.js';
import { openTransport } from '../import/destination.js';
import { createRules } from '../import/rules.js';
import { badIdPointer } from '../output/messages/settings-messages.js';
import { networkOf } from '../settings/network.js';
import { requirePlatform } from '../settings/platform.js';
import type { PreparedImport } from '../settings/prepared.js';
import { UsageError } from '../usage-error.js';
import type { Asked } from './with-inputs.js';

/** Opens a connection that reads back what was delivered. Sends nothing. @throws {UsageError} */
export async function askToRead(prepared: PreparedImport, context: CommandContext): Promise<Asked> {
  if (prepared.destination.target === 'didomi') return askDidomi(prepared, context, createDidomiReader);
  const { settings } = prepared;
  const { idPointer, stamp, giveUpAfter, maxWait, maxRequestsPerMinute } = settings;
  const { token, rules } = oneTrust(prepared);
  const { url, client } = requirePlatform(settings, context.env);
  const transport = openTransport(url, 'onetrust', settings, context, networkOf(settings, context.env));
  const requests = { sent: 0, succeeded: 0 };
  const counted: Transport = {
    send: async (request, signal) => {
      requests.sent += 1;
      const response = await transport.send(request, signal);
      if (response.status < 300) requests.succeeded += 1;
      return response;
    },
  };
  const ask = createPatientAsk(
    {
      requestsPerMinute: Math.min(ONETRUST_READS_PER_MINUTE, maxRequestsPerMinute ?? ONETRUST_READS_PER_MINUTE),
      ...{ giveUpAfterMs: giveUpAfter, maxWaitMs: maxWait },
    },
    {
      ...{ clock: systemClock, random: Math.random, transport: counted, readLimits: readToldLimits },
      authorizer: createPlatformAuthorizer(client),
    },
  );
  return {
    ...{ rules, asked: undefined, requests: () => requests },
    readBack: createOneTrustReader(ask, systemClock, { token, payloadName: payloadNameOf(idPointer, stamp) }),
    close: () => transport.close(),
  };
}

/**
 * Opens a connection that deletes what was delivered; to OneTrust, which deletes nothing, none. Sends nothing.
 * @throws {UsageError}
 */
export async function askToDelete(prepared: PreparedImport, context: CommandContext): Promise<Asked> {
  if (prepared.destination.target === 'didomi') return askDidomi(prepared, context, createDidomiUndoer);
  return {
    ...{ rules: oneTrust(prepared).rules, asked: undefined, readBack: undefined },
    close: async () => undefined,
  };
}

function askDidomi(
  { destination, settings }: PreparedImport,
  context: CommandContext,
  create: (reading: DidomiReading) => Target,
): Asked {
  if (destination.target !== 'didomi' || destination.kind !== 'address' || destination.credentials === undefined) {
    throw new Error('Didomi is asked at an address, with credentials');
  }
  const { organization, credentials, apiUrl } = destination;
  const transport = openTransport(apiUrl, destination.target, settings, context, networkOf(settings, context.env));
  return {
    rules: createRules({ target: 'didomi', organization }, settings),
    asked: { target: create({ organizationId: organization, credentials }), transport },
    readBack: undefined,
    close: () => transport.close(),
  };
}

/** What was sent is to be recognised, and not to be checked anew. */
function oneTrust({
  destination,
  settings,
}: PreparedImport): Pick<Asked, 'rules'> & { readonly token: string | undefined } {
  const token = destination.target === 'onetrust' ? destination.token : undefined;
  const { idPointer, stamp } = settings;
  try {
    return { token, rules: createOneTrustRules({ token, idPointer, stamp, wereSent: true }) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError([badIdPointer(idPointer ?? '')]);
  }
}
