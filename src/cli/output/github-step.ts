import type { CommandContext, Output } from '../context.js';

/** Is this a step of GitHub Actions? */
export function isGitHubStep(env: CommandContext['env']): boolean {
  return env['GITHUB_ACTIONS'] === 'true';
}

/** After the first signal of its cancel GitHub waits 7.5 s until the second: what is in flight must be finished by then. */
export const GITHUB_DRAIN_MS = 6_000;

/**
 * GitHub takes commands from both streams: a line that begins with `::`, white space aside, and `##[` anywhere. What is
 * printed names files, whose names may hold line feeds. So nothing but what is written as a command gets through as one.
 */
export function withoutCommands(output: Output): Output {
  return {
    isTTY: output.isTTY,
    columns: () => output.columns(),
    write: (text, as) => output.write(as === 'command' ? text : disarmed(text)),
    flush: () => output.flush(),
  };
}

/** The escapes are those of JSON, of which `##[` can be a part. */
function disarmed(text: string): string {
  return text.replaceAll(/^(\s*):(?=:)/gm, '$1\\u003a').replaceAll('##[', '#\\u0023[');
}
