import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configKey, environmentName, type OptionSpec } from '../../../src/cli/settings/option-spec.js';
import { OPTIONS } from '../../../src/cli/settings/options.js';
import { parseValue } from '../../../src/cli/settings/parse-value.js';
import { type FlagValues, type Resolved, resolveSettings } from '../../../src/cli/settings/resolve.js';
import { describeSource, type SettingKey } from '../../../src/cli/settings/settings.js';

let root: string;
let cwd: string;
let home: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'settings-'));
  cwd = join(root, 'cwd');
  home = join(root, 'home');
  mkdirSync(cwd);
  mkdirSync(join(home, '.config', 'consent-import'), { recursive: true });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const cwdConfig = (): string => join(cwd, 'consent-import.config.json');
const userConfig = (): string => join(home, '.config', 'consent-import', 'config.json');

function resolve(flags: Record<string, string | true> = {}, env: Record<string, string> = {}): Resolved {
  const values: FlagValues = new Map(Object.entries(flags));
  return resolveSettings('import', values, { env: { HOME: home, ...env }, cwd });
}

function texts(resolved: Resolved): readonly string[] {
  return resolved.problems.map((problem) => `${problem.code}: ${problem.text}`);
}

/** Two good values for each kind. */
function samples(option: OptionSpec): readonly [string, string] {
  switch (option.kind.type) {
    case 'flag':
      return ['true', 'true'];
    case 'choice':
      return [option.kind.choices[0]!, option.kind.choices.at(-1)!];
    case 'integer':
      return ['3', '7'];
    case 'size':
      return ['2KiB', '3MiB'];
    case 'time':
      return ['2s', '3m'];
    case 'maxRejects':
      return ['5', '7%'];
    case 'url':
      return ['https://a.example/v1', 'http://127.0.0.1:1/v1'];
    case 'string':
    case 'text':
      return ['one', 'two'];
    case 'path':
      return ['/tmp/one', '/tmp/two'];
  }
}

