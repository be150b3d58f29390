/**
 * Sizes, times and shares as people write them in options and config files. The `parse…` functions give undefined for
 * what they can't read exactly (a fraction of a byte, a time without a unit), so that the caller can say what is
 * expected; nothing is ever rounded. For every value: `parse(format(value))` is that value.
 */

const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  // A letter alone means the binary unit, as rclone, ripgrep and dd have it.
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** Bytes of `512KiB`, `10MB`, `1.5GiB`, `4096`. Upper or lower case. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,16}(?:\.\d{1,9})?)\s?([a-z]*)$/i.exec(text.trim());
  const factor = SIZE_UNITS[(match?.[2] ?? '').toLowerCase()];
  return match === null || factor === undefined ? undefined : exactly(Number(match[1]) * factor);
}

/** The shortest exact spelling: `1MiB`, `10MB`, `1234B`. */
export function formatSize(bytes: number): string {
  for (const [unit, factor] of [
    ['GiB', 2 ** 30],
    ['GB', 1e9],
    ['MiB', 2 ** 20],
    ['MB', 1e6],
    ['KiB', 2 ** 10],
    ['KB', 1e3],
  ] as const) {
    if (bytes >= factor && bytes % factor === 0) {
      return `${bytes / factor}${unit}`;
    }
  }
  return `${bytes}B`;
}

const TIME_UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

/**
 * Milliseconds of `500ms`, `30s`, `1.5h`, `1h30m` (larger units first, each once). A bare number has no meaning here, but
 * for `0`.
 */
export function parseTime(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === '0') {
    return 0;
  }
  const match = /^(?:([\d.]+)d)?(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s)?(?:([\d.]+)ms)?$/.exec(trimmed);
  if (match === null || trimmed === '') {
    return undefined;
  }
  let sum = 0;
  for (const [index, factor] of Object.values(TIME_UNITS).entries()) {
    const part = match[index + 1];
    if (part === undefined) {
      continue;
    }
    if (!/^\d{1,12}(\.\d{1,6})?$/.test(part)) {
      return undefined;
    }
    sum += Number(part) * factor;
  }
  return exactly(sum);
}

/** `1h30m`, `30s`, `500ms`, `0`: exact, the largest units first. */
export function formatTime(milliseconds: number): string {
  let rest = milliseconds;
  let text = '';
  for (const [unit, factor] of Object.entries(TIME_UNITS)) {
    const count = Math.floor(rest / factor);
    rest -= count * factor;
    text += count === 0 ? '' : `${count}${unit}`;
  }
  return text === '' ? '0' : text;
}

/** How many may be rejected before a run stops. */
export type MaxRejects =
  | { readonly kind: 'count'; readonly most: number }
  | { readonly kind: 'percent'; readonly most: number }
  | { readonly kind: 'none' };

/** `50%`, `0.1%`, `500`, `none`. */
export function parseMaxRejects(text: string): MaxRejects | undefined {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === 'none') {
    return { kind: 'none' };
  }
  const match = /^(\d{1,15})(\.\d{1,6})?\s?(%?)$/.exec(trimmed);
  if (match === null) {
    return undefined;
  }
  if (match[3] === '') {
    return match[2] === undefined ? { kind: 'count', most: Number(match[1]) } : undefined;
  }
  const most = Number(`${match[1]}${match[2] ?? ''}`);
  return most <= 100 ? { kind: 'percent', most } : undefined;
}

export function formatMaxRejects(limit: MaxRejects): string {
  switch (limit.kind) {
    case 'none':
      return 'none';
    case 'count':
      return String(limit.most);
    case 'percent':
      return `${limit.most}%`;
  }
}

/** The whole number that `value` stands for, for 1.1 * 1000 is not one in floating point. */
function exactly(value: number): number | undefined {
  const whole = Math.round(value);
  return Number.isSafeInteger(whole) && Math.abs(value - whole) < 1e-6 ? whole : undefined;
}
