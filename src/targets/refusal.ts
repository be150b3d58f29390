import type { Finding } from '../core/rejection.js';
import { isObject } from './answer-body.js';

const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: ' BadRequest',
  409: ' Conflict',
  413: ' PayloadTooLarge',
  422: ' UnprocessableEntity',
};
const LONGEST_QUOTE = 2000;

/**
 * A refusal as a finding. The message holds the status and its usual name only; what the target said may quote the
 * event, so it goes into `verbatim`, its first 2,000 characters.
 */
export function refusal(status: number | undefined, said: unknown): Finding {
  const code = status === undefined ? '' : `: ${status}${STATUS_NAMES[status] ?? ''}`;
  const words = quote(said);
  return { path: '', message: `the target refused it${code}`, ...(words !== '' && { verbatim: words }) };
}

function quote(said: unknown): string {
  let words = '';
  if (typeof said === 'string') words = said.trim();
  else if (isObject(said) && typeof said['message'] === 'string') {
    words = isFilled(said['errors']) ? `${said['message']} ${asJson(said['errors'])}` : said['message'];
  } else if (isFilled(said)) words = asJson(said);
  return words.length > LONGEST_QUOTE ? `${words.slice(0, LONGEST_QUOTE)}…` : words;
}

/** Parsing reads any depth of brackets, writing does not: what is too deep is left out. */
function asJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '';
  }
}

/** Says something: neither missing, null, false, 0, '', [] nor {}. */
export function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}
