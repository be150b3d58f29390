import type { Ledger } from '../core/ledger.js';
import type { Outcome } from '../core/outcome.js';
import type { Clock } from '../core/ports.js';
import type { Finding, RejectReason } from '../core/rejection.js';
import type { Deliveries, FileAccount, RejectedRecord, Rejects } from '../core/run.js';
import type { Accountant } from '../core/tally.js';
import type { Dedupe } from './dedupe.js';
import type { Event } from './event.js';
import { ACCEPTED, Acknowledged, DELIVERED, IN_DOUBT, OF_TARGET, type Settlement, UNDELIVERED } from './settlement.js';
import type { Window } from './window.js';

export interface SettlePorts {
  readonly accountant: Accountant;
  readonly ledger: Ledger;
  readonly rejects: Rejects;
  /** Undefined where delivered events are written down nowhere but in the ledger. */
  readonly deliveries: Deliveries | undefined;
  readonly window: Window;
  readonly clock: Clock;
  /** Each record of the file, which was read to its end, stands in the ledger as delivered. */
  readonly onFileRecorded: (file: FileAccount) => void;
  /** What the ledger or the rejects file said when it could not be written. */
  readonly onStorageError: (error: unknown) => void;
}

/**
 * The only writer of outcomes: each record ends here once, in the accounts, and with them in the ledger or the rejects
 * file. An event leaves the window when its outcome is on its way to the disk, so a slow disk slows the reader.
 */
export class Settle {
  readonly #ports: SettlePorts;
  readonly #dedupe: () => Dedupe;
  /** Acknowledged in this turn of the event loop: written to the ledger together. */
  #acknowledged: Acknowledged[] = [];
  #acknowledgedAt = 0;
  #writes = new Set<Promise<void>>();
  #rejectsRoom: Promise<void> | undefined;
  #deliveriesRoom: Promise<void> | undefined;

  constructor(ports: SettlePorts, dedupe: () => Dedupe) {
    this.#ports = ports;
    this.#dedupe = dedupe;
  }

  /**
   * The target acknowledged it, now or (`hadBefore`) before this ledger ever sent it.
   * @param returned what the target returned for it
   */
  acknowledged(event: Event, hadBefore: boolean, returned?: unknown): void {
    // The target keys on the id alone: whether it had the same content, nobody checked.
    if (hadBefore) this.#ports.accountant.warned('known_to_target');
    this.#remember(event, hadBefore ? OF_TARGET : DELIVERED, hadBefore);
    if (!hadBefore) this.#writeDelivered(event, returned);
  }

  /**
   * Valid and no repeat, where nothing is sent.
   * @param repeats whether equal records that come later are duplicates of it, or undelivered as it is
   */
  accepted(event: Event, repeats: 'duplicate' | 'undelivered'): void {
    this.#remember(event, repeats === 'duplicate' ? ACCEPTED : UNDELIVERED, false);
  }

  #remember(event: Event, settlement: Settlement, hadBefore: boolean): void {
    this.#count(event, settlement);
    if (this.#acknowledged.length === 0) {
      queueMicrotask(() => this.#record());
      this.#acknowledgedAt = this.#ports.clock.now();
    }
    this.#acknowledged.push(new Acknowledged(event, settlement, this.#acknowledgedAt, hadBefore));
  }

  /** Known as delivered: by the ledger from an earlier run, or from this one. */
  known(event: Event, of: 'ledger' | 'input'): void {
    this.#end(event, { outcome: 'duplicate', of });
  }

  rejected(event: Event, reason: RejectReason, errors: readonly Finding[]): void {
    if (reason === 'refused') this.#dedupe().rememberUnwritten(event, errors);
    this.#end(event, { outcome: 'rejected', reason, errors });
  }

  inDoubt(event: Event): void {
    this.#end(event, IN_DOUBT);
  }

  undelivered(event: Event): void {
    this.#dedupe().rememberUnwritten(event, undefined);
    this.#end(event, UNDELIVERED);
  }

