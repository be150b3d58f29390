import { ORGANIZATION, type Place, type RunOptions } from './harness.js';

/** What a verb of `ledger` said. */
export interface Typed {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly json: Record<string, unknown>;
}

/** Types `ledger …` about the ledger of a server. */
export async function typed(
  place: Place,
  url: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Typed> {
  const destination = ['--target', 'didomi', '--organization-id', ORGANIZATION, '--api-url', url];
  // Of `--json` the harness expects the summary of an import.
  const env = { CONSENT_IMPORT_JSON: '1', ...options.env };
  const { exitCode, stdout, stderr } = await place.run(['ledger', ...args, ...destination], { ...options, env });
  return { exitCode, stdout, stderr, json: stdout === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>) };
}
