/**
 * Is the text a point in time as RFC 3339 section 5.6 writes it (a profile of ISO 8601): date, `T`, time to the second,
 * any fraction, and an offset: `2020-06-03T21:28:55Z`, `2020-06-03T23:28:55.123+02:00`? Of ISO 8601 two more spellings
 * of the offset are taken, `+0200` and `+02`, for databases write them. A date alone, or a time without an offset, is
 * refused: it names no point in time, and whoever reads it would have to invent one. A second 60 stands only where a
 * leap second can, at 23:59 UTC. Allocates nothing.
 */
export function isDateTime(text: string): boolean {
  // 2020-06-03T21:28:55
  // 0123456789012345678
  if (text.length < 20) return false;
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return false;
  if ((text.charCodeAt(10) | 0x20) !== 0x74) return false;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return false;
  const century = twoDigits(text, 0);
  const yearInCentury = twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (century < 0 || yearInCentury < 0 || month < 1 || month > 12) return false;
  if (day < 1 || day > daysIn(month, century * 100 + yearInCentury)) return false;
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;

  let at = 19;
  if (text.charCodeAt(at) === DOT) {
    do at++;
    while (isDigit(text.charCodeAt(at)));
    if (at === 20) return false;
  }
  const offset = offsetMinutes(text, at);
  if (Number.isNaN(offset)) return false;
  return second < 60 || (hour * 60 + minute - offset + 2 * DAY) % DAY === DAY - 1;
}

/**
 * The point in time of a text that `isDateTime` takes: epoch milliseconds, with what is finer as a fraction. A leap second
 * counts as the next one. NaN for any other text. Allocates nothing.
 */
export function instantOf(text: string): number {
  if (!isDateTime(text)) return Number.NaN;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const days = daysSinceEpoch(year, twoDigits(text, 5), twoDigits(text, 8));
  const minutes = twoDigits(text, 11) * 60 + twoDigits(text, 14);
  let at = 19;
  let fraction = 0;
  if (text.charCodeAt(at) === DOT) {
    let weight = 100;
    for (at++; isDigit(text.charCodeAt(at)); at++) {
      fraction += (text.charCodeAt(at) - 0x30) * weight;
      weight /= 10;
    }
  }
  return ((days * DAY + minutes - offsetMinutes(text, at)) * 60 + twoDigits(text, 17)) * 1000 + fraction;
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
function offsetMinutes(text: string, at: number): number {
  const first = text.charCodeAt(at);
  const rest = text.length - at - 1;
  if ((first | 0x20) === 0x7a) return rest === 0 ? 0 : Number.NaN;
  if (first !== 0x2b && first !== DASH) return Number.NaN;
  const hours = twoDigits(text, at + 1);
  let minutes = 0;
  if (rest === 4) minutes = twoDigits(text, at + 3);
  else if (rest === 5) minutes = text.charCodeAt(at + 3) === COLON ? twoDigits(text, at + 4) : -1;
  else if (rest !== 2) return Number.NaN;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN;
  return (hours * 60 + minutes) * (first === DASH ? -1 : 1);
}

function daysIn(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The number of two digits at `at`, or -1. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
