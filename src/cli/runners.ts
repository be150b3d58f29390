import type { CommandContext } from './context.js';
import type { Reporter } from './output/reporter.js';
import type { PreparedImport, PreparedValidate } from './settings/prepared.js';

/** What carries a command out once its settings are complete. Resolves to the exit code. */
export type Runner<Prepared> = (prepared: Prepared, context: CommandContext, reporter: Reporter) => Promise<number>;

/** Loads runners when they are needed, so that `--help` does not wait for them. */
export interface Runners {
  import(): Promise<Runner<PreparedImport>>;
  validate(): Promise<Runner<PreparedValidate>>;
}
