import type { InputDamage } from '../../core/input.js';
import type { GzipDamage } from './gzip.js';
import type { LinePosition } from './line-tally.js';
import type { Format } from './signature.js';

/** What to do about a file that is not whole. */
export const AGAIN = 'Get the file again and run the same command';
export const NOT_TWICE = 'what was delivered is not sent twice';

/** What may be imported of a damaged gzip input: bytes to keep, and how many lines that is. */
export interface IntactPart {
  readonly bytes: number;
  readonly lines: number;
}

/**
 * The rule for damaged gzip. Cut off: the whole lines before the cut. A member that fails its check: the whole lines of
 * the members before it. Garbage behind the last member: everything before the garbage.
 */
export function intactPart(code: GzipDamage['code'], seen: LinePosition, verified: LinePosition): IntactPart {
  if (code === 'cut_off') return { bytes: seen.wholeLineBytes, lines: seen.lines };
  if (code === 'damaged') return { bytes: verified.wholeLineBytes, lines: verified.lines };
  return { bytes: verified.bytes, lines: verified.lines + (verified.bytes > verified.wholeLineBytes ? 1 : 0) };
}

/** Damage of a gzip input, as the check before the import, or the import itself, found it. */
export function gzipDamage(path: string, damage: GzipDamage, intact: IntactPart): InputDamage {
  const where = intact.lines > 0 ? `after line ${count(intact.lines)}` : 'before the end of its first line';
  const what = {
    cut_off: `is cut off ${where}: the rest of it is missing`,
    damaged: `is damaged ${where}: ${damage.what}`,
    trailing_garbage: `goes on ${where} with bytes that are not gzip`,
  }[damage.code];
  const next = intact.lines > 0 ? `${AGAIN}; ${NOT_TWICE}.` : `Nothing in it can be imported. ${AGAIN}.`;
  return { code: damage.code, message: `${path} ${what}. ${next}` };
}

/** Adds which lines an input that was not checked first gave away before its damage was found. */
export function withUncheckedLines(damage: InputDamage, verified: LinePosition, seen: LinePosition): InputDamage {
  if (seen.lines === verified.lines) return damage;
  const [first, last] = [verified.lines + 1, seen.lines];
  const lines = first === last ? `Line ${count(first)}` : `Lines ${count(first)} to ${count(last)}`;
  return {
    code: damage.code,
    message: `${damage.message} ${lines} left unchecked, for the input was not checked before it was read: compare with the good file.`,
  };
}

/** What the system says of a file or folder that can't be opened, listed or read. `bytes`: stored bytes read before. */
export function unreadable(path: string, code: string | undefined, bytes = 0): InputDamage {
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return { code: 'missing', message: `${path} does not exist. Check the path.` };
  }
  const where = bytes > 0 ? ` past byte ${count(bytes)}` : '';
  const [what, next] = SYSTEM_ERRORS[code ?? ''] ?? ['the system refused', 'Look at the file, then run again'];
  return { code: 'unreadable', message: `${path} can't be read${where}: ${what} (${code ?? 'no code'}). ${next}.` };
}

const SYSTEM_ERRORS: Readonly<Record<string, readonly [what: string, next: string]>> = {
  EACCES: ['permission denied', 'Let this user read it, then run again'],
  EPERM: ['permission denied', 'Let this user read it, then run again'],
  EISDIR: ['it is a folder now', 'Look at the path, then run again'],
  EIO: ['the disk failed', 'Copy the file to a sound disk, then run again'],
  ELOOP: ['its links lead in a circle', 'Repair the link, then run again'],
  EMFILE: ['too many files are open', 'Raise the limit (ulimit -n), then run again'],
  ENFILE: ['too many files are open', 'Close other programs, then run again'],
  ESTALE: ['the network share changed', 'Mount it again, then run again'],
  ENXIO: ['it is a socket or a device without a driver', 'Name a file'],
};

/** An input that its first bytes show to be something else. `inGzip`: they were found when it was decompressed. */
export function notImportable(path: string, format: Format & { kind: 'refused' }, inGzip: boolean): InputDamage {
  const name = `${format.name}${inGzip ? ', compressed with gzip' : ''}`;
  return { code: 'not_importable', message: `${path} seems to be ${name}: ${format.advice}.` };
}

/** A zip archive that can't be read from its end to its start. */
export function zipReadOnce(path: string): InputDamage {
  return {
    code: 'read_once',
    message: `${path} brings a zip archive, which can't be read as a stream. Store it in a file and import that.`,
  };
}

/** An input that changed while it was read, or between the check and the import. */
export function changed(path: string): InputDamage {
  return {
    code: 'changed',
    message: `${path} changed while it was read. Wait until it is written to its end, then run the same command; ${NOT_TWICE}.`,
  };
}

/** `1,204` */
export function count(number: number): string {
  return number.toLocaleString('en-US');
}
