#!/usr/bin/env node
/**
 * The demo behind `npm run demo`: imports three fixtures into the embedded sandbox with the real program, as a person would
 * type it, checks that every event was delivered, and says what to try next.
 *
 * It lies here, with what runs the program from outside, because it is no part of the product and needs a checkout.
 * Everything it makes is below one new folder among the system's temporary files; the user's own settings, credentials
 * and ledgers are neither read nor changed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const program = join('bin', 'consent-import.js');

/** What is imported, and how many events it holds. */
const IMPORTS = [
  { file: 'fixtures/didomi-ten.jsonl.gz', events: 10, about: "the ten events of Didomi's own example" },
  { file: 'fixtures/didomi-ten-thousand.jsonl.gz', events: 10_000, about: 'ten thousand events of 2,600 people' },
  {
    file: 'fixtures/onetrust-thousand.jsonl.gz',
    events: 1_000,
    about: 'a thousand receipts for OneTrust',
    target: 'onetrust',
  },
];
/** Where the sandbox of the last suggestion listens: any free port will do. */
const PORT = 8642;

try {
  demo();
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function demo() {
  if (!existsSync(join(checkout, 'dist', 'cli', 'main.js'))) {
    throw new Error('the program is not built. Run: npm run build');
  }
  const folder = mkdtempSync(join(tmpdir(), 'consent-import-demo-'));
  mkdirSync(join(folder, 'home'));
  say(
    'Three imports into the embedded sandbox: a stand-in for Didomi and OneTrust, over real HTTP. Nothing leaves this machine.',
  );
  for (const { file, events, about, target } of IMPORTS) {
    say(`\n${file}: ${about}.`);
    importFile(file, events, folder, target);
  }
  say(`\nEvery event was delivered: the program's own accounts say so, and this script compared them with the files.`);
  say(whatNext(folder));
}

/**
 * @param {string} file
 * @param {number} events
 * @param {string} folder
 * @param {string | undefined} target
 */
function importFile(file, events, folder, target) {
  const args = [
    'import',
    file,
    ...(target === undefined ? [] : ['--target', target]),
    '--sandbox',
    '--ledger',
    join(folder, 'ledger'),
  ];
  const summaryFile = join(folder, 'summary.json');
  say(`\n$ ${commandLine(args)}`);
  const { status, signal, error } = spawnSync(process.execPath, [program, ...args], {
    cwd: checkout,
    env: { ...quietEnvironment(join(folder, 'home')), CONSENT_IMPORT_SUMMARY_FILE: summaryFile },
    stdio: 'inherit',
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`the import of ${file} ended with ${signal ?? `exit code ${status}`}.`);
  const { events: accounts } = JSON.parse(readFileSync(summaryFile, 'utf8'));
  if (accounts.read !== events || accounts.delivered !== events) {
    const told = `${accounts.read} events were read and ${accounts.delivered} delivered`;
    throw new Error(`${file} holds ${events} events, but ${told}.`);
  }
}

/**
 * What to type next; each line works as it stands.
 * @param {string} folder
 */
function whatNext(folder) {
  const ledger = ['--ledger', join(folder, 'ledger')];
  const ten = 'fixtures/didomi-ten.jsonl.gz';
  const many = 'fixtures/didomi-ten-thousand.jsonl.gz';
  const rejects = join(folder, 'rejects.jsonl');
  const address = ['--target', 'didomi', '--organization-id', 'demo-organization'];
  const url = ['--api-url', `http://127.0.0.1:${PORT}/v1`];
  const credentials = 'DIDOMI_API_KEY=any DIDOMI_API_SECRET=thing';
  return `
Try next:

The same command again. The ledger knows these events, so nothing is sent:
  ${commandLine(['import', ten, '--sandbox', ...ledger])}

A file with 21 broken lines. The good ones are delivered, the others wait in a rejects file (exit code 1):
  ${commandLine(['import', 'fixtures/didomi-broken.jsonl.gz', '--sandbox', ...ledger, '--rejects', rejects])}
  ${process.platform === 'win32' ? 'type' : 'cat'} ${quoted(rejects)}

A target that fails now and then. In one terminal (Ctrl-C ends it):
  ${commandLine(['sandbox', '--port', String(PORT), '--faults', 'flaky'])}
In another:
  ${credentials} ${commandLine(['import', many, ...address, ...url, ...ledger])}

All that this demo made is in ${folder}; remove it whenever you like.`;
}

/** The environment without what would change how the program behaves, and with an empty home folder. */
function quietEnvironment(/** @type {string} */ home) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(CONSENT_IMPORT_|DIDOMI_|ONETRUST_|XDG_)/i.test(name));
  return { ...Object.fromEntries(kept), HOME: home, USERPROFILE: home };
}

/** A command as it is typed in the checkout. */
function commandLine(/** @type {readonly string[]} */ args) {
  return ['node', program, ...args].map(quoted).join(' ');
}

function quoted(/** @type {string} */ word) {
  return /^[\w@%+:,./\\-]+$/.test(word) ? word : `"${word}"`;
}

function say(/** @type {string} */ text) {
  process.stdout.write(`${text}\n`);
}
