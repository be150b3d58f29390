import type { SandboxRequest, SandboxResponse } from './exchange.js';
import type { Alteration, RefusalStyle } from './faults.js';
import type { ReceiptCounts } from './onetrust/receipt-counts.js';
import type { Route } from './routes.js';

/** One event of a request, as it stands in the body. */
export interface Element {
  /** First byte in the body, and the byte after the last. */
  readonly start: number;
  readonly end: number;
  readonly value: unknown;
  /** The event id, when it has one. */
  readonly id: string | undefined;
  /** The subjects it belongs to, each with its kind and organization in front. */
  readonly subjects: readonly string[];
  /** Its own date as epoch milliseconds, when it has a readable one. */
  readonly createdAt: number | undefined;
}

/** What a fault script demands of a stand-in for one request. */
export interface Orders {
  /** How to refuse the event at this position, or undefined to treat it as any other. */
  refuse(index: number): RefusalStyle | undefined;
  /** Whether to acknowledge the event at this position without keeping it. */
  drops(index: number): boolean;
  /** What the event at this position is to hold other than as it was sent, when it is read back. */
  alters(index: number): Alteration | undefined;
  /** Every token handed out so far has ended. */
  readonly expireTokens: boolean;
  readonly refuseSession: boolean;
  /** Told of each event that is kept for the first time. */
  accepted(element: Element): void;
}

/** A request that a stand-in has read, and not yet acted on. */
export interface Intake {
  readonly route: Route;
  readonly elements: readonly Element[];
  /** Acts on the request and answers it. Call it at most once: not at all for a request that is lost on the way. */
  process(requestNumber: number, nowMs: number, orders: Orders): SandboxResponse;
}

/** A stand-in for one consent API. */
export interface StandIn {
  /** Paths that begin with it are this stand-in's: `/v1`. */
  readonly prefix: string;
  receive(request: SandboxRequest): Intake;
  /** The error that this API would answer with, in its own envelope. */
  error(status: number, message: string): SandboxResponse;
  /** What is counted of receipts; only OneTrust's stand-in has any. */
  receipts?(): ReceiptCounts;
  /** Forgets tokens and events. */
  reset(): void;
}
