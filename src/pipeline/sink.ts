import type { Stop, Tally, Waiting } from '../core/run.js';
import type { Event } from './event.js';
import type { Settle } from './settle.js';
import type { Window } from './window.js';

/** Where new events go: to a target, or nowhere when inputs are only checked. */
export interface Sink {
  /** Takes in new events, in file order. They all end in settle, whatever happens. */
  offer(events: readonly Event[]): void;
  /** The ledger holds this event as in doubt: nothing more of its subjects is sent. */
  holdBack(event: Event): void;
  /** The reader waits for room in the window. */
  windowIsFull(): void;
  /** Starts nothing further until this resolves; what is in flight goes on. Undefined where nothing is ever held. */
  hold?(until: Promise<void>): void;
  /** Starts nothing further. */
  stop(): void;
  /** Ends at once what is in flight. */
  cancel(): void;
  /** Nothing more will be offered. Resolves when every event is settled. */
  end(): Promise<void>;
  readonly inFlight: number;
  /** Has it enough for a while? It calls the window's `recheck` when that changes. Undefined where it never has. */
  readonly isSated?: boolean;
  /** Are requests about to leave? Undefined where nothing is ever sent. */
  readonly areStarting?: boolean;
  readonly concurrency: number;
  readonly waiting: Waiting;
}

/** Where the ways of events end. */
export type Outlet = Pick<Settle, 'acknowledged' | 'rejected' | 'inDoubt' | 'undelivered'>;

/** What a sink needs of the run that it ends. */
export interface SinkPorts {
  readonly settle: Settle;
  readonly window: Window;
  readonly tally: Tally;
  /** The target accepted an event, said that it had it before this ledger ever sent it, or refused it. */
  readonly onAnswered: (how: 'delivered' | 'duplicate' | 'refused') => void;
  /** The run must end. What is in flight is still finished. */
  readonly onStop: (stop: Stop) => void;
  readonly onStorageError: (error: unknown) => void;
}
