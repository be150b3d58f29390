import type { DeliveredRecord, Deliveries } from '../core/run.js';
import { checkAppendable, LineFile, type LineFileOptions } from './line-file.js';

/** The file of `--delivered`. It is made at the first delivered event. */
export interface DeliveredFile {
  readonly deliveries: Deliveries;
  /** Writes what is queued, syncs and closes. Answers the system's code, such as ENOSPC, where not all could be written. */
  close(): Promise<string | undefined>;
}

/** Appends delivered events to a file, mode 0600, each line written whole: who must know what arrived keeps it. */
export function openDeliveredFile(options: LineFileOptions): DeliveredFile {
  const lines = new LineFile(options);
  return {
    deliveries: {
      // That it can't be written must not stop the import: what is missing is told at the end.
      write: (record) =>
        lines.failure === undefined ? lines.write(deliveredLine(record))?.catch(() => undefined) : undefined,
      flush: () => lines.flush().catch(() => undefined),
    },
    close: () => lines.close().then(() => undefined, codeOf),
  };
}

/** @returns the system's code where the file could not be written; makes and changes nothing */
export function checkDeliveredFile(path: string): Promise<string | undefined> {
  return checkAppendable(path).then(() => undefined, codeOf);
}

/** `{"file","line",…,"id","time","returned"}`: what the target returned; null where it returns nothing for an event. */
function deliveredLine({ origin, id, time, returned }: DeliveredRecord): Buffer {
  const { file, entry, line, element, index } = origin;
  // JSON.stringify leaves out what is undefined.
  const shown = {
    file,
    entry,
    line,
    element,
    index,
    id,
    time: new Date(time).toISOString(),
    returned: returned ?? null,
  };
  return Buffer.from(`${JSON.stringify(shown)}\n`);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