describe('settings', () => {
  it('stand at their defaults when nobody sets them', () => {
    const { settings, sources, problems } = resolve();
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      concurrency: 8,
      batchSize: 100,
      batchBytes: 1_048_576,
      timeout: 30_000,
      giveUpAfter: 600_000,
      maxWait: 3_900_000,
      drainTime: 25_000,
      order: 'strict',
      onInputError: 'continue',
      onConflict: 'reject',
      maxRejects: { kind: 'percent', most: 50 },
      maxLineBytes: 33_554_432,
      rejects: join(cwd, 'consent-import-{run}.rejects.jsonl'),
      rejectsContent: 'full',
      target: undefined,
      limit: undefined,
      json: false,
      noSkip: false,
    });
    expect(Object.values(sources).every((source) => source.from === 'default')).toBe(true);
  });

  it('have a good default wherever the table gives one', () => {
    for (const option of OPTIONS as readonly OptionSpec[]) {
      if (option.default !== undefined) {
        expect(parseValue(option.kind, option.default), option.name).toHaveProperty('value');
      }
    }
  });

  it('come from the strongest place that sets them: flag, environment, found config, own config, default', () => {
    const candidates = (OPTIONS as readonly OptionSpec[]).filter(
      (option) => option.commands.includes('import') && option.config === undefined && option.kind.type !== 'flag',
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...candidates),
        fc.subarray(['flag', 'environment', 'found', 'own'] as const),
        fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1), fc.nat(1)),
        (option, places, picks) => {
          const key = configKey(option.name);
          const value = (index: number): string => samples(option)[picks[index]!]!;
          const inConfig = (index: number): unknown =>
            option.kind.type === 'integer' ? Number(value(index)) : value(index);
          writeFileSync(cwdConfig(), JSON.stringify(places.includes('found') ? { [key]: inConfig(2) } : {}));
          writeFileSync(userConfig(), JSON.stringify(places.includes('own') ? { [key]: inConfig(3) } : {}));
          const resolved = resolve(
            places.includes('flag') ? { [option.name]: value(0) } : {},
            places.includes('environment') ? { [environmentName(option.name)]: value(1) } : {},
          );
          expect(resolved.problems).toEqual([]);
          const strongest = (['flag', 'environment', 'found', 'own'] as const).findIndex((place) =>
            places.includes(place),
          );
          const source = [`--${option.name}`, environmentName(option.name), `${cwdConfig()}:1`, `${userConfig()}:1`];
          expect(describeSource(resolved.sources[key as SettingKey])).toBe(source[strongest] ?? 'default');
          if (strongest !== -1) {
            const parsed = parseValue(option.kind, value(strongest));
            expect(resolved.settings[key as SettingKey]).toEqual('value' in parsed ? parsed.value : undefined);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('take the file of --config instead of the one in the current folder', () => {
    writeFileSync(cwdConfig(), '{"concurrency": 2}');
    writeFileSync(join(root, 'named.json'), '{\n "batchSize": 5,\n "apiUrl": "https://a.example"\n}');
    const { settings, sources } = resolve({ config: '../named.json' });
    expect([settings.concurrency, settings.batchSize, settings.apiUrl]).toEqual([8, 5, 'https://a.example']);
    expect(sources.batchSize).toEqual({ from: 'config', file: join(root, 'named.json'), line: 2, key: 'batchSize' });
  });

  it('count a config file’s paths from its own folder, all others from the current one, and ~ as home', () => {
    writeFileSync(userConfig(), '{"schema": "own.json", "ledger": "~/ledger"}');
    const { settings } = resolve({ rejects: 'r.jsonl' }, { CONSENT_IMPORT_SUMMARY_FILE: 'out/s.json' });
    expect(settings.schema).toBe(join(home, '.config', 'consent-import', 'own.json'));
    expect(settings.ledger).toBe(join(home, 'ledger'));
    expect(settings.rejects).toBe(join(cwd, 'r.jsonl'));
    expect(settings.summaryFile).toBe(join(cwd, 'out', 's.json'));
  });

  it('take flags from the environment as words, and treat an empty variable as not set', () => {
    const { settings, problems } = resolve(
      {},
      { CONSENT_IMPORT_JSON: 'yes', CONSENT_IMPORT_QUIET: '0', CONSENT_IMPORT_TIMEOUT: '' },
    );
    expect(problems).toEqual([]);
    expect([settings.json, settings.quiet, settings.timeout]).toEqual([true, false, 30_000]);
  });

  it('let the environment switch off a flag that a config file sets', () => {
    writeFileSync(cwdConfig(), '{"strict": true}');
    expect(resolve().settings.strict).toBe(true);
    expect(resolve({}, { CONSENT_IMPORT_STRICT: 'false' }).settings.strict).toBe(false);
  });

  it('of another command are checked in a config file, and left alone', () => {
    writeFileSync(cwdConfig(), '{"port": 80, "concurrency": 2}');
    expect(resolve().settings.port).toBe(0);
    const validate = resolveSettings('validate', new Map(), { env: {}, cwd });
    expect([validate.settings.concurrency, validate.problems]).toEqual([8, []]);
  });
});

