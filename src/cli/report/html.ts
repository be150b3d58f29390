/** A piece of HTML that is safe to put into a page. Only the `html` tag makes one. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type HtmlValue = string | number | Html | undefined | readonly HtmlValue[];

/**
 * Writes HTML. Every value that is put into it is escaped, so that it is text wherever it stands: between tags, or in an
 * attribute in double quotes. Lists are joined; undefined is nothing.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.map((text, i) => (i === 0 ? text : `${escaped(values[i - 1])}${text}`)).join(''));
}

function escaped(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.toString();
  if (Array.isArray(value)) return value.map(escaped).join('');
  return String(value).replaceAll(UNSAFE, replacement);
}

/** What HTML reads as markup, what no HTML may hold, and what turns the direction of text around it. */
const UNSAFE = /[&<>"'\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/gu;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\n': '\n',
};

function replacement(char: string): string {
  return ENTITIES[char] ?? `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
