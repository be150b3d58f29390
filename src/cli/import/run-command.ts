import type { Input } from '../../core/input.js';
import { LedgerError } from '../../core/ledger.js';
import type { RunResult } from '../../core/run.js';
import * as stops from '../../core/stops.js';
import { systemClock } from '../../io/clock.js';
import { type OpenLedger, openLedger } from '../../io/ledger/open.js';
import type { StorageHooks } from '../../io/ledger/store.js';
import { startImport } from '../../pipeline/import.js';
import type { Running } from '../../pipeline/run.js';
import type { Authorizations } from '../../targets/onetrust/authorizations.js';
import type { CommandContext } from '../context.js';
import { ledgerCommand } from '../ledger/command-to-type.js';
import { ledgerLook } from '../ledger/ledger-look.js';
import { confirm, confirmation } from '../output/confirmation.js';
import {
  confirmationNeeded,
  confirmationQuestion,
  firstLine,
  type NamedDestination,
  notConfirmed,
  nothingSentUnreadable,
} from '../output/messages/run-messages.js';
import { ownerText } from '../output/owner-text.js';
import type { Reporter } from '../output/reporter.js';
import type { PreparedImport } from '../settings/prepared.js';
import { UsageError } from '../usage-error.js';
import { authorizationsIn } from './authorization-file.js';
import { openDestination } from './destination.js';
import { findInputs } from './inputs.js';
import { keepProgress } from './keep-progress.js';
import { briefOf, type KeptRun } from './kept-run.js';
import { idRuleOf, ledgerDestination } from './ledger-destination.js';
import { ledgerPlace } from './ledger-place.js';
import { checkMoveFolder, moveCompleteFiles } from './move-complete.js';
import { importSettings } from './pipeline-settings.js';
import { checkOnly, checkTwiceReadable } from './rehearsal.js';
import { createRules, type RulesFor, readRuleFiles } from './rules.js';
import { ledgerFailure, noResult, RunFrame, withStop } from './run-frame.js';
import { Signals } from './signals.js';
import { startDecoder } from './start-decoder.js';
import { watch } from './watch.js';

/**
 * `import`: opens what the run needs, runs it, and closes everything again on every way out.
 * @param hooks called around every write of the ledger: tests kill the process there, or fail as a disk would
 * @returns the exit code
 */
