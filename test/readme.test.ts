import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../src/cli/commands/table.js';
import { LEDGER_VERBS } from '../src/cli/ledger/verbs.js';
import { progressLine } from '../src/cli/output/progress-text.js';
import { configKey, environmentName } from '../src/cli/settings/option-spec.js';
import { OPTIONS } from '../src/cli/settings/options.js';
import { exitCodeOf } from '../src/core/exit-code.js';
import { REJECT_REASONS } from '../src/core/rejection.js';
import { END_REASONS, type Progress, type Stop } from '../src/core/run.js';
import * as stops from '../src/core/stops.js';
import { newTally } from '../src/core/tally.js';
import type { Examination } from '../src/core/target.js';
import { startSandbox } from '../src/sandbox/sandbox.js';
import { createDidomiRules } from '../src/targets/didomi/rules.js';
import { codesTable, messageCodes } from './readme/codes.js';
import { between, codeBlocks, tableRows, withBetween, withBlocks } from './readme/page.js';
import { Session, withoutChance } from './readme/session.js';
import {
  exitCodesTable,
  faultsTable,
  logEventsTable,
  metricsTable,
  optionsTable,
  WITHOUT_EFFECT,
} from './readme/tables.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const README = join(ROOT, 'README.md');
/** `UPDATE_README=1 npx vitest run test/readme.test.ts` writes the tables and the output of the commands anew. */
const UPDATES = process.env['UPDATE_README'] === '1';

let page = readFileSync(README, 'utf8');
const GENERATED = [
  ['options', optionsTable()],
  ['faults', faultsTable()],
  ['exit codes', exitCodesTable()],
  ['codes', codesTable()],
  ['log events', logEventsTable()],
  ['metrics', metricsTable()],
] as const;

