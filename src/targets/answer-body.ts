import type { HttpResponse } from '../core/ports.js';

/** What an answer's body holds. `none`: it is neither empty nor whole JSON (a page, or a body that was cut off). */
export type Body =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: unknown; readonly text: string }
  | { readonly kind: 'none'; readonly text: string };

/**
 * Reads a body. Where its end was not announced (`framed` is false), empty may mean cut off, and so may a number; an
 * object or array tells by its own closing bracket that it is whole. 204 has no body by definition (RFC 9110).
 */
export function readBody(response: HttpResponse): Body {
  const text = new TextDecoder().decode(response.body);
  const framed = response.framed || response.status === 204;
  if (text.trim() === '') return framed ? { kind: 'empty' } : { kind: 'none', text };
  try {
    const value: unknown = JSON.parse(text);
    return framed || isObject(value) || Array.isArray(value) ? { kind: 'json', value, text } : { kind: 'none', text };
  } catch {
    return { kind: 'none', text };
  }
}

/** A page, for people: made by something on the way (a proxy, a gateway), and not by the API. */
export function isPage(body: Body): boolean {
  return body.kind === 'none' && body.text.trimStart().startsWith('<');
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
