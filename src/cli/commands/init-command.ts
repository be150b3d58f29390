import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SummaryFileError, writeSummaryFile } from '../../io/summary-file.js';
import type { CommandContext } from '../context.js';
import { type Answers, configText, QUESTIONS, wrongAnswer } from '../init/questions.js';
import { commandLine } from '../output/command-line.js';
import { confirm } from '../output/confirmation.js';
import {
  answersMissing,
  badAnswer,
  configExists,
  configNotWritten,
  notFinished,
} from '../output/messages/init-messages.js';
import { printable } from '../output/printable.js';
import { configKey, environmentName } from '../settings/option-spec.js';
import { parseValue, shownValue } from '../settings/parse-value.js';
import { CONFIG_FILE, type FlagValues } from '../settings/resolve.js';
import { UsageError } from '../usage-error.js';
import type { Call } from './command.js';
import { COMMANDS } from './table.js';

/** `init`: asks what the flags don't answer, and writes a config file. It never asks for a secret, nor writes one. */
export async function executeInit({ flags, context }: Call): Promise<number> {
  const path = resolve(context.cwd, textOf(flags, 'file') ?? CONFIG_FILE);
  const given = givenAnswers(flags);
  const why = whyNotAsk(flags, context);
  const answers = fromThere(
    why === undefined ? await ask(given, context) : withoutAsking(given, why),
    dirname(path),
    context.cwd,
  );
  const text = configText(answers, configKey);
  if (await exists(path)) {
    const replaces =
      flags.has('yes') ||
      (why === undefined && (await confirm(context, `${printable(path)} exists already. Replace it? [y/N] `)));
    if (!replaces) throw new UsageError([configExists(path)]);
  }
  try {
    await writeSummaryFile(path, text, 0o666 & ~context.umask);
  } catch (error) {
    if (!(error instanceof SummaryFileError)) throw error;
    throw new UsageError([configNotWritten(path, error.reason)]);
  }
  context.stdout.write(printable(whatNext(path, text, answers, flags.has('file'), context)));
  return 0;
}

/** A path counts from the folder of the config file that it stands in, and was given from the current one. */
function fromThere(answers: Answers, folder: string, cwd: string): Answers {
  const ledger = answers.get('ledger') ?? '';
  const isElsewhere = ledger !== '' && !ledger.startsWith('~/') && folder !== cwd;
  return isElsewhere ? new Map([...answers, ['ledger', resolve(cwd, ledger)]]) : answers;
}

/** What the flags answer. @throws {UsageError} for an answer that can't be used */
function givenAnswers(flags: FlagValues): Map<string, string> {
  const answers = new Map<string, string>();
  for (const question of QUESTIONS) {
    const { option, kind } = question;
    const flag = flags.get(option);
    if (flag === undefined) continue;
    const answer = flag === true ? 'yes' : flag;
    const expected = wrongAnswer({ ...question, otherwise: undefined }, answer);
    if (expected !== undefined) throw new UsageError([badAnswer(`--${option}`, shownValue(kind, answer), expected)]);
    answers.set(option, answer);
  }
  return answers;
}

/** Asks on stderr what is still open, again until an answer can be used. @throws {UsageError} at the end of the input */
async function ask(given: Answers, { stdin, stderr }: CommandContext): Promise<Answers> {
  const answers = new Map(given);
  for (const question of QUESTIONS) {
    if (answers.has(question.option) || !question.asked(answers)) continue;
    for (;;) {
      stderr.write(`${question.text} `);
      const line = await stdin.readLine();
      if (line === undefined) {
        stderr.write('\n');
        throw new UsageError([notFinished()]);
      }
      const answer = line.trim();
      const expected = wrongAnswer(question, answer);
      if (expected === undefined) {
        answers.set(question.option, answer === '' ? (question.otherwise ?? '') : answer);
        break;
      }
      stderr.write(`  Please give ${expected}.\n`);
    }
  }
  return answers;
}

/** @throws {UsageError} when an answer is needed */
function withoutAsking(given: Answers, why: string): Answers {
  const missing = QUESTIONS.filter(
    (question) => question.otherwise === undefined && question.asked(given) && !given.has(question.option),
  ).map(({ option }) => `--${option}`);
  if (missing.length > 0) throw new UsageError([answersMissing(missing, why)]);
  return given;
}

function whyNotAsk(flags: FlagValues, { stdin, stderr, env }: CommandContext): string | undefined {
  const fromEnvironment = parseValue({ type: 'flag' }, env[environmentName('no-input')] ?? '');
  const forbids = flags.has('no-input') || ('value' in fromEnvironment && fromEnvironment.value === true);
  if (forbids) return '--no-input forbids to ask';
  return stdin.isTTY && stderr.isTTY ? undefined : 'there is no terminal to ask on';
}

function textOf(flags: FlagValues, name: string): string | undefined {
  const value = flags.get(name);
  return value === true ? undefined : value;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const CREDENTIALS: Readonly<Record<string, string>> = {
  didomi: 'DIDOMI_API_KEY and DIDOMI_API_SECRET',
  onetrust: 'ONETRUST_COLLECTION_POINT_TOKEN',
};

function whatNext(path: string, text: string, answers: Answers, isNamed: boolean, { program }: CommandContext): string {
  // A file of another name is not found by itself.
  const config = isNamed ? ['--config', path] : [];
  const commands = [
    ...(COMMANDS.some(({ name }) => name === 'doctor') ? [['doctor', ...config]] : []),
    ['import', 'events.jsonl.gz', '--dry-run', ...config],
  ];
  return `Written to ${path}:
${text}
Next: put the credentials into the environment (${CREDENTIALS[answers.get('target') ?? '']}), never into this file. Then:
${commands.map((args) => `  ${commandLine(program, args)}`).join('\n')}
`;
}