describe('README', () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.start();
  });
  afterAll(async () => {
    await session.end();
    if (!UPDATES) return;
    for (const [name, text] of GENERATED) page = withBetween(page, name, text);
    writeFileSync(README, page);
  });

  it('shows what its commands really print', async () => {
    const printed: string[] = [];
    for (const { info, text } of codeBlocks(page)) {
      if (!info.startsWith('console')) continue;
      const commands = commandsIn(text);
      const outputs =
        info === 'console background'
          ? [await session.start(commands[0]!, 'Ctrl-C.\n')]
          : (await session.type(commands)).map((output) => output.printed);
      printed.push(commands.map((command, i) => `$ ${command}\n${outputs[i]}`).join(''));
    }
    if (UPDATES) page = withBlocks(page, ({ info }) => (info.startsWith('console') ? printed.shift() : undefined));
    else expect(withoutChance(consoleText(page))).toBe(withoutChance(printed.join('')));
    // Some thirty commands, one after the other.
  }, 240_000);

  it('names addresses of the sandbox that answer', async () => {
    const paths = new Set(page.match(/\/_sandbox\/\w+/g));
    expect(paths.size).toBe(4);
    for (const path of paths) expect((await fetch(`${session.origin}${path}`)).status, path).toBe(200);
  });

  it('leads through an import into Didomi with commands that end as it says', async () => {
    const sandbox = await startSandbox();
    const session = await Session.start();
    session.copyFixture('didomi-ten-thousand.jsonl.gz', 'events.jsonl.gz');
    try {
      const commands = codeBlocks(page)
        .filter(({ info }) => info === 'sh didomi')
        .flatMap(({ text }) => text.trim().split('\n'))
        .map((command) => command.replace('your-organization-id', 'demo-organization'));
      const ended = await session.type(commands, { CONSENT_IMPORT_API_URL: sandbox.url });
      const told = commands.map((command) => Number(/# exit code (\d+)$/.exec(command)?.[1] ?? 0));
      expect(ended.map(({ exitCode }) => exitCode)).toEqual(told);
      expect(sandbox.events()).toHaveLength(10_000);
    } finally {
      await session.end();
      await sandbox.close();
    }
  });

  it('shows the summary as the program writes it', async () => {
    const [shown] = codeBlocks(page).filter(({ info }) => info === 'json summary');
    const command = 'consent-import import fixtures/didomi-ten.jsonl.gz --sandbox --ledger json --json 2> /dev/null';
    const [ran] = await session.type([command]);
    const summary: unknown = JSON.parse(ran!.printed);
    if (UPDATES) {
      const tidy = { ...(summary as object), settings: someSettings(summary), user: 'me', host: 'my-machine' };
      const text = `${JSON.stringify(tidy, null, 2)}\n`;
      page = withBlocks(page, ({ info }) => (info === 'json summary' ? text : undefined));
    } else {
      expect(keysOf(JSON.parse(shown!.text))).toEqual(keysOf(summary));
    }
  });

  it('has the tables that the code makes: options, exit codes, codes of messages, fault scripts', () => {
    if (UPDATES) return;
    for (const [name, text] of GENERATED) expect(between(page, name), name).toBe(text);
  });

  it('names only options and variables that exist', () => {
    const ofCommands = COMMANDS.flatMap((command) => ('verbs' in command ? [] : (command.flags ?? [])));
    const ofVerbs = [...LEDGER_VERBS.flatMap(({ flags = [] }) => flags), ...ofCommands];
    const known = new Set([...[...OPTIONS, ...ofVerbs].map(({ name }) => `--${name}`), '--help', '--version']);
    const foreign = new Set(['--ignore-scripts', '--global', '--offline', '--omit', ...OF_CURL]);
    const named = new Set(page.match(/(?<![\w-])--[a-z][a-z-]*/g));
    expect([...named].filter((option) => !known.has(option) && !foreign.has(option))).toEqual([]);
    const variables = new Set(OPTIONS.map(({ name }) => environmentName(name)));
    expect([...new Set(page.match(/CONSENT_IMPORT_[A-Z_]+/g))].filter((name) => !variables.has(name))).toEqual([]);
  });

  it('names only config keys that exist', () => {
    const section = page.slice(page.indexOf('\n## Options'), page.indexOf('<!-- options -->'));
    const named = [...section.matchAll(/`([a-z]+[A-Z]\w*)`/g)].map(([, key]) => key!);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((key) => !OPTIONS.some(({ name }) => configKey(name) === key))).toEqual([]);
  });

  it('names every command, and no other', () => {
    const told = tableRows(page.slice(page.indexOf('| command |'), page.indexOf('## The summary')));
    expect(told.map(([command]) => /^`(\w+)/.exec(command!)?.[1])).toEqual([
      ...COMMANDS.map(({ name }) => name),
      'help',
    ]);
    const typed = [...page.matchAll(/\bconsent-import (?!-)([a-z]+)\b(?= [^\s]*[\w.<"-]|`)/g)].map(
      ([, command]) => command!,
    );
    expect(typed.filter((command) => command !== 'help' && !COMMANDS.some(({ name }) => name === command))).toEqual([]);
  });

  it('names every verb of ledger, with its flags, and no other', () => {
    const told = tableRows(page.slice(page.indexOf('| verb |'), page.indexOf('$ consent-import ledger status')));
    expect(told.map(([verb]) => /^`(\w+)/.exec(verb!)?.[1])).toEqual(LEDGER_VERBS.map(({ name }) => name));
    for (const [i, { flags = [] }] of LEDGER_VERBS.entries()) {
      const named = [...new Set(told[i]![1]!.match(/--[a-z]+/g) ?? [])];
      expect(named.sort()).toEqual(flags.map(({ name }) => `--${name}`).sort());
    }
    const typed = [...page.matchAll(/(?<!--)\bledger ([a-z]+)(?= [<-]|`)/g)].map(([, verb]) => verb!);
    expect(typed.filter((verb) => !LEDGER_VERBS.some(({ name }) => name === verb))).toEqual([]);
  });

  it('links to headings that it has', () => {
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title]) => anchorOf(title!));
    const links = [...page.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor!);
    expect(links.filter((anchor) => !headings.includes(anchor))).toEqual([]);
    const sections = [...page.matchAll(/^## (.*)$/gm)].map(([, title]) => anchorOf(title!));
    expect(sections.filter((anchor) => anchor !== 'contents' && !links.includes(anchor))).toEqual([]);
  });

  it('quotes what the program says when it ends a run early, each with its exit code', () => {
    const said: readonly Stop[] = [
      stops.gaveUp(600_000, undefined),
      stops.waitTooLong(7_200_000, 3_900_000),
      stops.unintelligible(4),
      stops.noSuchApi(404, 'the target'),
      stops.sessionRefused(401),
      stops.tokenRefused(),
      stops.forbidden(403, 'didomi'),
      stops.forbidden(401, 'onetrust'),
      stops.dayLimit(1000, 0),
      stops.durationLimit(7_200_000),
      stops.deliveryLimit(100),
      stops.knownToTarget(12, 400),
    ];
    const told = tableRows(between(page, 'stops'));
    expect(told.length).toBe(said.length);
    for (const [i, { message, reason }] of said.entries()) {
      expect(message.startsWith(told[i]![0]!.slice(1, -1)), message).toBe(true);
      expect(told[i]![2]).toBe(String(exitCodeOf(reason)));
    }
  });

  it('names every code of a message, each built in one place and with what to do', () => {
    const told = tableRows(between(page, 'codes')).map(([code]) => code!.slice(1, -1));
    expect(told).toEqual(messageCodes().map(({ code }) => code));
    const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
    const elsewhere = files.filter(
      (file) =>
        file.endsWith('.ts') &&
        !file.includes(join('output', 'messages')) &&
        /\bcode: '[a-z_]+',\s*text\b|\bmessage\('[a-z_]+',/.test(readFileSync(join(ROOT, 'src', file), 'utf8')),
    );
    expect(elsewhere).toEqual([]);
    // Codes in the examples are codes that there are.
    const shown = [...page.matchAll(/\b(?:error|warning)\[([a-z_]+)\]/g)].map(([, code]) => code!);
    expect(shown.filter((code) => !told.includes(code))).toEqual([]);
  });

  it('names every exit code with its reason, and no other', () => {
    const told = tableRows(between(page, 'exit codes')).map(([code, reason]) => `${code} ${reason}`);
    const known = END_REASONS.flatMap((reason) =>
      [...new Set([exitCodeOf(reason), exitCodeOf(reason, 'SIGTERM')])].map((code) => `${code} \`${reason}\``),
    );
    expect([...told].sort()).toEqual([...known].sort());
    const others = page.match(/exit codes? (\d+)/gi) ?? [];
    expect(others.filter((words) => !told.some((row) => row.startsWith(`${/\d+/.exec(words)} `)))).toEqual([]);
  });

  it('names every reason for which a record can be rejected', () => {
    const told = tableRows(page.slice(page.indexOf('| reason |'), page.indexOf('A line that equals')));
    expect(told.map(([reason]) => reason)).toEqual(REJECT_REASONS.map((reason) => `\`${reason}\``));
  });

  it('names everything that a run can wait for, as the display does', () => {
    for (const reason of ['rate_limit', 'retry', 'outage', 'target'] as const) {
      const shown = /waiting: [^,]+/.exec(progressLine(progressOf(reason), PACE))?.[0];
      expect(page).toContain(`| \`${shown}\` |`);
    }
  });

  it('shows an event that the rules accept without a warning', () => {
    const [event] = codeBlocks(page).filter(({ info }) => info === 'json event');
    const bytes = Buffer.from(event!.text.trim());
    const found = { warnings: [] as string[] } as unknown as Examination;
    createDidomiRules({ organizationId: 'any' }).examine(JSON.parse(event!.text), bytes, 0, bytes.length, found);
    expect({ rejection: found.rejection, warnings: found.warnings }).toEqual({ rejection: undefined, warnings: [] });
  });

  it('says of an option that it has no effect only while nothing reads it', () => {
    const files = readdirSync(join(ROOT, 'src', 'cli'), { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.includes('options'),
    );
    const code = files
      .map((file) => {
        const text = readFileSync(join(ROOT, 'src', 'cli', file), 'utf8');
        // Where inputs are looked for, files that options name are left out: that is no effect of their own.
        return file === join('import', 'inputs.ts') ? (text.match(/\bsettings\.\w+/g) ?? []).join('\n') : text;
      })
      .join('\n');
    const isRead = (name: string): boolean => new RegExp(`\\b${configKey(name)}\\b(?!:)`).test(code);
    expect(WITHOUT_EFFECT.filter(isRead)).toEqual([]);
    expect(OPTIONS.map(({ name }) => name).filter((name) => !isRead(name) && !WITHOUT_EFFECT.includes(name))).toEqual(
      [],
    );
  });
});

