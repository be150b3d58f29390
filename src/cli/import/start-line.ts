import type { OpenLedger } from '../../io/ledger/open.js';
import { ledgerLook } from '../ledger/ledger-look.js';
import { firstLine, type NamedDestination } from '../output/messages/run-messages.js';
import { ownerText } from '../output/owner-text.js';
import type { Reporter } from '../output/reporter.js';
import type { PreparedImport } from '../settings/prepared.js';

/** Where events go, for messages. */
export function named({ destination, settings }: PreparedImport, apiUrl: string | undefined): NamedDestination {
  return {
    target: destination.target,
    owner: ownerText(destination),
    apiUrl: destination.kind === 'sandbox' ? undefined : apiUrl,
    integrationsOff: destination.target === 'didomi' && settings.disableIntegrations,
  };
}

/** The first line of an import: which destination, and which ledger. */
export function sayStart(
  run: string,
  prepared: PreparedImport,
  apiUrl: string,
  opened: OpenLedger,
  reporter: Reporter,
): void {
  const { target, organization = null } = prepared.destination;
  const look = ledgerLook(opened);
  reporter.info(firstLine(named(prepared, apiUrl), look), {
    name: 'run_started',
    fields: { run, command: 'import', target, organization, apiUrl, ledger: look.path, ids: look.ids },
  });
}