export async function runImportCommand(
  prepared: PreparedImport,
  context: CommandContext,
  reporter: Reporter,
  hooks?: StorageHooks,
): Promise<number> {
  const { settings } = prepared;
  const frame = new RunFrame(prepared, context, reporter);
  const found = await findInputs(prepared.inputs, settings, frame.rejectsPath, context, reporter);
  const authorizations = authorizationsIn(settings.authorizationFile, context.now());
  const what = rulesFor(prepared, authorizations);
  const files = readRuleFiles(settings);
  const rules = createRules(what, settings, files);
  if (settings.validateFirst) await checkTwiceReadable(found.inputs);
  await frame.checkOutputs(settings);
  const pipeline = importSettings(frame.run, settings, idRuleOf(prepared.destination, settings));
  if (!settings.dryRun) await checkMoveFolder(settings);
  const store = await ledgerPlace(prepared, context);
  await askFirst(prepared, found.inputs, context, store.isNew);
  const signals = new Signals(context, reporter, settings);
  const ending = { nothingMatched: found.nothingMatched, sends: !settings.dryRun };
  const destination = await openDestination(prepared.destination, settings, context, authorizations);
  const { apiUrl } = destination;
  const { target, organization } = prepared.destination;
  const facts = { destination: { target, organization, apiUrl } };
  try {
    let opened: OpenLedger;
    try {
      opened = await openLedger({
        folder: store.folder,
        destination: ledgerDestination(prepared.destination),
        idRule: idRuleOf(prepared.destination, settings),
        run: frame.identity,
        clock: systemClock,
        create: true,
        ...(hooks === undefined ? {} : { hooks }),
      });
    } catch (error) {
      const { failure, message } = ledgerFailure(
        error,
        ledgerCommand(context.program, ['repair'], settings, prepared.sources),
      );
      found.tell();
      reporter.error(message);
      const result = { ...noResult(), complete: false };
      return await frame.end({ ...facts, ledger: prepared.ledger, result, ending: { ...ending, failure } });
    }
    const ledger = opened.folder;
    reporter.info(firstLine(named(prepared, apiUrl), ledgerLook(opened)));
    found.tell();
    const decoder = startDecoder(rules, { what, settings, files, secret: opened.ledger.secret });
    let result = await run().finally(() => decoder.close());
    result = await frame.closeFiles(result);
    if (!settings.dryRun) await moveCompleteFiles(settings, result, reporter);
    return await frame.end({ ...facts, ledger, result, ending }, (kept) =>
      leaveLedger(opened, settings.dryRun ? undefined : kept),
    );

    async function run(): Promise<RunResult> {
      const rehearses = settings.dryRun || settings.validateFirst;
      const ports = { clock: systemClock, rules, decoder, ledger: opened.ledger, rejects: frame.rejects.rejects };
      if (rehearses) {
        const rehearsal = await checkOnly(found.inputs, pipeline, ports, frame, settings, context, reporter, signals);
        if (settings.dryRun || rehearsal.stop !== undefined) return rehearsal;
        const rejected = rehearsal.tally.events.rejected;
        if (rejected > 0) return withStop(rehearsal, stops.rejectedFirst(rejected));
        if (!rehearsal.complete) {
          reporter.warning(nothingSentUnreadable());
          return rehearsal;
        }
      }
      const { target } = destination;
      const transport = frame.recorder?.timing(destination.transport, systemClock) ?? destination.transport;
      const { files, quota } = opened.ledger;
      const deliveries = frame.delivered?.deliveries;
      const all = { ...ports, files, quota, transport, target, deliveries, random: Math.random };
      let running: Running;
      try {
        running = await startImport(found.inputs, pipeline, all);
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        return noResult(stops.storageFailed(error.message));
      }
      const endKeeping = keepProgress(frame.run, () => running.progress(), opened, context);
      try {
        return await watch(running, settings, context, reporter, signals, frame.recorder);
      } finally {
        await endKeeping();
      }
    }
  } finally {
    signals.close();
    await found.close();
    await destination.close();
    await store.close();
  }
}

/** Keeps in the ledger how the run went, and closes it. A dry run leaves no trace. @throws {LedgerError} */
async function leaveLedger(opened: OpenLedger, kept: KeptRun | undefined): Promise<void> {
  try {
    if (kept !== undefined) await opened.ledger.recordRun(briefOf(kept.summary), kept);
  } finally {
    await opened.close();
  }
}

/** @throws {UsageError} when the import must be confirmed and is not */
async function askFirst(
  prepared: PreparedImport,
  inputs: readonly Input[],
  context: CommandContext,
  isNew: boolean,
): Promise<void> {
  const { destination, settings } = prepared;
  const harmless = destination.kind === 'sandbox' || destination.loopback || settings.dryRun || inputs.length === 0;
  const needed = confirmation(context, { harmless, yes: settings.yes, noInput: settings.noInput });
  if (needed === 'missing') throw new UsageError([confirmationNeeded()]);
  if (needed === 'not_needed') return;
  const sizes = inputs.map((input) => input.info.size);
  const bytes = sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const apiUrl = destination.kind === 'address' ? destination.apiUrl : undefined;
  const question = confirmationQuestion(
    named(prepared, apiUrl),
    prepared.ledger,
    { files: inputs.length, bytes },
    isNew,
  );
  if (!(await confirm(context, question))) throw new UsageError([notConfirmed()]);
}

function rulesFor({ destination }: PreparedImport, authorizations: Authorizations | undefined): RulesFor {
  const { target } = destination;
  if (target === 'didomi') return { target, organization: destination.organization };
  return { target, token: destination.token, tokenMayLack: false, authorizations };
}

function named({ destination, settings }: PreparedImport, apiUrl: string | undefined): NamedDestination {
  return {
    target: destination.target,
    owner: ownerText(destination),
    apiUrl: destination.kind === 'sandbox' ? undefined : apiUrl,
    integrationsOff: settings.disableIntegrations,
  };
}
