/** A base URL, or what was expected instead. */
export type ParsedUrl = { readonly value: string } | { readonly expected: string };

/**
 * Reads a base URL: https, or http on a loopback address, for credentials and consent records must not travel in the clear.
 * The value has no slash at its end, so that paths can be put behind it.
 */
export function parseApiUrl(text: string, example = 'https://api.didomi.io/v1'): ParsedUrl {
  const url = readUrl(text);
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    return { expected: `a URL such as ${example}` };
  }
  if (url.username !== '' || url.password !== '') {
    return { expected: 'a URL without a user name and password: secrets never come from there' };
  }
  if (url.search !== '' || url.hash !== '') {
    return { expected: 'a URL without a query' };
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return { expected: 'https (plain http is for loopback addresses only)' };
  }
  return { value: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}

/** A URL as it may be shown and stored: without user, password, query and fragment. */
export function shownUrl(text: string): string {
  const url = readUrl(text);
  // `me:pw@host` is a URL of the scheme "me", without a host.
  if (url === undefined || url.host === '') {
    // Not a URL, yet it may hold what was meant as one: nothing after a '?' or before an '@' is shown.
    return text.replace(/[?#].*$/s, '').replace(/^(.*\/\/)?.*@/s, '$1');
  }
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** `localhost`, 127.0.0.0/8, `[::1]`: what never leaves this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

function readUrl(text: string): URL | undefined {
  try {
    return new URL(text.trim());
  } catch {
    return undefined;
  }
}
