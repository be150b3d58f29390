import type { AnswerStyle, RefusalStyle } from './faults.js';
import { type At, members, oneOf, or, truthAt, wholeAt } from './json-reader.js';

/** Reads `answers`: how the API answers where its documents do not say. */
export function parseAnswers(at: At): Partial<AnswerStyle> {
  const given = members(at, ['status', 'shape', 'order', 'duplicates', 'refusals', 'tokenLifeMs', 'tokenTellsExpiry']);
  return {
    ...(given.status && { status: oneOf(given.status, [200, 201] as const) }),
    ...(given.shape && { shape: oneOf(given.shape, ['array', 'data', 'single', 'empty'] as const) }),
    ...(given.order && { order: oneOf(given.order, ['same', 'reversed'] as const) }),
    ...(given.duplicates && { duplicates: parseDuplicates(given.duplicates) }),
    ...(given.refusals && { refusals: parseRefusal(given.refusals) }),
    ...(given.tokenLifeMs && { tokenLifeMs: wholeAt(given.tokenLifeMs, 1) }),
    ...(given.tokenTellsExpiry && { tokenTellsExpiry: truthAt(given.tokenTellsExpiry) }),
  };
}

export function parseRefusal(at: At): RefusalStyle {
  const { status, names, keeps } = members(at, ['status', 'names', 'keeps']);
  return {
    status: or(status, (a) => wholeAt(a, 400, 499), 400),
    names: or(names, (a) => oneOf(a, ['index', 'id', 'path', 'message', 'nothing'] as const), 'nothing'),
    keeps: or(keeps, (a) => oneOf(a, ['nothing', 'before', 'others', 'items'] as const), 'nothing'),
  };
}

function parseDuplicates(at: At): AnswerStyle['duplicates'] {
  const { status, where } = members(at, ['status', 'where']);
  return {
    status: or(status, (a) => oneOf(a, [200, 400, 409] as const), 200),
    where: or(where, (a) => oneOf(a, ['alone', 'batch'] as const), 'alone'),
  };
}
