import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { findInputs } from '../../../src/cli/import/inputs.js';
import { createReporter } from '../../../src/cli/output/reporter.js';
import { resolveSettings } from '../../../src/cli/settings/resolve.js';
import { recordedContext } from '../recorded-context.js';

it.each([
  [
    true,
    'warning[reading_terminal]: reading standard input, which is this terminal: type or paste records, and end with Ctrl-D.\n',
  ],
  [false, ''],
])('standard input that is a terminal (%s) is told, for nobody should wait in vain', async (terminal, expected) => {
  const cwd = mkdtempSync(join(tmpdir(), 'inputs-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const recorded = recordedContext({ terminal, cwd });
  const context = { ...recorded, stdin: { ...recorded.stdin, bytes: () => Readable.from([]) } };
  const reporter = createReporter(context, { quiet: false, debug: false, color: false });
  const { settings } = resolveSettings('import', new Map(), context);

  const found = await findInputs(['-'], settings, join(cwd, 'r.jsonl'), context, reporter);
  found.tell();

  expect(found.inputs.map(({ info }) => info.path)).toEqual(['-']);
  expect(recorded.err()).toBe(expected);
});
