/** Text in at most so many columns. A word that is longer stands on a line of its own. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** The same, with every line but the first set in. */
export function hanging(text: string, width: number, indent: number): readonly string[] {
  const [first = '', ...rest] = wrapped(text, width);
  if (rest.length === 0) return [first];
  const more = wrapped(text.slice(first.length + 1), Math.max(20, width - indent));
  return [first, ...more.map((line) => ' '.repeat(indent) + line)];
}

/** Where less room than this is left for the second column, it goes below the first. */
const LEAST_SECOND_COLUMN = 34;

/** Names with what they mean: side by side, or one below the other where the terminal is narrow. */
export function definitions(
  rows: readonly (readonly [name: string, meaning: string])[],
  width: number,
): readonly string[] {
  const first = Math.min(30, Math.max(0, ...rows.map(([name]) => name.length)));
  const left = first + 4;
  if (width - left < LEAST_SECOND_COLUMN) {
    return rows.flatMap(([name, meaning]) => [
      `  ${name}`,
      ...wrapped(meaning, Math.max(20, width - 6)).map((line) => `      ${line}`),
    ]);
  }
  return rows.flatMap(([name, meaning]) => {
    const [begin = '', ...rest] = wrapped(meaning, width - left);
    const more = rest.map((line) => ' '.repeat(left) + line);
    return name.length > first
      ? [`  ${name}`, ' '.repeat(left) + begin, ...more]
      : [`  ${name.padEnd(first)}  ${begin}`, ...more];
  });
}
