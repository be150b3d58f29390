import { type RejectedRecord, type Rejects, RejectsError } from '../../src/core/run.js';

export interface KeptReject extends Omit<RejectedRecord, 'content'> {
  readonly text: string;
}

/** Rejected records, kept in memory. */
export class MemoryRejects implements Rejects {
  readonly records: KeptReject[] = [];
  /** The record that can't be written, counted from 1; no later one can either. */
  failFrom = Number.POSITIVE_INFINITY;

  write({ origin, reason, errors, content }: RejectedRecord): Promise<void> | undefined {
    if (this.records.length + 1 >= this.failFrom) {
      return Promise.reject(new RejectsError('the rejects file can not be written: no space left on device'));
    }
    const bytes = content.kind === 'overlong' ? content.head : content.bytes.subarray(content.start, content.end);
    this.records.push({ origin, reason, errors, text: Buffer.from(bytes).toString('utf8') });
    return undefined;
  }

  async flush(): Promise<void> {
    if (this.records.length + 1 >= this.failFrom) throw new RejectsError('the rejects file can not be written');
  }
}
