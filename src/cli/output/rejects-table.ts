import type { RejectReason } from '../../core/rejection.js';
import type { RejectedRecord } from '../../core/run.js';
import { count } from './figures.js';

/** The columns of `--rejects-csv`: a public format. */
export const REJECTS_COLUMNS = ['file', 'entry', 'line', 'element', 'reason', 'field', 'advice'] as const;

/**
 * One rejected record as a row: where it stands, what is wrong with which field, and what to do. It holds nothing of the
 * record: neither its values, nor free keys, nor what a parser or the target said verbatim.
 * @param generalPath makes of a finding's path one that may be shown
 */
export function rejectsRow(
  { origin, reason, errors }: RejectedRecord,
  generalPath: (path: string) => string,
): readonly string[] {
  const [first, ...more] = errors;
  const message = first?.detail ?? first?.message ?? '';
  const others = more.length === 0 ? '' : ` (and ${count(more.length)} more, see the rejects file)`;
  return [
    origin.file,
    origin.entry ?? '',
    String(origin.line),
    origin.element === undefined ? '' : String(origin.element),
    reason,
    generalPath(first?.path ?? ''),
    [message === '' ? '' : `${message}${others}`, ADVICE[reason]].filter((part) => part !== '').join('. '),
  ];
}

const ADVICE: Readonly<Record<RejectReason, string>> = {
  line_too_long: 'Raise --max-line-bytes, or shorten the record.',
  invalid_utf8: 'Convert the file to UTF-8.',
  invalid_json: 'Correct the JSON of this record.',
  schema_violation: 'Correct this field.',
  no_identity: 'Give the record an id or a date.',
  wrong_organization: 'Import it into the organization that it names.',
  conflicting_duplicate: 'Give it an id of its own, or drop it.',
  excluded: 'Nothing to do: this person is on the list of --exclude-subjects.',
  refused: 'Correct what the platform says in the rejects file.',
};