/** Options of curl, in the example for GitLab. */
const OF_CURL = ['--silent', '--output', '--write-out', '--header', '--fail', '--upload-file', '--now'];

const PACE = { eventsPerSecond: 0, bytesPerSecond: undefined, nowMonotonic: 0 };

function progressOf(reason: NonNullable<Progress['waiting']>['for']): Progress {
  return {
    ...{ phase: 'importing', tally: newTally(), bytesTotal: undefined, bytesChecked: 0, inFlight: 0, concurrency: 1 },
    waiting: { for: reason },
  };
}

/** Those that matter most: all of them would hide the rest. */
function someSettings(summary: unknown): object {
  const { settings } = summary as { readonly settings: Readonly<Record<string, unknown>> };
  const names = ['sandbox', 'strict', 'onConflict', 'order', 'batchSize', 'concurrency', 'maxRejects', 'timeout'];
  return Object.fromEntries(names.map((name) => [name, settings[name]]));
}

/** As GitHub makes it of a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
}

function commandsIn(text: string): readonly string[] {
  return [...text.matchAll(/^\$ (.*)$/gm)].map(([, command]) => command!);
}

function consoleText(text: string): string {
  return codeBlocks(text)
    .filter(({ info }) => info.startsWith('console'))
    .map((block) => block.text)
    .join('');
}

/** The names of all members, with their places. */
function keysOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, member]) =>
    path === '' && key === 'settings' ? ['.settings'] : keysOf(member, `${path}.${key}`),
  );
}
