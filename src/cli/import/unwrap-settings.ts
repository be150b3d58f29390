import type { UnwrapSettings } from '../../pipeline/unwrap-events.js';
import { pointerTokens } from '../../targets/json-pointer.js';
import { badPointer, pointerWithoutUnwrap } from '../output/messages/input-messages.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';

/**
 * What `--unwrap` and `--events-pointer` say; undefined without `--unwrap`.
 * @throws {UsageError} for a pointer that is none, or that nothing would look at
 */
export function unwrapSettings({ unwrap, eventsPointer }: Settings): UnwrapSettings | undefined {
  const tokens = eventsPointer === undefined ? undefined : pointerTokens(eventsPointer);
  if (eventsPointer !== undefined && tokens === undefined) throw new UsageError([badPointer(eventsPointer)]);
  if (eventsPointer !== undefined && !unwrap) throw new UsageError([pointerWithoutUnwrap(eventsPointer)]);
  return unwrap ? { eventsPointer: tokens } : undefined;
}
