import { readFileSync } from 'node:fs';
import type { Transport } from '../../core/ports.js';
import type { Target } from '../../core/target.js';
import { HttpTransport } from '../../io/http-transport.js';
import { startSandbox } from '../../sandbox/sandbox.js';
import { createDidomiTarget } from '../../targets/didomi/target.js';
import type { CommandContext } from '../context.js';
import { cantReadCertificates } from '../output/messages/run-messages.js';
import type { DestinationSettings } from '../settings/prepared.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';

/** A connection to where the events go. */
export interface OpenDestination {
  readonly target: Target;
  readonly transport: Transport;
  readonly apiUrl: string;
  close(): Promise<void>;
}

/** An idle connection is kept for so long. A resend is harmless at Didomi, so a connection that just went stale is too. */
const KEEP_ALIVE_MS = 4_000;

/** Opens the destination; for a sandbox, starts it. Sends nothing. */
export async function openDestination(
  destination: DestinationSettings,
  settings: Settings,
  context: CommandContext,
): Promise<OpenDestination> {
  const sandbox = destination.kind === 'sandbox' ? await startSandbox() : undefined;
  const apiUrl = destination.kind === 'sandbox' ? sandbox!.url : destination.apiUrl;
  const credentials = destination.kind === 'sandbox' ? { key: 'sandbox', secret: 'sandbox' } : destination.credentials;
  const transport = new HttpTransport({
    apiUrl,
    connections: settings.concurrency,
    timeoutMs: settings.timeout,
    keepAliveMs: KEEP_ALIVE_MS,
    ...(settings.caFile === undefined ? {} : { ca: readCertificates(settings.caFile) }),
    userAgent: `consent-import/${context.toolVersion}`,
  });
  const { organization } = destination;
  const { disableIntegrations } = settings;
  return {
    target: createDidomiTarget({ organizationId: organization, disableIntegrations, credentials }),
    transport,
    apiUrl,
    close: async () => {
      await transport.close();
      await sandbox?.close();
    },
  };
}

/** @throws {UsageError} */
function readCertificates(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError([cantReadCertificates(path, (error as NodeJS.ErrnoException).code ?? 'unknown error')]);
  }
}
