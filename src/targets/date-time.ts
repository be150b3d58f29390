/**
 * Is the text a point in time as RFC 3339 section 5.6 writes it (a profile of ISO 8601): date, `T`, time to the second,
 * any fraction, and an offset: `2020-06-03T21:28:55Z`, `2020-06-03T23:28:55.123+02:00`? Of ISO 8601 two more spellings
 * of the offset are taken, `+0200` and `+02`, for databases write them. A date alone, or a time without an offset, is
 * refused: it names no point in time, and whoever reads it would have to invent one. A second 60 stands only where a
 * leap second can, at 23:59 UTC. Allocates nothing for texts up to 64 units.
 */
export function isDateTime(text: string): boolean {
  return isDateTimeAt(unitsOf(text), 0, text.length);
}

/** For the units of a text of ordinary length. */
const room = new Uint16Array(64);

function unitsOf(text: string): Uint16Array {
  const { length } = text;
  const units = length > room.length ? new Uint16Array(length) : room;
  for (let at = 0; at < length; at++) units[at] = text.charCodeAt(at);
  return units;
}

/** The same of a text whose units, or ASCII bytes, stand at [start, end). */
export function isDateTimeAt(units: Uint8Array | Uint16Array, start: number, end: number): boolean {
  // 2020-06-03T21:28:55
  // 0123456789012345678
  if (end - start < 20) return false;
  if (units[start + 4] !== DASH || units[start + 7] !== DASH) return false;
  if ((units[start + 10]! | 0x20) !== 0x74) return false;
  if (units[start + 13] !== COLON || units[start + 16] !== COLON) return false;
  const century = twoDigits(units, start);
  const yearInCentury = twoDigits(units, start + 2);
  const month = twoDigits(units, start + 5);
  const day = twoDigits(units, start + 8);
  if (century < 0 || yearInCentury < 0 || month < 1 || month > 12) return false;
  if (day < 1 || day > daysIn(month, century * 100 + yearInCentury)) return false;
  const hour = twoDigits(units, start + 11);
  const minute = twoDigits(units, start + 14);
  const second = twoDigits(units, start + 17);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;

  let at = start + 19;
  if (units[at] === DOT) {
    const fraction = at + 1;
    for (at = fraction; at < end && isDigit(units[at]!); ) at++;
    if (at === fraction) return false;
  }
  const offset = offsetMinutes(units, at, end);
  if (Number.isNaN(offset)) return false;
  return second < 60 || (hour * 60 + minute - offset + 2 * DAY) % DAY === DAY - 1;
}

/**
 * The point in time of a text that `isDateTime` takes: epoch milliseconds, with what is finer as a fraction. A leap second
 * counts as the next one. NaN for any other text. Allocates nothing for texts up to 64 units.
 */
export function instantOf(text: string): number {
  const units = unitsOf(text);
  return isDateTimeAt(units, 0, text.length) ? instantAt(units, 0, text.length) : Number.NaN;
}

/** The same of units that `isDateTimeAt` takes. */
export function instantAt(units: Uint8Array | Uint16Array, start: number, end: number): number {
  const year = twoDigits(units, start) * 100 + twoDigits(units, start + 2);
  const days = daysSinceEpoch(year, twoDigits(units, start + 5), twoDigits(units, start + 8));
  const minutes = twoDigits(units, start + 11) * 60 + twoDigits(units, start + 14);
  let at = start + 19;
  let fraction = 0;
  if (units[at] === DOT) {
    let weight = 100;
    for (at++; at < end && isDigit(units[at]!); at++) {
      fraction += (units[at]! - 0x30) * weight;
      weight /= 10;
    }
  }
  return ((days * DAY + minutes - offsetMinutes(units, at, end)) * 60 + twoDigits(units, start + 17)) * 1000 + fraction;
}

/** Days from 1970-01-01 to a day of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms"). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

const DASH = 0x2d;
const COLON = 0x3a;
const DOT = 0x2e;
/** Minutes of a day. */
const DAY = 1440;

/** Minutes east of UTC of the offset that makes up the rest of the text; NaN if it is none. */
function offsetMinutes(units: Uint8Array | Uint16Array, at: number, end: number): number {
  const rest = end - at - 1;
  if (rest < 0) return Number.NaN;
  const first = units[at]!;
  if ((first | 0x20) === 0x7a) return rest === 0 ? 0 : Number.NaN;
  if (first !== 0x2b && first !== DASH) return Number.NaN;
  let minutes = 0;
  if (rest === 4) minutes = twoDigits(units, at + 3);
  else if (rest === 5) minutes = units[at + 3] === COLON ? twoDigits(units, at + 4) : -1;
  else if (rest !== 2) return Number.NaN;
  const hours = twoDigits(units, at + 1);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN;
  return (hours * 60 + minutes) * (first === DASH ? -1 : 1);
}

function daysIn(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The number of two digits at `at`, or -1. */
function twoDigits(units: Uint8Array | Uint16Array, at: number): number {
  const tens = units[at]! - 0x30;
  const ones = units[at + 1]! - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}
