import { LedgerError } from '../../core/ledger.js';
import type { RunResult } from '../../core/run.js';
import * as stops from '../../core/stops.js';
import { systemClock } from '../../io/clock.js';
import { type OpenLedger, openLedger } from '../../io/ledger/open.js';
import type { StorageHooks } from '../../io/ledger/store.js';
import { startImport } from '../../pipeline/import.js';
import type { Running } from '../../pipeline/run-ports.js';
import type { KnownPurposes } from '../../targets/didomi/known-purposes.js';
import type { Authorizations } from '../../targets/onetrust/authorizations.js';
import type { CommandContext } from '../context.js';
import { ledgerCommand } from '../ledger/command-to-type.js';
import { newLedgerLater, nothingSentUnreadable } from '../output/messages/run-messages.js';
import type { Reporter } from '../output/reporter.js';
import { networkOf } from '../settings/network.js';
import type { PreparedImport } from '../settings/prepared.js';
import { askFirst } from './ask-first.js';
import { authorizationsIn } from './authorization-file.js';
import { openDestination } from './destination.js';
import { checkExpected } from './expect.js';
import { findInputs } from './inputs.js';
import { keepProgress } from './keep-progress.js';
import { briefOf, type KeptRun } from './kept-run.js';
import { tellKnownToTarget } from './known-to-target.js';
import { idRuleOf, ledgerDestination } from './ledger-destination.js';
import { ledgerPlace } from './ledger-place.js';
import { checkMoveFolder, filesBefore, moveCompleteFiles } from './move-complete.js';
import { importSettings } from './pipeline-settings.js';
import { Planner } from './plan.js';
import { purposesQuestion, tellUnknownPurpose } from './purposes.js';
import { quotaLeft } from './quota-left.js';
import { checkOnly, checkTwiceReadable } from './rehearsal.js';
import { createRules, type RulesFor, readRuleFiles } from './rules.js';
import { ledgerFailure, noResult, RunFrame, withStop } from './run-frame.js';
import { keepRunMetrics, ownerName } from './run-metrics.js';
import { Signals } from './signals.js';
import { startDecoder } from './start-decoder.js';
import { named, sayStart } from './start-line.js';
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
  const purposes: KnownPurposes = { ids: undefined };
  const what = rulesFor(prepared, authorizations, purposes);
  const files = readRuleFiles(settings);
  const rules = createRules(what, settings, files);
  if (settings.validateFirst) await checkTwiceReadable(found.inputs);
  await frame.checkOutputs(settings);
  await checkExpected(settings.expect, found.inputs, prepared.destination);
  const pipeline = importSettings(frame.run, settings, idRuleOf(prepared.destination, settings));
  if (!settings.dryRun) await checkMoveFolder(settings);
  const before = await filesBefore(settings, found.inputs);
  const store = await ledgerPlace(prepared, context);
  const address = prepared.destination.kind === 'address' ? prepared.destination.apiUrl : undefined;
  await askFirst(prepared, named(prepared, address), found.inputs, context, store.isNew);
  const signals = new Signals(context, reporter, settings);
  const ending = { nothingMatched: found.nothingMatched, sends: !settings.dryRun };
  const network = networkOf(settings, context.env);
  const destination = await openDestination(prepared.destination, settings, context, network, authorizations);
  const { apiUrl } = destination;
  const { target, organization } = prepared.destination;
  const facts = { destination: { target, organization, apiUrl }, ownerId: ownerName(prepared.destination) };
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
    sayStart(frame.run, prepared, apiUrl, opened, reporter);
    if (settings.dryRun && store.isNew) reporter.warning(newLedgerLater(prepared.ledger));
    found.tell();
    const order = { what, settings, files, secret: opened.ledger.secret };
    const planner = settings.dryRun ? new Planner(destination.target, settings) : undefined;
    let result = await run();
    const plan = await planner?.plan(opened.ledger.quota, context.now());
    result = await frame.closeFiles(result);
    if (!settings.dryRun) await moveCompleteFiles(settings, before, result, reporter);
    const quota = await quotaLeft(opened.ledger.quota, destination.target, settings, context.now());
    return await frame.end({ ...facts, ledger, result, ending, plan, quota }, (kept) =>
      leaveLedger(opened, settings.dryRun ? undefined : kept),
    );

    async function run(): Promise<RunResult> {
      const rehearses = settings.dryRun || settings.validateFirst;
      const onWarning = tellUnknownPurpose(prepared.destination, reporter);
      const rejects = await frame.openRejects(rules);
      const ports = { clock: systemClock, rules, ledger: opened.ledger, rejects, onWarning };
      if (rehearses) {
        // Threads keep the rules with which they started: those of the import will know the purposes.
        const decoder = startDecoder(rules, order);
        const rehearsal = await checkOnly(
          found.inputs,
          pipeline,
          { ...ports, decoder },
          frame,
          settings,
          context,
          reporter,
          signals,
          planner === undefined ? undefined : (event) => planner.add(event),
        ).finally(() => decoder.close());
        if (settings.dryRun || rehearsal.stop !== undefined) return rehearsal;
        const rejected = rehearsal.tally.events.rejected;
        if (rejected > 0) return withStop(rehearsal, stops.rejectedFirst(rejected));
        if (!rehearsal.complete || (found.nothingMatched && !settings.allowEmpty)) {
          reporter.warning(nothingSentUnreadable());
          return rehearsal;
        }
      }
      const { target } = destination;
      const transport = frame.recorder?.timing(destination.transport, systemClock) ?? destination.transport;
      const { files, quota } = opened.ledger;
      const asking = purposesQuestion(prepared.destination, destination, purposes, reporter);
      const firstQuestion = asking?.firstQuestion;
      const deliveries = frame.delivered?.deliveries;
      const onKnownToTarget = tellKnownToTarget(prepared, context, reporter);
      const asked = { firstQuestion, onKnownToTarget };
      const decoder = startDecoder(rules, order);
      const all = { ...ports, decoder, files, quota, transport, target, deliveries, ...asked, random: Math.random };
      let running: Running;
      try {
        running = await startImport(found.inputs, pipeline, all);
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        return noResult(stops.storageFailed(error.message));
      }
      const look = () => running.progress();
      const left = () => quotaLeft(quota, target, settings, context.now());
      const endKeeping = keepProgress(frame.run, look, left, opened, context);
      const endMetrics = keepRunMetrics(prepared, opened, target, look, context, reporter);
      try {
        return await watch(running, settings, context, reporter, signals, frame.recorder);
      } finally {
        await endKeeping();
        await endMetrics();
        asking?.tell(running.progress().tally);
        await decoder.close();
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

function rulesFor(
  { destination }: PreparedImport,
  authorizations: Authorizations | undefined,
  knownPurposes: KnownPurposes,
): RulesFor {
  const { target } = destination;
  if (target === 'didomi') return { target, organization: destination.organization, knownPurposes };
  return { target, token: destination.token, tokenMayLack: false, authorizations };
}
