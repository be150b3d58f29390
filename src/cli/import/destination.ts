import type { Transport } from '../../core/ports.js';
import type { Target, TargetName } from '../../core/target.js';
import { HttpTransport } from '../../io/http-transport.js';
import { startSandbox } from '../../sandbox/sandbox.js';
import { createDidomiTarget } from '../../targets/didomi/target.js';
import type { Authorizations } from '../../targets/onetrust/authorizations.js';
import { createOneTrustTarget } from '../../targets/onetrust/target.js';
import type { CommandContext } from '../context.js';
import type { Network } from '../settings/network.js';
import type { DestinationSettings } from '../settings/place.js';
import type { Settings } from '../settings/settings.js';

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
const KEPT_ALIVE = {
  didomi: { keepAliveMs: 4_000 },
  onetrust: { keepAliveMs: 900, surelyFresh: true },
} as const satisfies Readonly<Record<TargetName, unknown>>;

/** Opens the destination; for a sandbox, starts it. Sends nothing. @throws {UsageError} */
export async function openDestination(
  destination: DestinationSettings,
  settings: Settings,
  context: Pick<CommandContext, 'toolVersion'>,
  network: Network,
  authorizations: Authorizations | undefined,
): Promise<OpenDestination> {
  const sandbox = destination.kind === 'sandbox' ? await startSandbox() : undefined;
  const sandboxUrl = destination.target === 'didomi' ? sandbox?.url : sandbox?.oneTrustUrl;
  const apiUrl = destination.kind === 'sandbox' ? sandboxUrl! : destination.apiUrl;
  const transport = openTransport(apiUrl, destination.target, settings, context, network);
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

/** @throws {UsageError} when the proxy can't be used */
export function openTransport(
  apiUrl: string,
  target: TargetName,
  settings: Settings,
  context: Pick<CommandContext, 'toolVersion'>,
  network: Network,
): HttpTransport {
  return new HttpTransport({
    apiUrl,
    connections: settings.concurrency,
    timeoutMs: settings.timeout,
    ...KEPT_ALIVE[target],
    ca: network.ca,
    proxy: network.proxyFor(new URL(apiUrl)),
    userAgent: `consent-import/${context.toolVersion}`,
  });
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
