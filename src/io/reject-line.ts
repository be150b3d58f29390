import { isUtf8 } from 'node:buffer';
import type { Finding, RejectReason } from '../core/rejection.js';
import type { RejectedRecord } from '../core/run.js';

/** `full`: with the record itself. `none`: without anything that the record holds. */
export type RejectsContent = 'full' | 'none';

/**
 * One line of the rejects file, with its line feed:
 * `{"rejected":{"file","line",…,"reason","errors":[{"path","message"}]},"event":<the record's own bytes>}`.
 * Where the record is no JSON, `raw` (text) or `rawBase64` stands in place of `event`; an over-long one leaves `bytes`,
 * `sha256` and its first KiB as `rawBase64`. An excluded person's record is never written. A line of an older rejects file
 * that holds no event to import stays as it is.
 */
export function rejectLine(record: RejectedRecord, content: RejectsContent): Buffer {
  const withContent = content === 'full' && record.reason !== 'excluded';
  const { content: kept } = record;
  if (kept.kind === 'rejectLine' && withContent) {
    const { bytes, start, end } = kept;
    return Buffer.concat([bytes.subarray(start, end), LINE_FEED]);
  }
  const { file, entry, line, element, index } = record.origin;
  const rejected = {
    file,
    // JSON.stringify leaves out what is undefined.
    entry,
    line,
    element,
    index,
    reason: record.reason,
    errors: findingsOf(record, withContent).map((finding) => shownFinding(finding, withContent)),
  };
  const head = Buffer.from(`{"rejected":${JSON.stringify(rejected)}`);
  return Buffer.concat([head, ...contentParts(kept, record.reason, withContent), END]);
}

/** What an older rejects file says of a record may quote it; all but the first finding come from there. */
function findingsOf({ content, errors }: RejectedRecord, withContent: boolean): readonly Finding[] {
  return content.kind === 'rejectLine' && !withContent ? errors.slice(0, 1) : errors;
}

const END = Buffer.from('}\n');
const LINE_FEED = Buffer.from('\n');

function shownFinding(finding: Finding, withContent: boolean): { path: string; message: string } {
  // What a parser or the target said verbatim may quote the record.
  const ours = finding.detail ?? finding.message;
  const message = withContent ? (finding.verbatim ?? ours) : ours;
  return { path: finding.path, message };
}

function contentParts(
  content: RejectedRecord['content'],
  reason: RejectReason,
  withContent: boolean,
): readonly Buffer[] {
  if (content.kind === 'overlong') {
    const head = withContent ? { rawBase64: base64(content.head) } : {};
    return [members({ bytes: content.length, sha256: content.sha256, ...head })];
  }
  if (!withContent || content.kind === 'rejectLine') {
    return [];
  }
  const bytes = content.bytes.subarray(content.start, content.end);
  if (reason === 'invalid_json' || reason === 'invalid_utf8' || !isUtf8(bytes)) {
    return [members(isUtf8(bytes) ? { raw: Buffer.from(bytes).toString('utf8') } : { rawBase64: base64(bytes) })];
  }
  return [Buffer.from(',"event":'), onOneLine(bytes)];
}

/** `,"a":1,"b":2`: members that follow others. */
function members(of: object): Buffer {
  return Buffer.from(`,${JSON.stringify(of).slice(1, -1)}`);
}

/** A copy of the record in which line breaks are spaces. In valid JSON they stand outside of strings only. */
function onOneLine(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  for (const lineBreak of [0x0a, 0x0d]) {
    for (let at = copy.indexOf(lineBreak); at !== -1; at = copy.indexOf(lineBreak, at + 1)) {
      copy[at] = 0x20;
    }
  }
  return copy;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
