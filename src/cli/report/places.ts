import type { Origin } from '../../core/origin.js';
import { counted } from '../output/figures.js';
import { type Html, html } from './html.js';

/**
 * `a.jsonl.gz, lines 7, 14, 21`, one line for each file; and how many more of `total` there are. Line numbers stand as they
 * are, to be looked for in the file.
 */
export function places(origins: readonly Origin[], total: number): Html {
  const byFile = new Map<string, string[]>();
  // Refusals come in the order of answers, not of lines.
  const inOrder = [...origins].sort((a, b) => a.line - b.line);
  for (const origin of inOrder) {
    const file = origin.entry === undefined ? origin.file : `${origin.file}/${origin.entry}`;
    const lines = byFile.get(file) ?? [];
    if (lines.length === 0) byFile.set(file, lines);
    lines.push(lineText(origin));
  }
  const rest = total - origins.length;
  const files = [...byFile].map(
    ([file, lines]) =>
      html`<li><bdi class="path">${file}</bdi>, ${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}</li>`,
  );
  return html`<ul class="places">${files}${rest > 0 ? html`<li>and ${counted(rest, 'more record')}</li>` : ''}</ul>`;
}

function lineText({ line, element, index }: Origin): string {
  const inside = [
    element === undefined ? '' : `element ${element}`,
    index === undefined ? '' : `event ${index}`,
  ].filter((part) => part !== '');
  return inside.length === 0 ? String(line) : `${line} (${inside.join(', ')})`;
}
