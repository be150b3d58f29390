import type { FileState } from '../../core/run.js';
import { bytes, count, counted } from '../output/figures.js';
import type { Summary, SummaryFile } from '../output/summary.js';
import { type Html, html } from './html.js';
import { listedOutcomes, wordingOf } from './outcomes.js';
import { table } from './table.js';

const STATE_TEXTS: Readonly<Record<FileState, string>> = {
  complete: 'complete',
  partial: 'partly delivered',
  unreadable: 'damaged or unreadable',
  unread: 'not reached',
  skipped: 'complete since an earlier run',
};

/** So many files are told one by one: those first that are not complete. */
const MOST_FILES = 500;

/** What came from each file. @param damages what is wrong with each, in the same order */
export function files(summary: Summary, damages: readonly (string | undefined)[]): Html {
  if (summary.files.length === 0) return html`<p>No file was opened.</p>`;
  const all = summary.files.map((file, i) => ({ file, damage: damages[i] }));
  const shown = all.length <= MOST_FILES ? all : mostImportant(all);
  const rest = all.length - shown.length;
  const listed = listedOutcomes(summary);
  const rows = shown.map(({ file, damage }) => [
    nameCell(file, damage),
    stateText(file, summary),
    count(file.read),
    ...listed.map((outcome) => count(file[outcome])),
  ]);
  return html`${table({
    caption: `Files, in the order in which they were read${rest > 0 ? ': those that need a look first' : ''}`,
    columns: [
      { name: 'File' },
      { name: 'State' },
      { name: 'Read', isNumber: true },
      ...listed.map((outcome) => ({ name: wordingOf(outcome, summary).name, isNumber: true })),
    ],
    rows,
  })}${rest > 0 ? html`<p>${counted(rest, 'more file')} ${rest === 1 ? 'is' : 'are'} not listed here; the summary (<code>--summary-file</code>) has all of them.</p>` : ''}`;
}

type Listed = { readonly file: SummaryFile; readonly damage: string | undefined };

function mostImportant(all: readonly Listed[]): readonly Listed[] {
  const isFine = ({ file }: Listed): boolean => file.state === 'complete' || file.state === 'skipped';
  return [...all.filter((each) => !isFine(each)), ...all.filter(isFine)].slice(0, MOST_FILES);
}

/** In a run that sends nothing, that nothing was delivered says nothing of a file. */
function stateText({ state }: SummaryFile, { command, settings }: Summary): string {
  const isOnlyRead = command === 'validate' || settings['dryRun'] === true;
  return isOnlyRead && state === 'partial' ? 'read' : STATE_TEXTS[state];
}

function nameCell({ path, bytes: size, bytesRead, sha256 }: SummaryFile, damage: string | undefined): Html {
  const name = path === '-' ? 'standard input' : path;
  const read =
    size === null
      ? `${bytes(bytesRead)} read`
      : size === bytesRead || bytesRead === 0
        ? bytes(size)
        : `${bytes(bytesRead)} of ${bytes(size)} read`;
  return html`<bdi class="path">${name}</bdi><small>${read}${sha256 === null ? '' : html`<br>SHA-256 <code>${sha256}</code>`}${damage === undefined ? '' : html`<br><strong>${damage}</strong>`}</small>`;
}