  /** A record that never became an event. */
  rejectedRecord(file: FileAccount, record: RejectedRecord): void {
    this.#ports.accountant.rejected(file, record.reason, record.errors, record.origin);
    this.#write(record);
  }

  /** Resolves when the files that are written have room for more: the reader waits for them. */
  async room(): Promise<void> {
    await this.#rejectsRoom;
    await this.#deliveriesRoom;
  }

  /** Resolves when everything settled so far is written, or could not be and was reported. */
  async written(): Promise<void> {
    this.#record();
    while (this.#writes.size > 0) await Promise.all(this.#writes);
    await this.#ports.rejects.flush().catch(this.#ports.onStorageError);
    await this.#ports.deliveries?.flush();
  }

  #record(): void {
    const batch = this.#acknowledged;
    if (batch.length === 0) return;
    this.#acknowledged = [];
    const close = (isRecorded: boolean): void => {
      this.#writes.delete(write);
      for (const { event, settlement } of batch) this.#close(event, settlement, isRecorded);
    };
    const write = this.#ports.ledger.recordDelivered(batch).then(
      () => close(true),
      (error: unknown) => {
        this.#ports.onStorageError(error);
        close(false);
      },
    );
    this.#writes.add(write);
  }

  /** Counts, and lets go at once: for outcomes that need no ledger write. */
  #end(event: Event, settlement: Settlement, isRecorded = settlement.outcome === 'duplicate'): void {
    this.#count(event, settlement);
    this.#close(event, settlement, isRecorded);
  }

  #count(event: Event, settlement: Settlement): void {
    if (event.settled) throw new Error(`${event.file.path}:${event.line} was settled twice`);
    event.settled = true;
    const { accountant } = this.#ports;
    switch (settlement.outcome) {
      case 'duplicate':
        accountant.duplicate(event.file, settlement.of);
        break;
      case 'rejected': {
        const { reason, errors } = settlement;
        const origin = event.origin;
        accountant.rejected(event.file, reason, errors, origin);
        this.#write({ origin, reason, errors, content: event.content() });
        break;
      }
      default:
        accountant.settled(event.file, settlement.outcome satisfies Outcome);
    }
  }

  /** @param isRecorded it stands in the ledger as delivered */
  #close(event: Event, settlement: Settlement, isRecorded: boolean): void {
    this.#ports.window.release(event);
    event.hold.mark?.ended(isRecorded);
    if (isRecorded) this.#countRecorded(event.file);
    const followers = this.#dedupe().close(event);
    if (followers.length === 0) return;
    const isKnown =
      settlement.outcome === 'delivered' ||
      settlement.outcome === 'duplicate' ||
      (settlement.outcome === 'undelivered' && settlement.accepted === true);
    const shared: Settlement = isKnown ? { outcome: 'duplicate', of: 'input' } : settlement;
    for (const follower of followers) this.#end(follower, shared, isRecorded);
  }

  #countRecorded(file: FileAccount): void {
    file.recorded += 1;
    if (file.recorded === file.toRecord) this.#ports.onFileRecorded(file);
  }

  #writeDelivered(event: Event, returned: unknown): void {
    const { deliveries, clock } = this.#ports;
    const { id } = event;
    if (deliveries === undefined || id === undefined) return;
    const waiting = deliveries.write({ origin: event.origin, id, time: clock.now(), returned })?.then(() => {
      if (this.#deliveriesRoom === waiting) this.#deliveriesRoom = undefined;
    });
    if (waiting !== undefined) this.#deliveriesRoom = waiting;
  }

  #write(record: RejectedRecord): void {
    let room: Promise<void> | undefined;
    try {
      room = this.#ports.rejects.write(record);
    } catch (error) {
      this.#ports.onStorageError(error);
    }
    if (room === undefined) return;
    const waiting = room.catch(this.#ports.onStorageError).then(() => {
      if (this.#rejectsRoom === waiting) this.#rejectsRoom = undefined;
    });
    this.#rejectsRoom = waiting;
  }
}
