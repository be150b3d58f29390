import { stat } from 'node:fs/promises';
import type { Input } from '../../core/input.js';
import type { RunResult } from '../../core/run.js';
import type { OpenLedger } from '../../io/ledger/open.js';
import { startUndo, type Undo } from '../../pipeline/undo.js';
import type { VerifyPorts } from '../../pipeline/verify.js';
import type { Execute } from '../commands/command.js';
import type { CommandContext } from '../context.js';
import { confirm } from '../output/confirmation.js';
import { count } from '../output/figures.js';
import {
  noRun,
  undoNotConfirmed,
  undoQuestion,
  undoReadsOnce,
  undoUnconfirmed,
  unknownRun,
} from '../output/messages/recall-messages.js';
import { ownerText } from '../output/owner-text.js';
import type { PreparedImport } from '../settings/prepared.js';
import type { FlagValues } from '../settings/resolve.js';
import { UsageError } from '../usage-error.js';
import { askToDelete } from './asked.js';
import { type KeptUndo, undoBrief } from './kept-undo.js';
import { type Undone, undoJson, undoText } from './undo-text.js';
import { verdictOn } from './verdict.js';
import { type Recall, type RecallAnswer, runRecall } from './with-inputs.js';

/** `undo`: exit 1 when something that the run created is still there, also where its line has changed since. */
export const executeUndo: Execute = async (call) => {
  const run = runIn(call.flags);
  return runRecall(
    {
      name: 'undo',
      doing: 'Undoing at',
      readsTwice: mustAsk,
      ask: askToDelete,
      act: (recall) => undo(recall, run),
    },
    call,
  );
};

/** @throws {UsageError} when none was named */
function runIn(flags: FlagValues): string {
  const run = flags.get('run');
  if (run === undefined || run === true || run === '') throw new UsageError([noRun()]);
  return run;
}

/** Nothing but what is on this machine is deleted unasked. */
function mustAsk({ destination, settings }: PreparedImport): boolean {
  const harmless = destination.kind === 'sandbox' || destination.loopback || destination.target === 'onetrust';
  return !harmless && !settings.dryRun && !settings.yes;
}

async function undo(recall: Recall, run: string): Promise<RecallAnswer> {
  const { prepared, context } = recall;
  const { settings, destination } = prepared;
  const deletes = !settings.dryRun && destination.target === 'didomi';
  if (mustAsk(prepared)) {
    assertCanAsk(prepared, context);
    await assertTwiceReadable(recall.inputs);
    const look = await recall.withLedger((opened, ports) => lookFor(recall, run, opened, ports));
    if (look.undo.counts.created === 0 || look.result.stop !== undefined) return answer(recall, { ...look, run });
    const where = `${destination.target}, ${ownerText(destination)}, at ${recall.apiUrl}`;
    const files = recall.inputs.length;
    if (!(await confirm(context, undoQuestion(look.undo.counts.created, files, run, where, prepared.ledger)))) {
      throw new UsageError([undoNotConfirmed()]);
    }
  }
  return recall.withLedger(async (opened, ports) => {
    if (!deletes) return answer(recall, { ...(await lookFor(recall, run, opened, ports)), run });
    assertKnownRun(run, opened);
    const { ledger, folder } = opened;
    let undone: Undo | undefined;
    let result: RunResult | undefined;
    const by = { time: context.now(), user: context.user, what: `undo --run ${run}` };
    await ledger.operator.undo(by, async () => {
      const started = await start(recall, run, true, opened, ports);
      undone = started;
      result = await recall.watch(started.running, () => progressText(started.counts));
      return started.counts.deleted + started.counts.gone;
    });
    const told = answer(recall, { undo: undone!, result: result!, ledger: folder, run });
    const kept: KeptUndo = { version: 1, undo: told.json, text: told.text };
    await ledger.recordRun(undoBrief(told.json, result!), kept);
    return told;
  });
}

/** Finds out what there is to be undone, and changes nothing. */
async function lookFor(
  recall: Recall,
  run: string,
  opened: OpenLedger,
  ports: VerifyPorts,
): Promise<Omit<Undone, 'run'>> {
  assertKnownRun(run, opened);
  const undo = await start(recall, run, false, opened, ports);
  const result = await recall.watch(undo.running, () => 'reading the inputs');
  return { undo, result, ledger: opened.folder };
}

function start(
  { inputs, settings }: Recall,
  run: string,
  deletes: boolean,
  { ledger }: OpenLedger,
  ports: VerifyPorts,
): Promise<Undo> {
  return startUndo(inputs, run, deletes, settings, { ...ports, undoing: ledger.undoing });
}

function answer(recall: Recall, undone: Undone): RecallAnswer {
  const { created, refused, unsent, changed } = undone.undo.counts;
  const { destination } = recall.prepared;
  const isForEver = destination.target === 'onetrust' && created > 0;
  const verdict = verdictOn([undone.result], isForEver || refused + unsent + changed > 0, recall.nothingMatched);
  return {
    json: undoJson(recall, verdict, undone),
    text: undoText(recall, verdict, undone),
    exitCode: verdict.exitCode,
  };
}

/** @throws {UsageError} naming the last imports that the ledger knows */
function assertKnownRun(run: string, { ledger }: OpenLedger): void {
  if (ledger.runs.some(({ id }) => id === run)) return;
  const imports = ledger.runs.filter(({ command }) => command === 'import').map(({ id }) => id);
  throw new UsageError([unknownRun(run, imports.reverse().slice(0, 5))]);
}

/** @throws {UsageError} */
function assertCanAsk({ settings }: PreparedImport, { stdin, stderr }: CommandContext): void {
  if (settings.noInput) throw new UsageError([undoUnconfirmed('--no-input forbids to ask')]);
  if (!stdin.isTTY || !stderr.isTTY) throw new UsageError([undoUnconfirmed('there is no terminal to ask at')]);
}

/** @throws {UsageError} for an input that can be read only once */
async function assertTwiceReadable(inputs: readonly Input[]): Promise<void> {
  for (const { info } of inputs) {
    const found = info.path === '-' ? undefined : await stat(info.path).catch(() => undefined);
    if (info.path === '-' || found?.isFIFO() === true) throw new UsageError([undoReadsOnce(info.path)]);
  }
}

function progressText({ deleted, gone, refused }: Undo['counts']): string {
  return `undoing: ${count(deleted + gone)} so far, ${count(refused)} refused`;
}
