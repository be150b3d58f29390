import type { EventStore } from '../event-store.js';
import type { SandboxRequest, SandboxResponse } from '../exchange.js';
import type { RefusalStyle } from '../faults.js';
import { randomUuid } from '../seeded-random.js';
import type { Orders } from '../stand-in.js';
import { type BadEvent, createdResponse, duplicateResponse, refusalResponse } from './answers.js';
import { errorResponse } from './envelope.js';
import type { EventBatch } from './event-batch.js';
import { faultOf } from './event-rules.js';
import type { KeptEvents } from './kept-events.js';
import type { DidomiSettings } from './settings.js';

/** `POST /v1/consents/events`: checks a batch, keeps what is to be kept, and answers. */
export class Events {
  readonly #settings: DidomiSettings;
  readonly #store: EventStore;
  readonly #kept: KeptEvents;
  readonly #random: () => number;
  readonly #purposes: ReadonlySet<string> | undefined;

  constructor(settings: DidomiSettings, store: EventStore, kept: KeptEvents, random: () => number) {
    this.#settings = settings;
    this.#store = store;
    this.#kept = kept;
    this.#random = random;
    this.#purposes = settings.purposes === undefined ? undefined : new Set(settings.purposes);
  }

  create(
    request: SandboxRequest,
    batch: EventBatch,
    organization: string,
    requestNumber: number,
    nowMs: number,
    orders: Orders,
  ): SandboxResponse {
    const { elements } = batch;
    const { maxEvents, answers } = this.#settings;
    if (batch.broken !== undefined) return errorResponse(400, batch.broken);
    if (elements.length === 0) return errorResponse(400, 'An array of events must not be empty');
    if (elements.length > maxEvents) return errorResponse(400, `More than ${maxEvents} events in one request`);

    const bad = this.#badEvents(batch, organization, orders);
    const [firstBad] = bad.values();
    const style = firstBad?.style ?? answers.refusals;
    const known = elements.flatMap(({ id }, i) => (id !== undefined && this.#store.has(organization, id) ? [i] : []));
    const isDuplicate =
      known.length > 0 &&
      answers.duplicates.status !== 200 &&
      (answers.duplicates.where === 'batch' || elements.length === 1);
    const keeps = (index: number): boolean => {
      if (isDuplicate && firstBad === undefined) return known.includes(index);
      if (firstBad === undefined) return true;
      if (style.keeps === 'nothing') return false;
      return style.keeps === 'before' ? index < firstBad.index : !bad.has(index);
    };

    const given = new Map<number, string>();
    elements.forEach((element, index) => {
      const id = element.id ?? randomUuid(this.#random);
      const event = { id, organization, request: requestNumber, atMs: nowMs };
      const fault = bad.get(index);
      if (keeps(index)) {
        if (orders.drops(index) && !this.#store.has(organization, id)) return;
        if (element.id === undefined) given.set(index, id);
        const outcome = this.#store.accept(event, request.body, element.start, element.end);
        if (outcome === 'accepted') {
          orders.accepted(element);
          this.#kept.altered(organization, id, orders.alters(index));
        }
      } else if (fault !== undefined) {
        this.#store.refuse(event, fault.message, request.body, element.start, element.end);
      }
    });

    if (firstBad !== undefined && style.keeps !== 'items') return refusalResponse(style, [...bad.values()]);
    if (firstBad === undefined && isDuplicate) {
      return duplicateResponse(answers.duplicates.status, answers.refusals.names, elements, known);
    }
    return createdResponse(answers, request.body, batch, given, bad);
  }

  #badEvents(batch: EventBatch, organization: string, orders: Orders): Map<number, BadEvent> {
    const bad = new Map<number, BadEvent>();
    batch.elements.forEach(({ value, id }, index) => {
      const ordered: RefusalStyle | undefined = orders.refuse(index);
      const fault =
        ordered === undefined
          ? faultOf(value, organization, this.#purposes)
          : { path: '', message: 'is refused by the fault script' };
      if (fault !== undefined)
        bad.set(index, { ...fault, index, id, style: ordered ?? this.#settings.answers.refusals });
    });
    return bad;
  }
}
