import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BENCH_DESTINATION, KNOWN_ID } from './ledger-destination.js';
import { runNode } from './measure.js';

const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'ledger-ids.js');

/**
 * Fills a ledger and the bare store below it with so many ids, looks as many up in each, and asks the ledger for one.
 * @param {string} bin the program
 * @param {number} count
 */
export async function ledgerOfIds(bin, count) {
  const folder = mkdtempSync(join(tmpdir(), 'consent-import-bench-ids-'));
  const paths = { ledger: join(folder, 'ledger'), store: join(folder, 'store') };
  const step = (of, act) => runNode([SCRIPT, JSON.stringify({ of, act, count, folder: paths[of] })]);
  try {
    const insert = await step('ledger', 'insert');
    const bareInsert = await step('store', 'insert');
    const lookup = await step('ledger', 'lookup');
    const bareLookup = await step('store', 'lookup');
    const { address, organization } = BENCH_DESTINATION;
    const show = await runNode([
      ...[bin, 'ledger', 'show', KNOWN_ID, '--target', 'didomi', '--organization-id', organization],
      ...['--api-url', address, '--ledger', paths.ledger, '--json'],
    ]);
    if (show.summary.state !== 'delivered') throw new Error('the ledger does not know an id that is in it');
    if (lookup.summary.found !== Math.ceil(count / 2)) throw new Error(`${lookup.summary.found} ids were found`);
    return {
      ...insert,
      rssMiB: Math.max(insert.rssMiB, lookup.rssMiB),
      ids: {
        insertMicroseconds: (insert.summary.seconds / count) * 1e6,
        insertOfBare: insert.summary.seconds / bareInsert.summary.seconds,
        lookupMicroseconds: (lookup.summary.seconds / count) * 1e6,
        lookupOfBare: lookup.summary.seconds / bareLookup.summary.seconds,
        bytesPerId: lookup.summary.diskBytes / count,
        openSeconds: lookup.summary.openSeconds,
        showSeconds: show.seconds,
        showMiB: show.rssMiB,
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
