/**
 * One message to the user: what happened, where, and what to do. The code is stable, for scripts and for the list in the
 * README. No message holds an event's content, a person's id or a credential.
 */
export interface Message {
  readonly code: string;
  readonly text: string;
}

export function message(code: string, text: string): Message {
  return { code, text };
}

/** A value as the user wrote it: quoted, on one line, not endless. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
