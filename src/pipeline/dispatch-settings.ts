import type { BatchLimits } from './batcher.js';
import type { Order } from './subjects.js';

/** How fast, in which order and until when is sent. */
export interface DispatchSettings {
  readonly order: Order;
  readonly batch: BatchLimits;
  /** Most requests in flight. */
  readonly concurrency: number;
  /** End the run when the target has neither accepted nor refused anything for so long (ms). */
  readonly giveUpAfterMs: number;
  /** Longest single wait that the target may ask for (ms). */
  readonly maxWaitMs: number;
  /** Deliver exactly so many events, then stop. */
  readonly limit: number | undefined;
}
