import * as stops from '../core/stops.js';
import type { QuotaGate } from './day-quota.js';
import type { SinkPorts } from './sink.js';

export interface AllowancePorts extends Pick<SinkPorts, 'onStop' | 'onStorageError'> {
  /** How many events may be sent per day; undefined where there is no limit. */
  readonly quota?: QuotaGate;
}

/** Sees to it that events of the day's quota are reserved before requests need them. */
export class Allowance {
  readonly #ports: AllowancePorts;
  readonly #onRefilled: () => void;
  #refilled: Promise<void> | undefined;

  constructor(ports: AllowancePorts, onRefilled: () => void) {
    this.#ports = ports;
    this.#onRefilled = onRefilled;
  }

  /**
   * May events leave today? If none are reserved, some are, of which `onRefilled` tells, or the run ends.
   * @param isNeeded would something be sent now?
   */
  has(isNeeded: () => boolean): boolean {
    const { quota, onStop, onStorageError } = this.#ports;
    if (quota === undefined || quota.available > 0) return true;
    if (quota.refilling || !isNeeded()) return false;
    if (quota.exhausted) onStop(stops.dayLimit(quota.limit, quota.nextDayAt));
    else this.#refilled = quota.refill().then(this.#onRefilled).catch(onStorageError);
    return false;
  }

  /** Nothing more will be sent. */
  async close(): Promise<void> {
    await this.#refilled;
    this.#ports.quota?.close();
  }
}
