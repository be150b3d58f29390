import { type KindOfRecord, WRAPPERS } from '../core/run.js';
import { ParseFailure, parseRecord } from './parse.js';

/** @param bytes one record; undefined also when it is no JSON */
export function kindOfRecord(bytes: Uint8Array): KindOfRecord | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  const value = parseRecord(text);
  return value instanceof ParseFailure ? undefined : kindOf(value);
}

function kindOf(value: unknown): KindOfRecord | undefined {
  if (Array.isArray(value)) return 'table_row';
  if (!isObject(value)) return undefined;
  const { type, parameters, events } = value;
  if (typeof type === 'string' && isObject(parameters) && isObject(parameters['entity'])) return 'webhook';
  if (isList(events)) return 'export';
  if (isDidomiEvent(value)) return 'didomi_event';
  if (isReceipt(value)) return 'onetrust_receipt';
  const wrapper = WRAPPERS.find((name) => isList(value[name]));
  if (wrapper !== undefined) return `events_in_${wrapper}`;
  const isConfig = CONFIG_KEYS.filter((key) => key in value).length > 1;
  return isConfig ? 'config' : undefined;
}

const CONFIG_KEYS = ['target', 'organizationId', 'apiUrl', 'ledger', 'concurrency', 'rejects', 'credentialsFile'];

/** A list of what some target takes. */
function isList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && (value.every(isDidomiEvent) || value.every(isReceipt));
}

function isReceipt(value: unknown): boolean {
  if (!isObject(value) || typeof value['identifier'] !== 'string') return false;
  return ['purposes', 'requestInformation'].some((key) => key in value);
}

function isDidomiEvent(value: unknown): boolean {
  return isObject(value) && isObject(value['user']) && isObject(value['consents']);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
