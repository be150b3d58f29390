import { readFileSync } from 'node:fs';
import type { Transport } from '../../core/ports.js';
import type { Target, TargetName } from '../../core/target.js';
import { HttpTransport } from '../../io/http-transport.js';
import { startSandbox } from '../../sandbox/sandbox.js';
import { createDidomiTarget } from '../../targets/didomi/target.js';
import type { Authorizations } from '../../targets/onetrust/authorizations.js';
import { createOneTrustTarget } from '../../targets/onetrust/target.js';
import type { CommandContext } from '../context.js';
import { cantReadCertificates } from '../output/messages/run-messages.js';
import type { DestinationSettings } from '../settings/place.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';

/** A connection to where the events go. */
export interface OpenDestination {
  readonly target: Target;
  readonly transport: Transport;
  readonly apiUrl: string;
  close(): Promise<void>;
}

/**
 * An idle connection is kept for so long. A resend is harmless at Didomi, so a connection that just went stale is too; at
 * OneTrust it would put receipts in doubt, so none that was idle for a second is used again.
 */
const KEEP_ALIVE_MS: Readonly<Record<TargetName, number>> = { didomi: 4_000, onetrust: 900 };

/** Opens the destination; for a sandbox, starts it. Sends nothing. */
export async function openDestination(
  destination: DestinationSettings,
  settings: Settings,
  context: CommandContext,
  authorizations: Authorizations | undefined,
): Promise<OpenDestination> {
  const sandbox = destination.kind === 'sandbox' ? await startSandbox() : undefined;
  const sandboxUrl = destination.target === 'didomi' ? sandbox?.url : sandbox?.oneTrustUrl;
  const apiUrl = destination.kind === 'sandbox' ? sandboxUrl! : destination.apiUrl;
  const transport = new HttpTransport({
    apiUrl,
    connections: settings.concurrency,
    timeoutMs: settings.timeout,
    keepAliveMs: KEEP_ALIVE_MS[destination.target],
    ...(settings.caFile === undefined ? {} : { ca: readCertificates(settings.caFile) }),
    userAgent: `consent-import/${context.toolVersion}`,
  });
  return {
    target: createTarget(destination, settings, authorizations),
    transport,
    apiUrl,
    close: async () => {
      await transport.close();
      await sandbox?.close();
    },
  };
}

function createTarget(
  destination: DestinationSettings,
  { disableIntegrations, body }: Settings,
  authorizations: Authorizations | undefined,
): Target {
  if (destination.target === 'onetrust')
    return createOneTrustTarget({ body, token: destination.token, authorizations });
  const given = destination.kind === 'address' ? destination.credentials : undefined;
  const credentials = given ?? { key: 'sandbox', secret: 'sandbox' };
  return createDidomiTarget({ organizationId: destination.organization, disableIntegrations, credentials });
}

/** @throws {UsageError} */
export function readCertificates(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError([cantReadCertificates(path, (error as NodeJS.ErrnoException).code ?? 'unknown error')]);
  }
}
