import { LedgerError } from '../../core/ledger.js';
import type { RunIdentity } from './holder.js';

/** Another run holds the ledger. */
export class LedgerInUseError extends LedgerError {
  override readonly name = 'LedgerInUseError';
  /** Who holds it, when it had time to say so. */
  readonly holder: RunIdentity | undefined;
  constructor(folder: string, holder: RunIdentity | undefined) {
    super(
      holder === undefined
        ? `Another run holds the ledger ${folder}. Wait until it has ended, then run the same command again.`
        : `Run ${holder.id} holds the ledger ${folder} since ${new Date(holder.startedAt).toISOString()} ` +
            `(process ${holder.pid} on ${holder.host}: ${holder.command}). ` +
            'Wait until it has ended, then run the same command again.',
    );
    this.holder = holder;
  }
}

/** The ledger's files are not what was written. Nothing was changed in them. */
export class LedgerDamagedError extends LedgerError {
  override readonly name = 'LedgerDamagedError';
  constructor(folder: string, what: string, options?: ErrorOptions) {
    super(
      `The ledger ${folder} is damaged: ${what}. Without it, events that were delivered would be sent again. ` +
        'Put back a copy of the folder, or restore an export (ledger restore), or repair it (ledger repair), which forgets ' +
        'what can no longer be read.',
      options,
    );
  }
}

/** There is no ledger for the destination, and this is not the import that may make one. */
export class LedgerMissingError extends LedgerError {
  override readonly name = 'LedgerMissingError';
  constructor(folder: string) {
    super(
      `There is no ledger for this destination: ${folder} does not exist. Name with --ledger the folder that the ` +
        'import used, and the destination as the import had it: target, address, and organization or token decide which ' +
        'ledger of that folder is meant.',
    );
  }
}

/** The ledger was made for something else: another rule for ids, or another destination. */
export class LedgerMismatchError extends LedgerError {
  override readonly name = 'LedgerMismatchError';
  constructor(folder: string, what: string, kept: string, asked: string) {
    super(
      `The ledger ${folder} was made for ${what} "${kept}", not "${asked}". With another one it could not tell what was ` +
        'delivered. Use the settings of the earlier runs, or another folder with --ledger.',
    );
  }
}

/** The ledger was written by a newer version of this program. */
export class LedgerVersionError extends LedgerError {
  override readonly name = 'LedgerVersionError';
  constructor(folder: string, version: number, known: number) {
    super(
      `The ledger ${folder} has format ${version}; this version of the program knows formats up to ${known}. ` +
        'Use the newer version of the program that wrote it.',
    );
  }
}

/** The ledger can't be written or read: full disk, missing folder, no permission. */
export function storageFailure(folder: string, act: 'opened' | 'read' | 'written', cause: unknown): LedgerError {
  if (cause instanceof LedgerError) return cause;
  const reason = reasonOf(cause);
  if (codeOf(cause) === 'LEVEL_CORRUPTION') return new LedgerDamagedError(folder, reason, { cause });
  return new LedgerError(
    `The ledger ${folder} can't be ${act}: ${reason}. Make sure that the disk has room and that the folder can be written, ` +
      'then run the same command again: what was delivered and recorded is not sent again.',
    { cause },
  );
}

/** classic-level wraps what LevelDB said into a general error; the cause holds its code. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return codeOf(error.cause) ?? (error as NodeJS.ErrnoException).code;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
