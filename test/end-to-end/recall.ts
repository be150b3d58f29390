import { type Ended, ORGANIZATION, type Place, type Running, type RunOptions } from './harness.js';

/** What `verify --json` or `undo --json` said. */
export interface Told {
  readonly run: string;
  readonly command: string;
  readonly exitCode: number;
  readonly reason: string;
  readonly complete: boolean;
  readonly undoneRun?: string;
  readonly requests: Readonly<Record<string, number>>;
  readonly records: Readonly<Record<string, number>>;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly unread: number;
  readonly otherRuns: Readonly<Record<string, number>>;
  readonly findings: readonly Found[];
}

export interface Found {
  readonly verdict?: string;
  readonly what?: string;
  readonly file: string;
  readonly line: number;
  readonly element: number | null;
  readonly paths: readonly string[];
  readonly why: string | null;
}

export type Recalled = Ended & {
  /** Undefined where nothing was printed. */
  readonly told: Told;
  /** What stands on stderr behind the first line, without progress. */
  readonly messages: readonly string[];
};

function recallArgs(command: string, url: string, more: readonly string[]): readonly string[] {
  return [command, '--target', 'didomi', '--organization-id', ORGANIZATION, '--api-url', url, ...more];
}

/** Runs `verify` or `undo` on a Didomi server, and reads what it prints as JSON. */
export async function recall(
  place: Place,
  command: 'verify' | 'undo',
  url: string,
  more: readonly string[],
  options: RunOptions = {},
): Promise<Recalled> {
  return told(await startRecall(place, command, url, more, options).ended);
}

export function startRecall(
  place: Place,
  command: 'verify' | 'undo',
  url: string,
  more: readonly string[],
  options: RunOptions = {},
): Running {
  // By the environment, for what `--json` prints here is no summary of an import.
  const env = { CONSENT_IMPORT_JSON: 'true', ...options.env };
  return place.start(recallArgs(command, url, more), { ...options, env });
}

export function told(ended: Ended): Recalled {
  const messages = ended.said.filter((line) => !/^(Reading back from|Undoing at|reading|undoing)/.test(line));
  return { ...ended, told: (ended.stdout === '' ? undefined : JSON.parse(ended.stdout)) as Told, messages };
}

/** Where findings are, in short: `missing a.jsonl:3`. */
export function places({ told: { findings } }: Recalled): string[] {
  return findings.map(({ verdict, what, file, line }) => `${verdict ?? what} ${file}:${line}`);
}
