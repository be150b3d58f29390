import { Pool } from 'undici';

/**
 * Posts bodies to a sink with undici, so many in flight, as every client must; nothing else.
 * @param {string} address
 * @param {number} slots
 */
export function openPost(address, slots) {
  const pool = new Pool(address, { connections: slots, pipelining: 1 });
  let inFlight = 0;
  let failure;
  let wake = () => undefined;

  async function send(body) {
    inFlight += 1;
    try {
      const headers = { 'content-type': 'application/json', authorization: 'Bearer token' };
      const answer = await pool.request({ method: 'POST', path: '/v1/consents/events', headers, body });
      await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`the sink answered ${answer.statusCode}`);
    } catch (error) {
      failure ??= error;
    }
    inFlight -= 1;
    wake();
  }

  async function untilInFlight(most) {
    while (inFlight > most) {
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
    if (failure !== undefined) throw failure;
  }

  return {
    /** @returns {Promise<void> | undefined} what to wait for before the next, if no slot is free */
    post(body) {
      void send(body);
      return inFlight < slots ? undefined : untilInFlight(slots - 1);
    },
    /** Resolves when all is answered. */
    async end() {
      await untilInFlight(0);
      await pool.close();
    },
  };
}
