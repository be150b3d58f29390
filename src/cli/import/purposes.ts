import type { WarningName } from '../../core/block.js';
import type { Ledger } from '../../core/ledger.js';
import { describeOrigin, type Origin } from '../../core/origin.js';
import { systemClock } from '../../io/clock.js';
import { LookUp } from '../../pipeline/look-up.js';
import { openPace } from '../../pipeline/pace.js';
import type { RunPorts } from '../../pipeline/run.js';
import type { KnownPurposes } from '../../targets/didomi/known-purposes.js';
import { readPurposes } from '../../targets/didomi/purposes.js';
import { purposesUnchecked, unknownPurpose } from '../output/messages/purpose-messages.js';
import type { Reporter } from '../output/reporter.js';
import type { DestinationSettings } from '../settings/place.js';
import type { Settings } from '../settings/settings.js';
import type { OpenDestination } from './destination.js';

/**
 * Reads the organization's purposes before the first record is decoded, and tells of the first event that names another.
 * Undefined where there is no such list.
 */
export function purposesLookUp(
  destination: DestinationSettings,
  { target }: OpenDestination,
  known: KnownPurposes,
  reporter: Reporter,
): LookUp | undefined {
  if (destination.target !== 'didomi') return undefined;
  const { organization } = destination;
  const unanswered = (why: string): void => reporter.warning(purposesUnchecked(organization, why));
  const ask: ConstructorParameters<typeof LookUp>[0]['ask'] = async (token, send) => {
    const found = await readPurposes(send, organization, token, () => systemClock.now());
    if (found.kind === 'refused') {
      unanswered(`status ${found.status}`);
      return found.waitMs === undefined ? {} : { waitMs: found.waitMs };
    }
    if (found.kind === 'unclear') unanswered('the answer is no list of purposes');
    // An organization without purposes could have no consents: such an answer says nothing.
    else if (found.ids.size > 0) known.ids = found.ids;
    return {};
  };
  return new LookUp({ ask, unanswered }, target.authorizer, systemClock);
}

/** Says once where an event names an unknown purpose, as soon as it is read: before it is sent. */
export function tellUnknownPurpose(
  { organization }: Pick<DestinationSettings, 'organization'>,
  reporter: Reporter,
): (name: WarningName, first: Origin) => void {
  let told = false;
  return (name, first) => {
    if (name !== 'unknown_purpose' || told) return;
    told = true;
    reporter.warning(unknownPurpose(describeOrigin(first), organization ?? ''));
  };
}

/** The ports of a rehearsal (`--validate-first`) that asks too: so that it finds all such events before anything is sent. */
export function askingToo(
  ports: RunPorts,
  lookUp: LookUp | undefined,
  { transport, target }: OpenDestination,
  ledger: Ledger,
  { maxRequestsPerMinute }: Pick<Settings, 'maxRequestsPerMinute'>,
): RunPorts {
  if (lookUp === undefined) return ports;
  return {
    ...ports,
    beforeReading: async (signal) => {
      const pace = await openPace(maxRequestsPerMinute ?? target.limits.requestsPerMinute, ledger, systemClock);
      await lookUp.ask(signal, { transport, pace });
      await pace.close();
      lookUp.forgetSession();
    },
  };
}
