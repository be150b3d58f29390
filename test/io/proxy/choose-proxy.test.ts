import { describe, expect, it } from 'vitest';
import { chooseProxy, ProxyVariableError, shownProxy } from '../../../src/io/proxy/choose-proxy.js';

const OUTSIDE = new URL('https://api.example.com/v1');

function chosen(address: string, env: Record<string, string>): string | undefined {
  return chooseProxy(new URL(address), env)?.url.href;
}

describe('the proxy for an address', () => {
  it('is that of HTTPS_PROXY, or of its lower case, which counts more', () => {
    expect(chosen(OUTSIDE.href, {})).toBeUndefined();
    expect(chosen(OUTSIDE.href, { HTTPS_PROXY: 'http://a:3128' })).toBe('http://a:3128/');
    expect(chosen(OUTSIDE.href, { HTTPS_PROXY: 'http://a:3128', https_proxy: 'https://b' })).toBe('https://b/');
    expect(chosen(OUTSIDE.href, { HTTPS_PROXY: 'http://a:3128', https_proxy: '' })).toBe('http://a:3128/');
  });

  it('may be written without its scheme', () => {
    expect(chosen(OUTSIDE.href, { HTTPS_PROXY: 'proxy.example.com:3128' })).toBe('http://proxy.example.com:3128/');
  });

  it('is none for what is on this machine, and for plain http', () => {
    for (const address of [
      'https://localhost:1',
      'https://127.0.0.1',
      'https://127.9.9.9',
      'https://[::1]/',
      'http://a/',
    ]) {
      expect(chosen(address, { HTTPS_PROXY: 'http://a:3128' }), address).toBeUndefined();
    }
  });

  it.each([
    ['api.example.com', true],
    ['example.com', true],
    ['.example.com', true],
    ['*.example.com', true],
    ['EXAMPLE.com', true],
    ['other.org, example.com', true],
    ['other.org example.com', true],
    ['*', true],
    ['api.example.com:443', true],
    ['api.example.com:8443', false],
    ['ample.com', false],
    ['api.example.com.evil.org', false],
    ['', false],
    [',', false],
  ])('with NO_PROXY=%s is none: %s', (list, isNone) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      expect(chosen(OUTSIDE.href, { HTTPS_PROXY: 'http://a:3128', [name]: list }) === undefined).toBe(isNone);
    }
  });

  it.each([
    ['https://10.1.2.3', '10.0.0.0/8', true],
    ['https://10.1.2.3', '10.1.2.3', true],
    ['https://11.1.2.3', '10.0.0.0/8', false],
    ['https://10.1.2.3', '10.0.0.0/99', false],
    ['https://110.1.2.3', '10.1.2.3', false],
    ['https://[fd00::1]', 'fd00::/8', true],
    ['https://[fd00::1]', 'fd00::1', true],
  ])('of %s with NO_PROXY=%s is none: %s', (address, list, isNone) => {
    expect(chosen(address, { HTTPS_PROXY: 'http://a:3128', NO_PROXY: list }) === undefined).toBe(isNone);
  });

  it('is refused when it is no HTTP proxy, by the name of its variable', () => {
    for (const value of ['socks5://a:1', 'http://', 'http://a:99999']) {
      const refused = expect(() => chooseProxy(OUTSIDE, { HTTPS_PROXY: value }), value);
      refused.toThrow(new ProxyVariableError('HTTPS_PROXY'));
    }
  });

  it('is shown without user and password', () => {
    const proxy = chooseProxy(OUTSIDE, { HTTPS_PROXY: 'http://user:secret@proxy.example.com:3128/' });
    expect(shownProxy(proxy!)).toBe('http://proxy.example.com:3128');
  });
});
