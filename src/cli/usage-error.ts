import type { Message } from './output/messages/message.js';

/** Wrong usage or settings, found before anything was sent: exit 2. Holds every problem found, not just the first. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly problems: readonly Message[];
  constructor(problems: readonly Message[]) {
    super(problems.map((problem) => problem.text).join('\n'));
    this.problems = problems;
  }
}
