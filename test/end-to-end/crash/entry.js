// The program as it is built, except that it is killed, or its disk fails, at one of the points where the ledger is
// written. CRASH_POINT: {"when":"before","kind":"sync","holds":"fkp","nth":2,"act":"kill"}, where `act` may be ENOSPC or EIO
// too; CRASH_LOG: a file to which each such point is appended as it is passed, with the ids that are written.
import { appendFileSync } from 'node:fs';
import { runImportCommand } from '../../../dist/cli/import/run-command.js';
import { runAsProcess } from '../../../dist/cli/process.js';
import { runProgram } from '../../../dist/cli/program.js';

const { CRASH_POINT, CRASH_LOG } = process.env;
const point = CRASH_POINT === undefined ? undefined : JSON.parse(CRASH_POINT);
let passed = 0;

function pass(when, { kind, holds, ids }) {
  if (CRASH_LOG !== undefined) appendFileSync(CRASH_LOG, `${when} ${kind} ${holds} ${ids}\n`);
  if (point?.when !== when || point.kind !== kind || point.holds !== holds) return;
  passed += 1;
  if (passed < point.nth) return;
  if (point.act === 'kill') process.kill(process.pid, 'SIGKILL');
  // A disk that is full stays so.
  else throw Object.assign(new Error(`${point.act}: the disk says so`), { code: point.act });
}

const hooks = { before: (event) => pass('before', event), after: (event) => pass('after', event) };

runAsProcess((args, context) =>
  runProgram(args, context, {
    import: async () => (prepared, given, reporter) => runImportCommand(prepared, given, reporter, hooks),
    validate: async () => (await import('../../../dist/cli/import/run-validate.js')).runValidateCommand,
  }),
);
