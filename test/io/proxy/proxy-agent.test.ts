import { get } from 'node:https';
import { expect, it } from 'vitest';
import { chooseProxy } from '../../../src/io/proxy/choose-proxy.js';
import { proxyAgent } from '../../../src/io/proxy/tunnel.js';
import { tlsFront } from '../../end-to-end/tls-front.js';
import { createAuthority } from '../../fakes/certificates.js';
import { connectProxy } from '../../fakes/connect-proxy.js';

it('an agent of node:https goes through the proxy, and directly to this machine', async () => {
  const authority = createAuthority();
  const front = await tlsFront('http://127.0.0.1:1', authority.certify(), { '/file': 'content' });
  const proxy = await connectProxy(front.port);
  const agent = proxyAgent((url) => chooseProxy(url, { HTTPS_PROXY: proxy.host }), {
    ...{ timeoutMs: 5_000, ca: authority.cert },
  });
  const read = (url: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const request = get(url, { agent }, async (response) => {
        let text = '';
        for await (const chunk of response) text += String(chunk);
        resolve(text);
      });
      request.on('error', reject);
    });
  expect(await read('https://files.test/file')).toBe('content');
  expect(proxy.tunnels.map(({ to }) => to)).toEqual(['files.test:443']);
  expect(await read(`https://localhost:${front.port}/file`)).toBe('content');
  expect(proxy.tunnels).toHaveLength(1);
  agent.destroy();
});
