import { createHash } from 'node:crypto';
import type { Rejection } from '../core/rejection.js';
import type { RecordRules, TargetName } from '../core/target.js';
import { isObject } from './answer-body.js';

/** People, each by an id or by its SHA-256. Plain data, so that a list can be handed to any thread. */
export interface SubjectList {
  readonly ids: ReadonlySet<string>;
  /** In lower-case hex, of the id in UTF-8. */
  readonly hashes: ReadonlySet<string>;
}

/**
 * Reads a list of people: a subject id or the SHA-256 of one per line. A byte order mark, blank lines, and a CR at a line's
 * end do not count. Where a line can be read in two ways it counts as both, for nobody may be missed: spaces around an id
 * may belong to it or not; what looks like a hash may be an id; behind a hash may stand a name, as `sha256sum` writes it.
 */
export function readSubjectList(text: string): SubjectList {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n|\r/)
    .filter((line) => line.trim() !== '');
  const hashes = lines.flatMap((line) => HASH.exec(line.trim())?.[1]?.toLowerCase() ?? []);
  return { ids: new Set([...lines, ...lines.map((line) => line.trim())]), hashes: new Set(hashes) };
}

const HASH = /^([0-9a-f]{64})(?:\s.*)?$/i;

/**
 * The same from bytes.
 * @throws {RangeError} when they are no text in UTF-8 (UTF-16, say): read as if they were, they would name nobody
 */
export function decodeSubjectList(bytes: Uint8Array): SubjectList {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RangeError('it is no text in UTF-8');
  }
  if (text.includes('\0')) throw new RangeError('it is no text in UTF-8');
  return readSubjectList(text);
}

/** Where records name their subjects. Also in a record that breaks the rules: it may go into a file, event and all. */
const SUBJECTS: Readonly<Record<TargetName, (record: Readonly<Record<string, unknown>>) => readonly unknown[]>> = {
  didomi: ({ user }) => (isObject(user) ? [user['organization_user_id'], user['id']] : []),
  onetrust: ({ identifier }) => [identifier],
};

const EXCLUDED: Rejection = {
  reason: 'excluded',
  errors: [{ path: '', message: 'is about a person of --exclude-subjects' }],
};

/** The same rules, but what is about one of these people is rejected as `excluded`, before anything else is looked at. */
export function excluding(rules: RecordRules, target: TargetName, list: SubjectList): RecordRules {
  return sorted(rules, target, list, true);
}

/** The same rules for what is about one of these people; all other records are rejected as `excluded`. */
export function onlyAbout(rules: RecordRules, target: TargetName, list: SubjectList): RecordRules {
  return sorted(rules, target, list, false);
}

function sorted(rules: RecordRules, target: TargetName, list: SubjectList, excludesListed: boolean): RecordRules {
  const subjectsOf = SUBJECTS[target];
  return {
    generalPath: (path) => rules.generalPath(path),
    examine(value, bytes, start, end, into) {
      const isAboutThem = isObject(value) && subjectsOf(value).some((subject) => isListed(subject, list));
      if (isAboutThem !== excludesListed) {
        rules.examine(value, bytes, start, end, into);
        return;
      }
      into.rejection = EXCLUDED;
      into.warnings.length = 0;
    },
  };
}

function isListed(subject: unknown, { ids, hashes }: SubjectList): boolean {
  if (typeof subject !== 'string') return false;
  if (ids.has(subject)) return true;
  return hashes.size > 0 && hashes.has(createHash('sha256').update(subject).digest('hex'));
}
