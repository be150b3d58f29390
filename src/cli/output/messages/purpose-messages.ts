import { type Message, message } from './message.js';

export function purposesUnchecked(organization: string, why: string): Message {
  return message(
    'purposes_unchecked',
    `the purposes of organization ${organization} could not be read (${why}), so events were not checked against them.`,
  );
}

/** The id itself is not shown: it is a part of the event. */
export function unknownPurpose(where: string, organization: string): Message {
  return message(
    'unknown_purpose',
    `${where} names a purpose that organization ${organization} does not have, perhaps with others: Didomi may refuse such events. The summary counts them, and --strict rejects them.`,
  );
}
