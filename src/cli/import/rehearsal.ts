import { stat } from 'node:fs/promises';
import type { Input } from '../../core/input.js';
import type { RunResult } from '../../core/run.js';
import type { Sendable } from '../../core/target.js';
import type { RunIdentity } from '../../io/ledger/holder.js';
import type { RunPorts, RunSettings } from '../../pipeline/run.js';
import { startValidation } from '../../pipeline/validate.js';
import type { CommandContext } from '../context.js';
import { cantReadTwice } from '../output/messages/run-messages.js';
import type { Reporter } from '../output/reporter.js';
import type { Settings } from '../settings/settings.js';
import { UsageError } from '../usage-error.js';
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
  identity: RunIdentity,
  allSettings: Settings,
  context: CommandContext,
  reporter: Reporter,
  signals: Signals,
  accepted?: (event: Sendable) => void,
): Promise<RunResult> {
  const temporary = await openTemporaryLedger(identity);
  try {
    // In an import that was stopped, a repeat is what its original became; what is only tried out shows the duplicates.
    const repeats = allSettings.dryRun ? 'duplicate' : 'undelivered';
    const running = startValidation(
      inputs,
      { ...settings, repeats },
      { ...ports, ledger: overlay(ports.ledger, temporary.ledger) },
      accepted,
    );
    return await watch(running, allSettings, context, reporter, signals);
  } finally {
    await temporary.close();
  }
}

/** @throws {UsageError} for an input that can be read only once */
export async function checkTwiceReadable(inputs: readonly Input[]): Promise<void> {
  for (const { info } of inputs) {
    const found = info.path === '-' ? undefined : await stat(info.path).catch(() => undefined);
    if (info.path === '-' || found?.isFIFO() === true) throw new UsageError([cantReadTwice(info.path)]);
  }
}
