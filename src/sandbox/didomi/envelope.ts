import { jsonResponse, type SandboxResponse } from '../exchange.js';

const NAMES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'NotAuthenticated',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  408: 'Timeout',
  409: 'Conflict',
  413: 'PayloadTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Unprocessable',
  429: 'TooManyRequests',
  500: 'GeneralError',
  502: 'BadGateway',
  503: 'Unavailable',
};

/** Didomi's error body: `{code, name, message, errors}`. */
export function errorBody(status: number, message: string, errors: unknown = {}): object {
  return { code: status, name: NAMES[status] ?? 'Error', message, errors };
}

export function errorResponse(status: number, message: string, errors: unknown = {}): SandboxResponse {
  return jsonResponse(status, errorBody(status, message, errors));
}