describe('wrong settings', () => {
  it('are all told at once, each with its place and what was expected', () => {
    writeFileSync(cwdConfig(), '{\n  "concurrency": "8",\n  "strict": "yes",\n  "timeout": 30\n}');
    const problems = texts(
      resolve(
        { 'batch-size': '101', order: 'file', 'max-rejects': 'many', 'api-url': 'http://a.example/v1' },
        { CONSENT_IMPORT_BATCH_BYTES: '1 pound', CONSENT_IMPORT_JSON: 'maybe' },
      ),
    );
    expect(problems).toEqual([
      `bad_value: ${cwdConfig()}:2: "concurrency" is "8": expected a whole number from 1 to 1000.`,
      `bad_value: ${cwdConfig()}:3: "strict" is "yes": expected true or false.`,
      `bad_value: ${cwdConfig()}:4: "timeout" is 30: expected a time with its unit, such as 500ms, 30s, 10m or 1h30m, of 1ms or more.`,
      'bad_value: --api-url is "http://a.example/v1": expected https (plain http is for loopback addresses only).',
      'bad_value: --batch-size is "101": expected a whole number from 1 to 100.',
      'bad_value: CONSENT_IMPORT_BATCH_BYTES is "1 pound": expected a size such as 512KiB or 1MiB, from 1B to 512MiB.',
      'bad_value: --order is "file": expected strict, batch or none.',
      'bad_value: --max-rejects is "many": expected a number such as 100, a percentage such as 5%, or none.',
      'bad_value: CONSENT_IMPORT_JSON is "maybe": expected true or false.',
    ]);
  });

  it('name an unknown key with its line and the key that was meant', () => {
    writeFileSync(cwdConfig(), '{\n  "target": "didomi",\n\n  "maxReject": 5,\n  "zebra": 1\n}');
    expect(texts(resolve())).toEqual([
      `unknown_key: ${cwdConfig()}:4: unknown key "maxReject". Did you mean "maxRejects"?`,
      `unknown_key: ${cwdConfig()}:5: unknown key "zebra". The keys are the options in camelCase.`,
    ]);
  });

  it.each([
    ['apiUrl', 'api-url', '"https://evil.example"'],
    ['credentialsFile', 'credentials-file', '"c.json"'],
    ['caFile', 'ca-file', '"ca.pem"'],
  ])('a config that lies in the current folder may not set %s; one that is named may', (key, flag, value) => {
    writeFileSync(cwdConfig(), `{"${key}": ${value}}`);
    const found = resolve();
    expect(texts(found)).toEqual([
      `untrusted_key: ${cwdConfig()}:1: "${key}" says where data or credentials go, so a config file that was only found in the current folder may not set it. Use --${flag}, ${environmentName(flag)}, or name the file: --config ${cwdConfig()}`,
    ]);
    expect(found.settings[key as SettingKey]).toBeUndefined();
    expect(texts(resolve({ config: cwdConfig() }))).toEqual([]);
  });

  it('name the line of a syntax error, a repeated key, a file that is missing, and --config in a config', () => {
    writeFileSync(cwdConfig(), '{\n "json": true\n "quiet": true\n}');
    expect(texts(resolve())).toEqual([`config_syntax: ${cwdConfig()}:3: not valid JSON: expected ',' or '}'.`]);
    writeFileSync(cwdConfig(), '{\n "json": true,\n "json": false,\n "config": "x"\n}');
    expect(texts(resolve())).toEqual([
      `repeated_key: ${cwdConfig()}:3: "json" stands there twice. Keep one.`,
      `key_not_for_config: ${cwdConfig()}:4: "config" can't be set in a config file. Use --config.`,
    ]);
    expect(texts(resolve({ config: 'no.json' }))).toEqual([
      `config_missing: --config names ${join(cwd, 'no.json')}, which does not exist.`,
    ]);
  });

  it('never show what may be a secret in a URL', () => {
    const [problem] = texts(resolve({ 'api-url': 'https://me:pw@a.example/v1?token=abc' }));
    expect(problem).toBe(
      'bad_value: --api-url is "https://a.example/v1": expected a URL without a user name and password: secrets never come from there.',
    );
    expect(texts(resolve({ 'api-url': 'me:pw@a.example?token=abc' })).join()).not.toMatch(/pw|abc/);
  });

  it.each([
    ['rejects', '--json', 'a path (this looks like an option)'],
    ['rejects', '', 'a path'],
    ['organization-id', '', 'a value without white space'],
    ['organization-id', '--yes', 'a value without white space'],
  ])('a value that was forgotten is noticed: --%s "%s"', (name, value, expected) => {
    expect(texts(resolve({ [name]: value }))).toEqual([
      `bad_value: --${name} is ${JSON.stringify(value)}: expected ${expected}.`,
    ]);
  });

  it('in the environment that are no option at all are a warning', () => {
    expect(resolve({}, { CONSENT_IMPORT_MAX_REJECT: '0' }).warnings).toEqual([
      {
        code: 'unknown_variable',
        text: 'the environment has CONSENT_IMPORT_MAX_REJECT, but there is no such option; it is ignored. Did you mean CONSENT_IMPORT_MAX_REJECTS?',
      },
    ]);
  });
});
