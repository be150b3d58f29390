import type { WarningName } from '../../core/block.js';
import { describeOrigin, type Origin } from '../../core/origin.js';
import type { Tally } from '../../core/run.js';
import { systemClock } from '../../io/clock.js';
import { FirstQuestion } from '../../pipeline/first-question.js';
import type { KnownPurposes } from '../../targets/didomi/known-purposes.js';
import { readPurposes } from '../../targets/didomi/purposes.js';
import { purposesUnchecked, unknownPurpose } from '../output/messages/purpose-messages.js';
import type { Reporter } from '../output/reporter.js';
import type { DestinationSettings } from '../settings/place.js';
import type { OpenDestination } from './destination.js';

/** What an import asks about purposes, and how that went. */
export interface PurposesQuestion {
  readonly firstQuestion: FirstQuestion;
  /** To be called at the end of the run: says why events were not checked, unless the run has a worse trouble. */
  tell(tally: Readonly<Tally>): void;
}

/** Reads the organization's purposes before the first new event goes on. Undefined where there is no such list. */
export function purposesQuestion(
  destination: DestinationSettings,
  { target }: OpenDestination,
  known: KnownPurposes,
  reporter: Reporter,
): PurposesQuestion | undefined {
  if (destination.target !== 'didomi') return undefined;
  const { organization } = destination;
  let trouble: string | undefined;
  const unanswered = (why: string): void => {
    trouble = why;
  };
  const ask: ConstructorParameters<typeof FirstQuestion>[0]['ask'] = async (token, send) => {
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
  return {
    firstQuestion: new FirstQuestion({ ask, unanswered }, target.authorizer, systemClock),
    tell({ events }) {
      if (trouble !== undefined && events.delivered > 0) reporter.warning(purposesUnchecked(organization, trouble));
    },
  };
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
