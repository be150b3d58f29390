import type { CommandContext } from '../context.js';

/** Is this a step of GitHub Actions? */
export function isGitHubStep(env: CommandContext['env']): boolean {
  return env['GITHUB_ACTIONS'] === 'true';
}

/** After the first signal of its cancel GitHub waits 7.5 s until the second: what is in flight must be finished by then. */
export const GITHUB_DRAIN_MS = 6_000;
