import type { OptionSpec, ValueKind } from '../settings/option-spec.js';
import { parseValue } from '../settings/parse-value.js';

/** One question of `init`. Its answer becomes a key of the config file. */
export interface Question {
  /** The option that it is about: also the flag that answers it. */
  readonly option: 'target' | 'organization-id' | 'disable-integrations' | 'ledger';
  /** Without the colon. */
  readonly text: string;
  readonly kind: ValueKind;
  /** What an empty answer means; '' leaves the key out. Undefined: an answer is needed. */
  readonly otherwise: string | undefined;
  /** Whether it is asked, after what was answered before. */
  readonly asked: (answers: Answers) => boolean;
}

/** By option, in the spelling of a flag. */
export type Answers = ReadonlyMap<string, string>;

/** The questions, in their order. None of them is about a secret. */
export const QUESTIONS: readonly Question[] = [
  {
    option: 'target',
    text: 'Which platform are the events for, didomi or onetrust?',
    kind: { type: 'choice', choices: ['didomi', 'onetrust'] },
    otherwise: undefined,
    asked: () => true,
  },
  {
    option: 'organization-id',
    text: 'Which Didomi organization do they belong to (its id)?',
    kind: { type: 'string' },
    otherwise: undefined,
    asked: (answers) => answers.get('target') === 'didomi',
  },
  {
    option: 'disable-integrations',
    text: "Keep them from the organization's integrations (mail tools, CRM), yes or no? [no]",
    kind: { type: 'flag' },
    otherwise: 'no',
    asked: (answers) => answers.get('target') === 'didomi',
  },
  {
    option: 'ledger',
    text: 'Where is it remembered what was delivered (a folder that stays)? [the usual place]',
    kind: { type: 'path' },
    otherwise: '',
    asked: () => true,
  },
];

/** Why an answer can't be used ("expected …"); undefined when it can. */
export function wrongAnswer({ kind, otherwise }: Question, answer: string): string | undefined {
  if (answer === '' && otherwise !== undefined) return undefined;
  const parsed = parseValue(kind, answer);
  return 'expected' in parsed ? parsed.expected : undefined;
}

/** The text of the config file. @param keyOf `organization-id` to `organizationId` */
export function configText(answers: Answers, keyOf: (name: OptionSpec['name']) => string): string {
  const config: Record<string, string | boolean> = {};
  for (const { option, kind } of QUESTIONS) {
    const parsed = parseValue(kind, answers.get(option) ?? '');
    if ('value' in parsed && parsed.value !== false) config[keyOf(option)] = parsed.value as string | boolean;
  }
  return `${JSON.stringify(config, null, 2)}\n`;
}
