/**
 * Parses JSON so that two numbers come out equal only if they are: those that JavaScript would round (19 digits, say)
 * come out as texts that begin with U+0000 and hold every digit. `1.0` and `1` are equal, and so are `100` and `1e2`.
 * @throws {SyntaxError}
 */
export function parseExactly(text: string): unknown {
  let marked = '';
  let done = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = afterString(text, at);
      continue;
    }
    if (code !== MINUS && (code < ZERO || code > NINE)) {
      at += 1;
      continue;
    }
    NUMBER.lastIndex = at;
    const token = NUMBER.exec(text)?.[0] ?? text[at]!;
    const mark = markOf(token);
    if (mark !== undefined) {
      marked += text.slice(done, at) + mark;
      done = at + token.length;
    }
    at += token.length;
  }
  return JSON.parse(marked + text.slice(done));
}

const QUOTE = 0x22;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
/** RFC 8259 section 6. */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Decimals of so many digits stay apart as doubles (IEEE 754, DBL_DIG), within the exponents of normal numbers. */
const EXACT_DIGITS = 15;
const EXACT_EXPONENT = 290;

function afterString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}

/** What stands for a number that a double can't hold: its sign, its digits, and the exponent of the last one. */
function markOf(token: string): string | undefined {
  if (token.length <= EXACT_DIGITS && !/[eE]/.test(token)) return undefined;
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  const exponent = Number(power) - fraction.length + (digits.length - significant.length);
  if (significant.length <= EXACT_DIGITS && Math.abs(exponent) <= EXACT_EXPONENT) return undefined;
  return `"\\u0000${sign}${significant}e${exponent}"`;
}
