import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareImport, prepareValidate, SANDBOX_ORGANIZATION } from '../../../src/cli/settings/prepared.js';
import { resolveSettings } from '../../../src/cli/settings/resolve.js';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'prepared-'));
});

afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const SECRETS = { DIDOMI_API_KEY: 'the-key', DIDOMI_API_SECRET: 'the-secret' };
const ADDRESS = { target: 'didomi', 'organization-id': 'acme' };

function prepare(flags: Record<string, string | true>, env: Record<string, string> = {}) {
  const around = { env: { HOME: cwd, ...env }, cwd };
  return prepareImport(['a.jsonl'], resolveSettings('import', new Map(Object.entries(flags)), around), around);
}

function texts(preparation: { problems: readonly { code: string; text: string }[] }): readonly string[] {
  return preparation.problems.map(({ code, text }) => `${code}: ${text}`);
}

describe('an import', () => {
  it('goes to the published address unless another is named', () => {
    expect(prepare(ADDRESS, SECRETS).prepared).toMatchObject({
      inputs: ['a.jsonl'],
      destination: {
        kind: 'address',
        target: 'didomi',
        organization: 'acme',
        apiUrl: 'https://api.didomi.io/v1',
        loopback: false,
        credentials: { key: 'the-key', secret: 'the-secret' },
      },
      ledger: join(cwd, '.local', 'state', 'consent-import'),
    });
  });

  it.each([
    ['http://127.0.0.1:8080/v1/', 'http://127.0.0.1:8080/v1', true],
    ['http://localhost:1', 'http://localhost:1', true],
    ['http://[::1]:1/x', 'http://[::1]:1/x', true],
    ['https://API.example//', 'https://api.example', false],
  ])('goes to %s as %s', (given, apiUrl, loopback) => {
    expect(prepare({ ...ADDRESS, 'api-url': given }, SECRETS).prepared?.destination).toMatchObject({
      apiUrl,
      loopback,
    });
  });

  it('into a sandbox needs nothing else', () => {
    expect(prepare({ sandbox: true }).prepared?.destination).toEqual({
      kind: 'sandbox',
      target: 'didomi',
      organization: SANDBOX_ORGANIZATION,
    });
  });

  it('can not go into a sandbox and to an address', () => {
    expect(texts(prepare({ sandbox: true, 'api-url': 'https://a.example' }))).toEqual([
      'sandbox_with_address: --sandbox imports into an embedded sandbox, but --api-url names another address. Leave one of them out.',
    ]);
    expect(prepare({ sandbox: true }, { CONSENT_IMPORT_API_URL: 'https://a.example' }).prepared).toBeDefined();
  });

  it('says everything that is missing at once', () => {
    expect(texts(prepare({}, { DIDOMI_API_KEY: 'the-key' }))).toEqual([
      'missing_option: --target is missing: which platform the events are for (didomi or onetrust). Give it as --target, CONSENT_IMPORT_TARGET, or "target" in a config file.',
      'missing_option: --organization-id is missing: Didomi needs to know which organization the events belong to. Give it as --organization-id, CONSENT_IMPORT_ORGANIZATION_ID, or "organizationId" in a config file.',
      'credentials_missing: the credentials for Didomi are missing: DIDOMI_API_SECRET not set. Set DIDOMI_API_KEY and DIDOMI_API_SECRET, or name a JSON file that holds {"key","secret"} with --credentials-file. To try without any: --sandbox',
    ]);
  });

  it('does not call a target missing that was only misspelt', () => {
    expect(texts(prepare({ ...ADDRESS, target: 'didomy' }, SECRETS))).toEqual([
      'bad_value: --target is "didomy": expected didomi or onetrust (did you mean didomi?).',
    ]);
  });

  it('needs --ledger where there is no home folder', () => {
    expect(texts(prepare(ADDRESS, { ...SECRETS, HOME: '' }))).toEqual([
      'no_ledger_folder: there is no home folder to keep the ledger in: neither XDG_STATE_HOME nor HOME is set. Say where with --ledger <dir>.',
    ]);
    expect(prepare({ ...ADDRESS, ledger: 'here' }, { ...SECRETS, HOME: '' }).prepared?.ledger).toBe(join(cwd, 'here'));
    expect(prepare(ADDRESS, { ...SECRETS, XDG_STATE_HOME: '/state' }).prepared?.ledger).toBe('/state/consent-import');
  });
});

describe('credentials', () => {
  const withFile = (text: string, mode: number) => {
    const file = join(cwd, 'credentials.json');
    writeFileSync(file, text);
    chmodSync(file, mode);
    return { file, preparation: prepare({ ...ADDRESS, 'credentials-file': 'credentials.json' }, SECRETS) };
  };

  it('come from the file if one is named, else from the environment', () => {
    const { preparation } = withFile('{"key":"k","secret":"s"}', 0o600);
    expect(preparation.prepared?.destination).toMatchObject({ credentials: { key: 'k', secret: 's' } });
    expect(preparation.warnings).toEqual([]);
  });

  it('in a file that others can read are a warning', () => {
    const { file, preparation } = withFile('{"key":"k","secret":"s"}', 0o640);
    expect(preparation.prepared).toBeDefined();
    expect(preparation.warnings).toEqual([
      {
        code: 'credentials_readable',
        text: `--credentials-file ${file} can be read by other users (mode 0640). Protect it: chmod 600 ${file}`,
      },
    ]);
  });

  it.each([
    '',
    'null',
    '[]',
    '{"key":"hush-hush"}',
    '{"key":"hush-hush","secret":""}',
    '{"key":"hush-hush","secret":5',
    '5',
  ])('in a file that holds none are told without its content: %s', (text) => {
    const { file, preparation } = withFile(text, 0o600);
    expect(texts(preparation)).toEqual([
      `credentials_malformed: --credentials-file ${file}: expected a JSON object with two strings that are not empty: {"key":"…","secret":"…"}.`,
    ]);
  });

  it('in a file that is not there are told with its name', () => {
    expect(texts(prepare({ ...ADDRESS, 'credentials-file': 'none.json' }, SECRETS))).toEqual([
      `credentials_unreadable: --credentials-file ${join(cwd, 'none.json')}: can't read it (ENOENT). Check the path and its permissions.`,
    ]);
  });
});

describe('validate', () => {
  it('needs only a target', () => {
    const around = { env: {}, cwd };
    const resolved = resolveSettings('validate', new Map([['target', 'didomi']]), around);
    expect(prepareValidate(['a.jsonl'], resolved, around).prepared).toMatchObject({
      target: 'didomi',
      organization: undefined,
    });
    expect(texts(prepareValidate(['a.jsonl'], resolveSettings('validate', new Map(), around), around))).toHaveLength(1);
  });
});
