import { systemClock } from '../../io/clock.js';
import { startValidation } from '../../pipeline/validate.js';
import { commandLine } from '../output/command-line.js';
import { validateFirstLine } from '../output/messages/run-messages.js';
import type { Runner } from '../runners.js';
import type { PreparedValidate } from '../settings/prepared.js';
import { authorizationsIn } from './authorization-file.js';
import { findInputs } from './inputs.js';
import { runSettings } from './pipeline-settings.js';
import { createRules, type RulesFor, readRuleFiles } from './rules.js';
import { ledgerFailure, noResult, RunFrame } from './run-frame.js';
import { Signals } from './signals.js';
import { startDecoder } from './start-decoder.js';
import { openTemporaryLedger, type TemporaryLedger } from './temporary-ledger.js';
import { watch } from './watch.js';

/** `validate`: reads and checks, with no network and no lasting ledger. */
export const runValidateCommand: Runner<PreparedValidate> = async (prepared, context, reporter) => {
  const { settings, target, organization, token } = prepared;
  const frame = new RunFrame(prepared, context, reporter);
  const found = await findInputs(prepared.inputs, settings, frame.rejectsPath, context, reporter);
  const authorizations = authorizationsIn(settings.authorizationFile, context.now());
  const what: RulesFor =
    target === 'didomi' ? { target, organization } : { target, token, tokenMayLack: true, authorizations };
  const files = readRuleFiles(settings);
  const rules = createRules(what, settings, files);
  const pipeline = runSettings(frame.run, settings);
  await frame.checkOutputs(settings);
  reporter.info(validateFirstLine(target), {
    name: 'run_started',
    fields: { run: frame.run, command: 'validate', target, organization: organization ?? null },
  });
  found.tell();
  const ending = { nothingMatched: found.nothingMatched, sends: false };
  const facts = { destination: { target, organization, apiUrl: undefined }, ledger: undefined };
  const signals = new Signals(context, reporter, settings);
  let temporary: TemporaryLedger;
  try {
    temporary = await openTemporaryLedger(frame.identity);
  } catch (error) {
    const { failure, message } = ledgerFailure(error, commandLine(context.program, ['ledger', 'repair']));
    reporter.error(message);
    return frame.end({ ...facts, result: { ...noResult(), complete: false }, ending: { ...ending, failure } });
  }
  let closing: (() => Promise<void>) | undefined;
  try {
    const { ledger } = temporary;
    const decoder = startDecoder(rules, { what, settings, files, secret: ledger.secret });
    closing = () => decoder.close();
    const rejects = await frame.openRejects(rules);
    const ports = { clock: systemClock, rules, decoder, ledger, rejects };
    const running = startValidation(found.inputs, pipeline, ports);
    const result = await frame.closeFiles(await watch(running, settings, context, reporter, signals, frame.recorder));
    return await frame.end({ ...facts, result, ending });
  } finally {
    signals.close();
    await closing?.();
    await found.close();
    await temporary.close();
  }
};
