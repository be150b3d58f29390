import { type FileHandle, open } from 'node:fs/promises';

/** A table that grows row by row. */
export interface CsvFile {
  /** Queues a row. The promise, if there is one, resolves when there is room for more. It never rejects. */
  write(cells: readonly string[]): Promise<void> | undefined;
  /** Writes what is queued, and closes. @returns the system's code (`ENOSPC`) if not everything could be written */
  close(): Promise<string | undefined>;
}

/** Spreadsheets need it to see UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF';
/** So much may wait to be written before `write` asks to wait. */
const MOST_QUEUED = 1024 * 1024;

/**
 * Makes a table (RFC 4180: CRLF, quotes where they are needed) that opens right in a spreadsheet. What was in the file is
 * replaced.
 * @param mode of a new file; the process's own umask does not narrow it
 * @throws the system's error when it can't be opened
 */
export async function openCsvFile(path: string, head: readonly string[], mode: number): Promise<CsvFile> {
  const file = await open(path, 'w', 0o600);
  if ((await file.stat()).isFile()) await file.chmod(mode);
  return new Table(file, BYTE_ORDER_MARK + csvRow(head));
}

/** One row, with its line end. A cell that a spreadsheet would take for a formula is shown as the text that it is. */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** `=1+1` is no formula with an apostrophe in front (OWASP, "CSV Injection"). */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

class Table implements CsvFile {
  readonly #file: FileHandle;
  #queue: string;
  #writing: Promise<void> | undefined;
  #failure: string | undefined;

  constructor(file: FileHandle, head: string) {
    this.#file = file;
    this.#queue = head;
    this.#writing = this.#writeQueue();
  }

  write(cells: readonly string[]): Promise<void> | undefined {
    if (this.#failure !== undefined) return undefined;
    this.#queue += csvRow(cells);
    this.#writing ??= this.#writeQueue();
    return this.#queue.length > MOST_QUEUED ? this.#writing : undefined;
  }

  async close(): Promise<string | undefined> {
    await this.#writing;
    await this.#file.close().catch((error: unknown) => this.#fail(error));
    return this.#failure;
  }

  /** It never rejects: what went wrong is told at the end. */
  async #writeQueue(): Promise<void> {
    try {
      while (this.#queue !== '') {
        const text = this.#queue;
        this.#queue = '';
        await this.#file.appendFile(text);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#writing = undefined;
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= (error as NodeJS.ErrnoException).code ?? 'unknown error';
    this.#queue = '';
  }
}
