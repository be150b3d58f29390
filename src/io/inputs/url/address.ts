/** A URL as it is shown and stored: without user, password, query and fragment, which may hold secrets. */
export function shownAddress(address: string): string {
  return address.replace(/[?#].*$/s, '').replace(/^([^/]*\/\/)[^/]*@/, '$1');
}

/** Whether an input may be read from there: https, or http on a loopback address. */
export function isAllowed(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}

/** Whether a redirect is followed. What is out there may not lead to a service on this machine. */
export function mayLead(from: URL, to: URL): boolean {
  return isAllowed(to) && (!isLoopback(to) || isLoopback(from));
}

export function isLoopback({ hostname }: { readonly hostname: string }): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
