import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/cli/settings/config-schema.js';
import { resolveSettings } from '../../../src/cli/settings/resolve.js';
import { givenFlags, settingLines, shownSettings } from '../../../src/cli/settings/shown-settings.js';

const FLAGS = fc.record(
  {
    'organization-id': fc.constantFrom('acme', 'other'),
    'batch-size': fc.integer({ min: 1, max: 100 }).map(String),
    'batch-bytes': fc.integer({ min: 1, max: 2 ** 29 }).map(String),
    timeout: fc.integer({ min: 1, max: 10_000_000 }).map((ms) => `${ms}ms`),
    'max-rejects': fc.constantFrom('none', '0', '17', '0.5%'),
    order: fc.constantFrom('strict', 'batch', 'none'),
    rejects: fc.constantFrom('/tmp/r {run}.jsonl', "/tmp/it's"),
    strict: fc.constant<true>(true),
    'no-skip': fc.constant<true>(true),
    'dry-run': fc.constant<true>(true),
  },
  { requiredKeys: [] },
);

const CWD = mkdtempSync(join(tmpdir(), 'shown-'));

function resolve(flags: Record<string, string | true | undefined>, env: Record<string, string> = {}) {
  const given = Object.entries(flags).filter((entry): entry is [string, string | true] => entry[1] !== undefined);
  return resolveSettings('import', new Map(given), { env, cwd: CWD });
}

describe('settings as they are shown', () => {
  it('are a config file that gives the same settings again', () => {
    const file = join(CWD, 'again.json');
    const accepts = new Ajv2020({ allowUnionTypes: true }).compile(configSchema());
    fc.assert(
      fc.property(FLAGS, (flags) => {
        const { settings } = resolve(flags);
        const shown = shownSettings('import', settings);
        expect(accepts(shown), JSON.stringify(accepts.errors)).toBe(true);
        writeFileSync(file, JSON.stringify(shown));
        const again = resolve({ config: file });
        expect(again.problems).toEqual([]);
        expect({ ...again.settings, config: undefined }).toEqual(settings);
      }),
    );
    rmSync(file);
  });

  it('are told by --debug with where each came from', () => {
    const { settings, sources } = resolve({ 'batch-size': '5' }, { CONSENT_IMPORT_TIMEOUT: '90s' });
    const lines = settingLines('import', settings, sources);
    expect(lines).toContain('batchSize = 5 (--batch-size)');
    expect(lines).toContain('timeout = 1m30s (CONSENT_IMPORT_TIMEOUT)');
    expect(lines).toContain('maxRejects = 50% (default)');
    expect(lines).toContain('target = not set (default)');
  });

  it('give the flags of the command again, but not what came from elsewhere', () => {
    const { settings, sources } = resolve(
      { 'batch-size': '5', json: true, rejects: 'r.jsonl', target: 'didomi' },
      { CONSENT_IMPORT_TIMEOUT: '90s' },
    );
    expect(givenFlags(settings, sources, ['rejects'])).toEqual(['--target', 'didomi', '--batch-size', '5', '--json']);
  });
});
