import { createDuplicateKeyFinder } from '../core/duplicate-keys.js';
import { memberRange } from '../core/json-members.js';
import type { Origin } from '../core/origin.js';
import { REJECT_REASONS, type Rejection, type RejectReason } from '../core/rejection.js';

/** A line of a rejects file, given as an input. */
export interface UnwrappedReject {
  /** Where the record stood first. */
  readonly origin: Origin;
  /** The event in it, edited or not; undefined when it holds none that could be imported. */
  readonly event: { readonly value: unknown; readonly start: number; readonly end: number } | undefined;
  /** Why it was rejected. */
  readonly rejection: Rejection;
}

const findDuplicateKey = createDuplicateKeyFinder(['']);

/** Recognises a line of a rejects file, as `{"rejected":{"file","line","reason",…},"event":…}`, each once. */
export function unwrapReject(
  value: unknown,
  bytes: Uint8Array,
  start: number,
  end: number,
): UnwrappedReject | undefined {
  if (typeof value !== 'object' || value === null || !('rejected' in value)) return undefined;
  const rejected = readRejected(value.rejected);
  if (rejected === undefined) return undefined;
  const isPlain = 'event' in value && findDuplicateKey(bytes, start, end) === undefined;
  const range = isPlain ? memberRange(bytes, start, end, 'event') : undefined;
  const event = 'event' in value && range !== undefined ? { value: value.event, ...range } : undefined;
  return { ...rejected, event };
}

function readRejected(value: unknown): { origin: Origin; rejection: Rejection } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { file, line, entry, element, index, reason, errors } = value as Record<string, unknown>;
  if (typeof file !== 'string' || !isPlace(line) || !isReason(reason)) return undefined;
  const origin: Origin = {
    file,
    line,
    ...(typeof entry === 'string' ? { entry } : {}),
    ...(isPlace(element) ? { element } : {}),
    ...(isPlace(index) ? { index } : {}),
  };
  const findings = Array.isArray(errors) ? errors.filter(isFinding) : [];
  const message = 'rejected before, and the line holds no "event" to import';
  const first = { path: '', message };
  return { origin, rejection: { reason, errors: findings.length > 0 ? [first, ...findings] : [first] } };
}

function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isReason(value: unknown): value is RejectReason {
  return (REJECT_REASONS as readonly unknown[]).includes(value);
}

function isFinding(value: unknown): value is { path: string; message: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { path, message } = value as Record<string, unknown>;
  return typeof path === 'string' && typeof message === 'string';
}
