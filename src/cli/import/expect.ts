import { readFile } from 'node:fs/promises';
import type { Input } from '../../core/input.js';
import {
  cantCompare,
  expectIsIncomplete,
  expectIsNoCheck,
  expectUnreadable,
  otherContent,
  otherDestination,
  otherInputs,
} from '../output/messages/expect-messages.js';
import type { Message } from '../output/messages/message.js';
import type { Summary } from '../output/summary.js';
import type { DestinationSettings } from '../settings/place.js';
import { UsageError } from '../usage-error.js';

/** What `--expect` compares of a summary. */
type Checked = Pick<Summary, 'destination' | 'settings'> & {
  readonly files: readonly { readonly path: string; readonly sha256: string | null }[];
};

/**
 * `--expect`: goes on only if the inputs are, byte for byte and in their order, those that the summary is of, and if
 * everything that it says of the destination is so. Names and folders of files may differ.
 * @throws {UsageError}
 */
export async function checkExpected(
  file: string | undefined,
  inputs: readonly Input[],
  destination: DestinationSettings,
): Promise<void> {
  if (file === undefined) return;
  const checked = await readChecked(file);
  const problems = differences(file, checked, destination);
  if (problems.length > 0) throw new UsageError(problems);
  if (checked.files.length !== inputs.length) {
    throw new UsageError([otherInputs(file, checked.files.length, inputs.length)]);
  }
  for (const [i, input] of inputs.entries()) {
    const { path, sha256 } = checked.files[i]!;
    if (sha256 === null) throw new UsageError([expectIsIncomplete(file, path)]);
    const found = await input.hash?.(new AbortController().signal);
    if (found === undefined) throw new UsageError([cantCompare(input.info.path)]);
    if (found !== sha256) throw new UsageError([otherContent(file, input.info.path, path)]);
  }
}

async function readChecked(file: string): Promise<Checked> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError([expectUnreadable(file, error.code ?? 'unknown error')]);
  });
  const summary = parse(text);
  const { version, command, settings, destination, files } = summary ?? {};
  const isCheck = command === 'validate' || (command === 'import' && settings?.['dryRun'] === true);
  if (version !== 1 || !isCheck || settings === undefined || destination === undefined || !Array.isArray(files)) {
    throw new UsageError([expectIsNoCheck(file)]);
  }
  return { destination, settings, files };
}

function parse(text: string): Partial<Summary> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function differences(file: string, { destination, settings }: Checked, own: DestinationSettings): readonly Message[] {
  const problems: Message[] = [];
  const compare = (what: string, expected: string | null, found: string | undefined): void => {
    // `validate` needs no address, and perhaps no organization: what it does not say can't differ.
    if (expected === null || expected === found) return;
    problems.push(otherDestination(file, what, expected, found ?? 'none'));
  };
  compare('the target', destination.target, own.target);
  compare('the organization', destination.organization, own.organization);
  // An embedded sandbox has another port each time.
  const address = settings['sandbox'] === true ? 'an embedded sandbox' : destination.apiUrl;
  compare('the address', address, own.kind === 'sandbox' ? 'an embedded sandbox' : own.apiUrl);
  return problems;
}
