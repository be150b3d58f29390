import type { FileAccount } from '../../core/run.js';
import { count } from './figures.js';

/** What must be known of a file. */
export type ReadFile = Pick<FileAccount, 'path' | 'state' | 'bytes' | 'bytesRead'> &
  Partial<Pick<FileAccount, 'damage'>>;

/** What must be known of a run. */
interface ReadRun {
  readonly complete: boolean;
  readonly tally: { readonly files: readonly ReadFile[] };
}

/**
 * What of the inputs was not read, in one line that stands before any other number:
 * `NOT READ: about 59 % of a.zip and 3 more files`. Undefined when all inputs were read to their end.
 */
export function notReadLine({ complete, tally }: ReadRun): string | undefined {
  if (complete) {
    return undefined;
  }
  const missing = tally.files.filter(isNotRead);
  const [first, ...more] = missing;
  if (first === undefined) {
    return 'NOT READ: some of the inputs';
  }
  const rest = more.length === 0 ? '' : ` and ${count(more.length)} more ${more.length === 1 ? 'file' : 'files'}`;
  return `NOT READ: ${share(first)} of ${first.path}${rest}`;
}

function isNotRead(file: ReadFile): boolean {
  if (file.state === 'complete' || file.state === 'skipped') {
    return false;
  }
  const stoppedInside = file.bytes !== undefined && file.bytesRead < file.bytes;
  return file.damage !== undefined || file.state !== 'partial' || stoppedInside;
}

function share(file: ReadFile): string {
  if (file.bytesRead === 0) {
    return 'all';
  }
  if (file.bytes === undefined || file.bytes <= file.bytesRead) {
    // A cut-off file ends here; how much of it there was, nobody can tell.
    return 'the end';
  }
  const part = Math.round((1 - file.bytesRead / file.bytes) * 100);
  return part === 0 ? 'the end' : `about ${part} %`;
}
