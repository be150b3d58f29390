/** Bytes to insert into a record when it is sent, `offset` bytes behind its start; its own bytes stay as they are. */
export interface Stamp {
  readonly offset: number;
  readonly bytes: Uint8Array;
}
