/** One fenced code block of a Markdown page. */
export interface CodeBlock {
  /** Everything behind the opening fence: `console`, `sh didomi`. */
  readonly info: string;
  /** Its lines, without the block's own indentation, each with its line feed. */
  readonly text: string;
}

const BLOCK = /^( *)```(\S[^\n]*)\n((?:.*\n)*?)\1```$/gm;

/** The fenced code blocks, in order. */
export function codeBlocks(page: string): readonly CodeBlock[] {
  return [...page.matchAll(BLOCK)].map(([, indent = '', info = '', text = '']) => ({
    info,
    text: dedent(text, indent),
  }));
}

/** Replaces the text of code blocks; undefined leaves one as it is. */
export function withBlocks(page: string, textOf: (block: CodeBlock) => string | undefined): string {
  return page.replace(BLOCK, (whole, indent: string, info: string, text: string) => {
    const fresh = textOf({ info, text: dedent(text, indent) });
    return fresh === undefined ? whole : `${indent}\`\`\`${info}\n${indented(fresh, indent)}${indent}\`\`\``;
  });
}

/** What stands between `<!-- name -->` and `<!-- /name -->`. */
export function between(page: string, name: string): string {
  const found = new RegExp(`<!-- ${name} -->([\\s\\S]*?)<!-- /${name} -->`).exec(page)?.[1];
  if (found === undefined) throw new Error(`the page has no part "${name}"`);
  return found;
}

export function withBetween(page: string, name: string, text: string): string {
  return page.replace(`<!-- ${name} -->${between(page, name)}<!-- /`, () => `<!-- ${name} -->${text}<!-- /`);
}

/** The rows of a Markdown table, without its head, as cells. */
export function tableRows(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function dedent(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .join('\n');
}

function indented(text: string, indent: string): string {
  return text.replace(/^(?=.)/gm, indent);
}
