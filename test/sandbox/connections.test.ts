import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { parseFaultScript, type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js';

let sandbox: Sandbox;
afterEach(() => sandbox?.close());

const start = async (todo: object, when: object = {}): Promise<void> => {
  sandbox = await startSandbox({ faults: parseFaultScript({ rules: [{ when, do: todo }] }) });
};

interface Exchange {
  readonly received: string;
  readonly end: 'ended' | 'reset' | 'refused' | 'open';
}

/** Sends one session request over a connection of its own and sees what becomes of the connection. */
function exchange(waitMs = 2000): Promise<Exchange> {
  return new Promise((resolve) => {
    const body = '{"type":"api-key","key":"k","secret":"s"}';
    const socket = connect(sandbox.port, '127.0.0.1');
    let received = '';
    const done = (end: Exchange['end']): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ received, end });
    };
    const timer = setTimeout(() => done('open'), waitMs);
    socket.on('connect', () =>
      socket.write(`POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
    );
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => done(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'));
    socket.on('end', () => done('ended'));
  });
}

const bytesAnnounced = (received: string): number => Number(/content-length: (\d+)/i.exec(received)?.[1]);
const bytesReceived = (received: string): number => received.length - received.indexOf('\r\n\r\n') - 4;

describe('What a fault does to the connection', () => {
  it('leaves it open after a whole answer', async () => {
    await start({ latency: 1 });
    const { received, end } = await exchange(100);
    expect(end).toBe('open');
    expect(bytesReceived(received)).toBe(bytesAnnounced(received));
  });

  it.each([{ dropBefore: true }, { dropAfter: true }])('resets it without a byte: %j', async (todo) => {
    await start(todo);
    expect(await exchange()).toEqual({ received: '', end: 'reset' });
    expect(sandbox.stats().requests.byStatus).toEqual({ reset: 1 });
  });

  it('keeps it open without an answer, until the client goes', async () => {
    await start({ hang: true });
    expect(await exchange(100)).toEqual({ received: '', end: 'open' });
    await expect.poll(() => sandbox.stats().requests.inFlight).toBe(0);
  });

  it('goes on with a request whose client gave up, and says that it was gone', async () => {
    await start({ stall: { ms: 200, process: 'after' } });
    expect((await exchange(50)).end).toBe('open');
    await expect.poll(() => sandbox.stats().requests.byStatus).toEqual({ gone: 1 });
  });

  it('ends it before the announced length', async () => {
    await start({ truncate: 'length' });
    const { received, end } = await exchange();
    expect(end).not.toBe('open');
    expect(bytesReceived(received)).toBe(bytesAnnounced(received) - 100);
  });

  it('closes it when it was idle', async () => {
    await start({ closeIdle: 20 });
    const { received, end } = await exchange();
    expect(end).toBe('ended');
    expect(received).toContain('HTTP/1.1 200 OK');
  });

  it('resets every one in an outage, while the control routes still answer', async () => {
    await start({ outage: 'reset' }, { between: [0, 60_000] });
    expect((await exchange()).end).toBe('reset');
    const log = await (await fetch(`http://127.0.0.1:${sandbox.port}/_sandbox/log`)).text();
    expect(log).toContain('"did":"reset the connection in an outage"');
  });

  it('closes the port for a while, and opens it again', async () => {
    await start({ outage: 'refuse' }, { between: [0, 400] });
    expect((await exchange()).end).toBe('reset');
    expect((await exchange()).end).toBe('refused');
    await expect.poll(async () => (await exchange(200)).end, { timeout: 10_000, interval: 100 }).toBe('open');
  });

  it('breaks all connections when the sandbox is closed', async () => {
    await start({ hang: true });
    const waiting = exchange(10_000);
    await expect.poll(() => sandbox.stats().requests.inFlight).toBe(1);
    await sandbox.close();
    expect((await waiting).end).not.toBe('open');
    expect((await exchange()).end).toBe('refused');
  });
});
