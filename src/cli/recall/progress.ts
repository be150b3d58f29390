import type { CommandContext } from '../context.js';
import { progressStyle } from '../output/progress.js';
import type { Reporter } from '../output/reporter.js';
import type { Settings } from '../settings/settings.js';

/** How often the line on a terminal is redrawn, and how often one is written elsewhere, in ms. */
const REDRAWN_EVERY = 200;
const WRITTEN_EVERY = 10_000;

/** Shows how far a command is, until the answer is called: one line that is redrawn, or a line every ten seconds. */
export function showAsked(
  look: () => string,
  settings: Pick<Settings, 'quiet' | 'noProgress'>,
  reporter: Reporter,
  context: Pick<CommandContext, 'stderr' | 'env' | 'every'>,
): () => void {
  const style = progressStyle(context, settings);
  if (style === 'none') return () => undefined;
  const end =
    style === 'bar'
      ? context.every(REDRAWN_EVERY, () => reporter.status(look()))
      : context.every(WRITTEN_EVERY, () => reporter.info(look()));
  return () => {
    end();
    if (style === 'bar') reporter.status('');
  };
}
