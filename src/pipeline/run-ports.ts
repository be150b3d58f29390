import type { WarningName } from '../core/block.js';
import type { Checkpoints, CompletedFiles, Ledger } from '../core/ledger.js';
import type { Origin } from '../core/origin.js';
import type { Clock } from '../core/ports.js';
import type { Deliveries, Progress, Rejects, RunResult, Tally } from '../core/run.js';
import type { RecordRules } from '../core/target.js';
import type { Decoder } from './decoder.js';
import type { KnownShare } from './known-share.js';

export interface RunPorts {
  readonly clock: Clock;
  readonly rules: RecordRules;
  /** Decodes by the same rules and settings, on other threads; undefined to decode on this one. */
  readonly decoder?: Decoder | undefined;
  readonly ledger: Ledger;
  readonly rejects: Rejects;
  /** Where delivered events are written down, if anywhere. */
  readonly deliveries?: Deliveries | undefined;
  /** Where completed and half-done files are remembered. */
  readonly files?: CompletedFiles & Checkpoints;
  /** Waited for before something new goes on; what it holds was decoded before, and is decoded again then. */
  readonly beforeNew?: (signal: AbortSignal, tally: Tally) => Promise<void>;
  /** Told of each warning about a record. */
  readonly onWarning?: (name: WarningName, where: Origin) => void;
  /**
   * Told once when more than 1 % of the events that the target has answered for, from 100 on, were known to it before
   * this ledger ever sent them.
   * @param over aborts when the run has ended: nothing needs an answer then
   * @returns whether to go on, until when nothing further is sent; undefined to go on at once
   */
  readonly onKnownToTarget?: (
    share: Readonly<Pick<KnownShare, 'known' | 'answered'>>,
    over: AbortSignal,
  ) => Promise<boolean> | undefined;
}

/** A run that was started. */
export interface Running {
  /** Never rejects for anything that a run can meet; its accounts balance, however the run ended. */
  readonly result: Promise<RunResult>;
  progress(): Progress;
  /** The most events and bytes that were ever held between reader and settle. */
  readonly windowPeak: { readonly events: number; readonly bytes: number };
  /** First signal: takes nothing new and finishes what is in flight, within the drain time. Second: stops now. */
  interrupt(signal: 'SIGINT' | 'SIGTERM'): void;
}
