import { join } from 'node:path';
import { idRuleOf, ledgerDestination } from '../../src/cli/import/ledger-destination.js';
import { oneTrustOwner } from '../../src/cli/settings/one-trust-owner.js';
import type { Settings } from '../../src/cli/settings/settings.js';
import { systemClock } from '../../src/io/clock.js';
import { openLedger } from '../../src/io/ledger/open.js';
import type { FoundRecord } from '../../src/io/ledger/records.js';
import type { Place } from './harness.js';

/** Makes what is in doubt, or was delivered, older, as if so much time had passed since it was sent. */
export async function ageDoubts(
  place: Place,
  apiUrl: string,
  token: string | undefined,
  ms: number,
  idPointer?: string,
): Promise<void> {
  const owner = oneTrustOwner(token);
  const { ledger, close } = await openLedger({
    folder: join(place.home, '.local/state/consent-import'),
    destination: ledgerDestination({ ...owner, kind: 'address', apiUrl }),
    idRule: idRuleOf(owner, { idPointer } as Settings),
    run: { id: 'time', pid: 1, host: 'h', user: 'u', startedAt: Date.now(), command: 'time passes' },
    clock: systemClock,
    create: false,
  });
  const doubts: FoundRecord[] = [];
  for await (const page of ledger.operator.inDoubt()) doubts.push(...page);
  await ledger.forgetIntents(doubts.map(({ key }) => key));
  await ledger.recordIntents(
    doubts.map(({ key, record: { fingerprint, origin, time } }) => ({ key, fingerprint, origin, time: time - ms })),
  );
  const delivered: FoundRecord[] = [];
  for await (const page of ledger.operator.delivered()) delivered.push(...page);
  await ledger.recordDelivered(
    delivered.map(({ key, record: { fingerprint, origin, time } }) => ({ key, fingerprint, origin, time: time - ms })),
  );
  await close();
}
