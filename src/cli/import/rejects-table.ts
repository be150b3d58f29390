import type { RejectedRecord, Rejects } from '../../core/run.js';
import type { RecordRules } from '../../core/target.js';
import { type CsvFile, openCsvFile } from '../../io/csv-file.js';
import { cantOpenOutput, outputFailed } from '../output/messages/run-messages.js';
import { REJECTS_COLUMNS, rejectsRow } from '../output/rejects-table.js';
import type { Reporter } from '../output/reporter.js';
import { UsageError } from '../usage-error.js';

/** The table of `--rejects-csv`, while a run fills it. */
export class RejectsTable {
  readonly #path: string;
  readonly #file: CsvFile;
  readonly #generalPath: (path: string) => string;

  private constructor(path: string, file: CsvFile, generalPath: (path: string) => string) {
    this.#path = path;
    this.#file = file;
    this.#generalPath = generalPath;
  }

  /** @throws {UsageError} when it can't be opened */
  static async open(path: string, { generalPath }: RecordRules, umask: number): Promise<RejectsTable> {
    try {
      return new RejectsTable(path, await openCsvFile(path, REJECTS_COLUMNS, 0o666 & ~umask), generalPath);
    } catch (error) {
      const cause = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      throw new UsageError([cantOpenOutput('--rejects-csv', path, cause)]);
    }
  }

  /** Rejected records then go into the table too. */
  beside(rejects: Rejects): Rejects {
    return {
      write: (record: RejectedRecord) => {
        const rows = this.#file.write(rejectsRow(record, this.#generalPath));
        const lines = rejects.write(record);
        if (rows === undefined || lines === undefined) return lines ?? rows;
        return Promise.all([lines, rows]).then(() => undefined);
      },
      flush: () => rejects.flush(),
    };
  }

  /** That it could not be written is a warning: the rejects file has everything. */
  async close(reporter: Reporter): Promise<void> {
    const failure = await this.#file.close();
    if (failure !== undefined) reporter.warning(outputFailed('--rejects-csv', this.#path, failure));
  }
}
