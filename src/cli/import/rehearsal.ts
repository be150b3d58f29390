import { stat } from 'node:fs/promises';
import type { Input } from '../../core/input.js';
import type { RunResult } from '../../core/run.js';
import type { RunPorts } from '../../pipeline/run-ports.js';
import type { RunSettings } from '../../pipeline/run-settings.js';
import { type AcceptedEvent, startValidation } from '../../pipeline/validate.js';
import type { CommandContext } from '../context.js';
import { cantReadTwice } from '../output/messages/run-messages.js';
import type { Reporter } from '../output/reporter.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';
import type { RunFrame } from './run-frame.js';
import type { Signals } from './signals.js';
import { openTemporaryLedger, overlay } from './temporary-ledger.js';
import { watch } from './watch.js';

/**
 * Reads and checks everything, with what the ledger knows, and records nothing: `--dry-run`, `--validate-first`.
 * @param accepted is told of each event that an import would send
 */
export async function checkOnly(
  inputs: readonly Input[],
  settings: RunSettings,
  ports: RunPorts,
  frame: Pick<RunFrame, 'identity' | 'recorder'>,
  allSettings: Settings,
  context: CommandContext,
  reporter: Reporter,
  signals: Signals,
  accepted?: (event: AcceptedEvent) => void,
): Promise<RunResult> {
  const temporary = await openTemporaryLedger(frame.identity);
  try {
    // In an import that was stopped, a repeat is what its original became; what is only tried out shows the duplicates.
    const repeats = allSettings.dryRun ? 'duplicate' : 'undelivered';
    const running = startValidation(
      inputs,
      { ...settings, repeats },
      { ...ports, ledger: overlay(ports.ledger, temporary.ledger) },
      accepted,
    );
    return await watch(running, allSettings, context, reporter, signals, frame.recorder);
  } finally {
    await temporary.close();
  }
}

/** @throws {UsageError} for an input that can be read only once */
export async function checkTwiceReadable(inputs: readonly Input[]): Promise<void> {
  for (const { info } of inputs) {
    if (await isReadOnce(info.path)) throw new UsageError([cantReadTwice(info.path)]);
  }
}

/** Is it standard input, or a pipe? */
export async function isReadOnce(path: string): Promise<boolean> {
  if (path === '-') return true;
  const found = await stat(path).catch(() => undefined);
  return found?.isFIFO() === true;
}
