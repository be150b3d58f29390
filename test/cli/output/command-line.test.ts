import { expect, it } from 'vitest';
import { commandLine } from '../../../src/cli/output/command-line.js';
import { programName } from '../../../src/cli/process.js';

it.each([
  ['linux', ['import', 'a b.jsonl', "it's"], `consent-import import 'a b.jsonl' 'it'\\''s'`],
  [
    'win32',
    ['import', 'C:\\my files\\a.jsonl', 'C:\\a.jsonl'],
    'consent-import import "C:\\my files\\a.jsonl" C:\\a.jsonl',
  ],
] as const)('a command to type is quoted as the shells of %s want it', (system, args, expected) => {
  expect(commandLine('consent-import', args, system)).toBe(expected);
});

it.each([
  ['/usr/bin/consent-import', 'consent-import'],
  ['/srv/bin/consent-import.js', 'node bin/consent-import.js'],
  ['C:\\Users\\me\\AppData\\Roaming\\npm\\node_modules\\consent-import\\bin\\consent-import.js', 'consent-import'],
])('started as %s, the program is called again as %s', (script, expected) => {
  expect(programName(script, '/srv')).toBe(expected);
});
