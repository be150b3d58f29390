import type { Element } from './stand-in.js';

/** Signs that events of one subject were not sent one after the other. All should be 0 for `--order strict`. */
export interface OrderCounts {
  /** Accepted after an event of the same subject that was first sent later. */
  overtaken: number;
  /** Arrived while another event of the same subject was still in flight. */
  inFlightTogether: number;
  /** Stood in one request with an earlier event of the same subject. */
  inOneRequest: number;
  /** Accepted after an event of the same subject with a later `created_at`. No fault where the input is not sorted. */
  olderAfterNewer: number;
}

/** Watches in which order the events of each subject arrive, are accepted, and are in flight. */
export class OrderWatch {
  #firstSent = new Map<string, number>();
  #nextFirstSent = 1;
  #latestAccepted = new Map<string, { sent: number; createdAt: number | undefined }>();
  #inFlight = new Map<string, { request: number; id: string | undefined }>();
  #subjectsOf = new Map<number, string[]>();
  #counts: OrderCounts = noCounts();

  /** Sees a request's events come in, whatever will become of them. */
  arrived(request: number, elements: readonly Element[]): void {
    const held: string[] = [];
    const here = new Map<string, string | undefined>();
    for (const element of elements) {
      if (element.id !== undefined && !this.#firstSent.has(element.id)) {
        this.#firstSent.set(element.id, this.#nextFirstSent++);
      }
      let together = false;
      let twice = false;
      for (const subject of element.subjects) {
        if (here.has(subject)) twice ||= isOther(here.get(subject), element.id);
        else {
          here.set(subject, element.id);
          const other = this.#inFlight.get(subject);
          // The same event again is no disorder: the client may have given up on the first request already.
          if (other !== undefined) together ||= isOther(other.id, element.id);
          this.#inFlight.set(subject, { request, id: element.id });
          held.push(subject);
        }
      }
      if (together) this.#counts.inFlightTogether++;
      if (twice) this.#counts.inOneRequest++;
    }
    if (held.length > 0) this.#subjectsOf.set(request, held);
  }

  /** Sees an event being kept for the first time. */
  accepted(element: Element): void {
    const sent = (element.id === undefined ? undefined : this.#firstSent.get(element.id)) ?? this.#nextFirstSent++;
    let overtaken = false;
    let older = false;
    for (const subject of element.subjects) {
      const latest = this.#latestAccepted.get(subject);
      if (latest === undefined) {
        this.#latestAccepted.set(subject, { sent, createdAt: element.createdAt });
        continue;
      }
      if (sent < latest.sent) overtaken = true;
      else latest.sent = sent;
      if (element.createdAt === undefined) continue;
      if (latest.createdAt !== undefined && element.createdAt < latest.createdAt) older = true;
      else latest.createdAt = element.createdAt;
    }
    if (overtaken) this.#counts.overtaken++;
    if (older) this.#counts.olderAfterNewer++;
  }

  /** The request was answered, or its connection ended. */
  finished(request: number): void {
    for (const subject of this.#subjectsOf.get(request) ?? []) {
      if (this.#inFlight.get(subject)?.request === request) this.#inFlight.delete(subject);
    }
    this.#subjectsOf.delete(request);
  }

  /** In which place this event was first sent, from 1, over all events: stable through retries and splits. */
  firstSent(id: string): number | undefined {
    return this.#firstSent.get(id);
  }

  counts(): OrderCounts {
    return { ...this.#counts };
  }

  reset(): void {
    this.#firstSent = new Map();
    this.#nextFirstSent = 1;
    this.#latestAccepted = new Map();
    this.#counts = noCounts();
  }
}

function isOther(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || a !== b;
}

function noCounts(): OrderCounts {
  return { overtaken: 0, inFlightTogether: 0, inOneRequest: 0, olderAfterNewer: 0 };
}
