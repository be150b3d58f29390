import { resolve } from 'node:path';
import { exportLedger, type Transferred } from '../../io/ledger/export.js';
import { ledgerFolder } from '../../io/ledger/open.js';
import { restoreLedger } from '../../io/ledger/restore.js';
import type { Execute } from '../commands/command.js';
import { count, counted } from '../output/figures.js';
import { restoreQuestion } from '../output/messages/ledger-messages.js';
import { ledgerFirstLine } from '../output/messages/run-messages.js';
import { assertCanConfirm, confirmChange } from './permission.js';
import { type Answer, runVerb, type Verb } from './verb.js';
import { knownLedger, ledgerOptions, placeNamed } from './with-ledger.js';

/** `ledger export <file>`: the ledger itself stays as it is; an older export of this name is replaced. */
export const executeExport: Execute = (call) =>
  runVerb('export', call, async (verb) => {
    const file = fileIn(verb);
    const options = await knownLedger(verb);
    const done = await exportLedger(options, file);
    return answer(verb, file, done, `Exported to ${file}: ${amounts(done)}. The file is as private as the ledger.`);
  });

/** `ledger restore <file>` */
export const executeRestore: Execute = (call) =>
  runVerb('restore', call, async (verb) => {
    const file = fileIn(verb);
    assertCanConfirm(verb);
    const options = ledgerOptions(verb);
    await confirmChange(verb, restoreQuestion(file, ledgerFolder(options)));
    const done = await restoreLedger(options, file);
    return answer(verb, file, done, `Restored from ${file}: ${amounts(done)}.`);
  });

function fileIn({ operands, context }: Verb): string {
  return resolve(context.cwd, operands[0] ?? '');
}

function answer(verb: Verb, file: string, { delivered, inDoubt, sha256 }: Transferred, text: string): Answer {
  const folder = ledgerFolder(ledgerOptions(verb));
  verb.reporter.info(ledgerFirstLine(placeNamed(verb), { path: folder, ids: delivered + inDoubt }));
  return { json: { version: 1, ledger: folder, file, delivered, inDoubt, sha256 }, text };
}

function amounts({ delivered, inDoubt }: Transferred): string {
  return `${counted(delivered, 'event')} delivered, ${count(inDoubt)} in doubt`;
}
