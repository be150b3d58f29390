import type { Alteration } from './faults.js';

/** The value, changed, with something else in one place; where that place is not there, as it was. */
export function withAlteration(value: unknown, { path, to }: Alteration): unknown {
  const steps = path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop() ?? '';
  let place: unknown = value;
  for (const step of steps) place = memberOf(place, step);
  if (Array.isArray(place)) {
    if (Number(last) < place.length) place.splice(Number(last), 1, ...(to === undefined ? [] : [to]));
  } else if (isObject(place)) {
    if (to === undefined) delete place[last];
    else place[last] = to;
  }
  return value;
}

function memberOf(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return value[Number(step)];
  return isObject(value) ? value[step] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
