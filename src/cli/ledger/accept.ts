import { resolve } from 'node:path';
import type { RejectedFile } from '../../core/ledger.js';
import type { StoredLedger } from '../../io/ledger/ledger.js';
import type { Execute } from '../commands/command.js';
import type { KeptRun } from '../import/kept-run.js';
import { counted } from '../output/figures.js';
import { acceptQuestion, nothingToAccept } from '../output/messages/ledger-messages.js';
import { UsageError } from '../usage-error.js';
import { changedBy } from './changed-by.js';
import { runVerb, type Verb } from './verb.js';
import { changeLedger } from './with-ledger.js';

/** `ledger accept <file|run>`: the rejects of a file, or of a run, are dealt with: later runs pass over the file. */
export const executeAccept: Execute = (call) =>
  runVerb('accept', call, async (verb) => {
    const what = verb.operands[0] ?? '';
    return changeLedger(
      verb,
      ({ ledger }) => meant(ledger, what, verb),
      (files) => acceptQuestion(files.length, rejectedIn(files)),
      async ({ ledger, folder }) => {
        const files = await meant(ledger, what, verb);
        await ledger.operator.accept(files, changedBy(verb, `accept ${what}`));
        const rejected = rejectedIn(files);
        const are = rejected === 1 ? 'reject is' : 'rejects are';
        return {
          json: { version: 1, ledger: folder, accepted: files.map(shown) },
          text: `${counted(files.length, 'file')} accepted, whose ${counted(rejected, are, are)} dealt with: later imports pass over ${files.length === 1 ? 'it' : 'them'}.`,
        };
      },
    );
  });

/** @throws {UsageError} when there is none */
async function meant(ledger: StoredLedger, what: string, { context }: Verb): Promise<readonly RejectedFile[]> {
  const all = await ledger.files.rejectedFiles();
  const kept = (await ledger.accountOf(what)) as KeptRun | undefined;
  // A later run over the same file remembers it anew.
  const ofRun = new Set(kept?.summary.files.filter(({ rejected }) => rejected > 0).map(({ sha256 }) => sha256));
  const path = resolve(context.cwd, what);
  const files = all.filter(
    (file) => file.run === what || ofRun.has(file.sha256) || file.path === what || file.identity?.path === path,
  );
  if (files.length === 0)
    throw new UsageError([nothingToAccept(what, [...new Set(all.map((file) => file.path))].sort())]);
  return files;
}

function rejectedIn(files: readonly RejectedFile[]): number {
  return files.reduce((sum, { rejected }) => sum + rejected, 0);
}

function shown({ path, run, sha256, records, rejected }: RejectedFile): object {
  return { file: path, run, sha256, records, rejected };
}
