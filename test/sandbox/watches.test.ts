import { describe, expect, it } from 'vitest';
import type { OrderCounts } from '../../src/sandbox/order-watch.js';
import { EVENTS, event, statusOf, visit } from './visitor.js';

const none: OrderCounts = { overtaken: 0, inFlightTogether: 0, inOneRequest: 0, olderAfterNewer: 0 };

describe('The order of a subject', () => {
  const start = (faults: object = {}) => {
    const visitor = visit({}, faults);
    const token = visitor.token();
    const open = (...events: object[]) => visitor.handle(EVENTS, JSON.stringify(events), token, 0);
    const close = (pending: ReturnType<typeof open>) => {
      pending.end(0);
      visitor.core.finished(pending.number);
    };
    const send = (...events: object[]): void => close(open(...events));
    return { open, close, send, order: () => visitor.core.stats().order };
  };

  it('is kept when events come one after the other', () => {
    const { send, order } = start();
    send(event('1', 'anna'), event('2', 'tom'));
    send(event('3', 'anna'));
    send(event('1', 'anna'));
    expect(order()).toEqual(none);
  });

  it('is broken when two stand in one request, by whichever user id they share', () => {
    const { send, order } = start();
    send(event('1', 'anna'), event('2', 'anna'));
    const both = { user: { id: 'u', organization_user_id: 'tom' } };
    send(event('3', '', both), event('4', '', { user: { id: 'u' } }), event('5', 'tom'));
    expect(order()).toEqual({ ...none, inOneRequest: 3 });
  });

  it('is broken when two are in flight together; the same event again is not two', () => {
    const { open, close, send, order } = start();
    const first = open(event('1', 'anna'));
    send(event('1', 'anna'));
    expect(order()).toEqual(none);
    const third = open(event('1', 'anna'));
    send(event('2', 'anna'));
    expect(order()).toEqual({ ...none, inFlightTogether: 1 });
    close(first);
    close(third);
    send(event('3', 'anna'));
    expect(order()).toEqual({ ...none, inFlightTogether: 1 });
  });

  it('is broken when an event is accepted after one that was first sent later', () => {
    const { send, order } = start({ rules: [{ when: { route: 'events', requests: 1 }, do: { status: 503 } }] });
    send(event('1', 'anna'), event('9', 'tom'));
    send(event('2', 'anna'));
    send(event('9', 'tom'));
    expect(order()).toEqual(none);
    send(event('1', 'anna'));
    expect(order()).toEqual({ ...none, overtaken: 1 });
  });

  it('is seen by the dates too', () => {
    const { send, order } = start();
    send(event('1', 'anna', { created_at: '2024-01-02T00:00:00Z' }));
    send(event('2', 'anna', { created_at: '2024-01-01T00:00:00Z' }));
    send(event('3', 'anna', { created_at: '2024-01-02T00:00:00Z' }));
    send(event('4', 'anna'));
    expect(order()).toEqual({ ...none, olderAfterNewer: 1 });
  });

  it('is a matter of one organization', () => {
    const { core, handle, token } = visit();
    const good = token();
    handle(EVENTS, JSON.stringify([event('1', 'anna')]), good, 0);
    handle(EVENTS.replace('acme', 'other'), JSON.stringify([event('2', 'anna')]), good, 0);
    expect(core.stats().order).toEqual(none);
  });
});

describe('A demand to wait', () => {
  const start = (todo: object, graceMs = 0) => {
    const rules = [{ when: { route: 'events', requests: 1 }, do: todo }];
    const { events, token, core, session } = visit({ graceMs }, { rules });
    const good = token();
    const send = (id: string, nowMs: number) => statusOf(events([event(id)], good, nowMs));
    return { send, session, sooner: () => core.stats().requests.soonerThanRetryAfter };
  };

  it('of a 429 is on every request until it is over', () => {
    const { send, session, sooner } = start({ status: 429, retryAfter: 2 });
    expect(send('a', 1000)).toBe(429);
    send('b', 2999);
    session(2999);
    expect(sooner()).toBe(2);
    send('a', 3000);
    expect(sooner()).toBe(2);
  });

  it('of another status is on the same events', () => {
    const { send, sooner } = start({ status: 503, retryAfter: 1, retryAfterAs: 'date' });
    send('a', 1500);
    send('b', 1600);
    expect(sooner()).toBe(0);
    send('a', 2999);
    expect(sooner()).toBe(1);
    send('a', 3000);
    expect(sooner()).toBe(1);
  });

  it('is none when the client had left before the answer', () => {
    const { core, handle, session } = visit(
      {},
      { rules: [{ when: { requests: 1 }, do: { status: 429, retryAfter: 2 } }] },
    );
    const pending = handle('/v1/sessions', '', '', 0);
    core.finished(pending.number);
    pending.end(10);
    session(20);
    expect(core.stats().requests).toMatchObject({ byStatus: { gone: 1, 200: 1 }, soonerThanRetryAfter: 0 });
  });

  it('does not count what had left before the demand could arrive', () => {
    const { send, sooner } = start({ status: 429, retryAfter: 2 }, 50);
    send('a', 0);
    send('b', 49);
    expect(sooner()).toBe(0);
    send('b', 50);
    expect(sooner()).toBe(1);
  });
});
