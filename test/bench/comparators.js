import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runWithSink, shareOfPossible } from './measure.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const EVENTS = 200_000;

/**
 * What import-20ms and import-0ms are held against, so that their figures can be judged on any machine.
 * @type {readonly import('./cases.js').Case[]}
 */
export const COMPARATORS = [20, 0].flatMap((latencyMs) => {
  const each = latencyMs === 0 ? 'a sink that answers at once' : `${latencyMs} ms each`;
  const figures = latencyMs === 0 ? {} : { figures: shareOfPossible };
  return [
    {
      name: `bare-${latencyMs}ms`,
      about: `a bare loop that parses, validates and keeps ids in a Set; no ledger, no order, no checks: 10 in flight, ${each}`,
      events: EVENTS,
      run: (_bin, file) => runWithSink({ latencyMs }, (address) => [join(HERE, 'bare-loop.js'), file, address]),
      ...figures,
    },
    {
      name: `ceiling-${latencyMs}ms`,
      about: `one ready-made body posted again and again, nothing read: what sink and HTTP allow: 10 in flight, ${each}`,
      ...{ events: EVENTS, noInput: true, noFloor: true },
      run: () => runWithSink({ latencyMs }, (address) => [join(HERE, 'ceiling.js'), `${EVENTS / 100}`, address]),
      ...figures,
    },
  ];
});
