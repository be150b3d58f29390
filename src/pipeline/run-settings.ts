import type { MaxRejects } from '../core/units.js';
import type { CheckpointSettings } from './checkpoints.js';
import type { CompletedFilesSettings } from './completed-files.js';
import type { IntakeSettings } from './intake.js';
import type { RecordSettings } from './read-record.js';
import type { WindowBounds } from './window.js';

export interface RunSettings extends IntakeSettings, RecordSettings {
  /** Run id. */
  readonly run: string;
  readonly onConflict: 'reject' | 'skip';
  /** Every warning rejects the record: here, that it is dated before an earlier one of its subject. */
  readonly strict?: boolean;
  /** Send again what is in doubt: it may then exist twice. */
  readonly resendInDoubt?: boolean;
  readonly maxRejects: MaxRejects;
  readonly onInputError: 'continue' | 'stop';
  readonly maxDurationMs: number | undefined;
  /** After the first signal, longest wait for what is in flight. */
  readonly drainTimeMs: number;
  /** What a repeat is of a record that was only checked: a duplicate of it, or undelivered as it is. */
  readonly repeats?: 'duplicate' | 'undelivered';
  /** How completed and half-done files are known; undefined where none are remembered. */
  readonly files?: Omit<CompletedFilesSettings, 'run'> & CheckpointSettings;
  /** Other bounds than a run's own, for tests. */
  readonly window?: WindowBounds;
}
