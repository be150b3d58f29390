import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { demoToken } from '../../src/sandbox/sandbox.js';
import { type Ended, Place, sandbox } from './harness.js';

/** A line of the fixture; `onetrust-broken.js` tells what must become of it. */
interface Line {
  readonly what: string;
  readonly line: string;
  readonly fate: string;
  readonly path?: string;
  readonly finding?: string;
}

interface RejectLine {
  readonly rejected: {
    readonly file: string;
    readonly line: number;
    readonly reason: string;
    readonly errors: readonly { readonly path: string; readonly message: string }[];
  };
  readonly event: unknown;
}

const folder = new URL('../../fixtures/', import.meta.url);
const { brokenReceipts, receiptsWithTokens } = (await import(new URL('onetrust-broken.js', folder).href)) as Record<
  'brokenReceipts' | 'receiptsWithTokens',
  () => Line[]
>;

const CASES = [
  { fixture: 'onetrust-broken.jsonl.gz', lines: brokenReceipts(), token: demoToken() },
  { fixture: 'onetrust-own-tokens.jsonl.gz', lines: receiptsWithTokens(), token: '' },
];
const REASONS = ['schema_violation', 'no_identity'];
const isRejected = ({ fate }: Line): boolean => REASONS.includes(fate);

describe.each(CASES)('every mistake of $fixture', ({ fixture, lines, token }) => {
  const bytes = readFileSync(new URL(fixture, folder));
  const env = { ONETRUST_COLLECTION_POINT_TOKEN: token };

  async function importIt(
    more: readonly string[] = [],
  ): Promise<Ended & { readonly rejects: RejectLine[]; taken: number }> {
    const place = new Place();
    // Also one that can not be decoded: what it stands for is OneTrust's affair.
    const server = await sandbox({ onetrust: { acceptsToken: () => true } });
    const input = place.write('in.jsonl.gz', bytes);
    const where = ['--target', 'onetrust', '--api-url', server.oneTrustUrl, '--new-ledger', '--json'];
    const args = ['import', input, ...where, '--rejects', 'rejects.jsonl', '--max-rejects', 'none', ...more];
    const ended = await place.run(args, { env });
    const rejects = place.read('rejects.jsonl').trimEnd().split('\n');
    return {
      ...ended,
      rejects: rejects.map((line) => JSON.parse(line) as RejectLine),
      taken: server.stats().receipts.taken,
    };
  }

  it('is rejected with its line, its field and what to do, and none of them is sent', async () => {
    const { exitCode, summary, rejects, taken, stdout, stderr } = await importIt();
    const expected = lines.flatMap((line, i) =>
      isRejected(line)
        ? [{ line: i + 1, reason: line.fate, errors: [{ path: line.path, message: line.finding }], event: line.line }]
        : [],
    );
    const told = rejects.map(({ rejected: { line, reason, errors } }, i) => {
      return { line, reason, errors, event: lines[rejects[i]!.rejected.line - 1]!.line };
    });
    expect(told).toEqual(expected);
    // As it stood in the input, so that it can be mended there.
    const texts = rejects.map(({ event }) => JSON.stringify(event));
    expect(texts).toEqual(expected.map(({ event }) => JSON.stringify(JSON.parse(event))));
    expect(exitCode).toBe(1);
    const good = lines.length - expected.length;
    expect(summary.events).toMatchObject({ read: lines.length, rejected: expected.length, delivered: good });
    expect(taken).toBe(good);
    // Neither people nor tokens are told anywhere but in the rejects file.
    expect(stdout + stderr).not.toContain('@example.com');
    expect(stdout + stderr).not.toContain(demoToken().split('.')[1]);
  });

  it('is warned of where it may be sent, which --strict rejects too', async () => {
    const { summary } = await importIt();
    const warned = lines.filter((line) => !isRejected(line) && line.fate !== 'valid').map(({ fate }) => fate);
    const counts: Record<string, number> = {};
    for (const name of warned) counts[name] = (counts[name] ?? 0) + 1;
    expect(summary.warnings).toMatchObject(counts);
    const strict = await importIt(['--strict']);
    const rejected = strict.rejects.map(({ rejected: { line } }) => line);
    expect(rejected).toEqual(lines.flatMap((line, i) => (line.fate === 'valid' ? [] : [i + 1])));
  });

  it('is found by validate, without a network', async () => {
    const place = new Place();
    const input = place.write('in.jsonl.gz', gunzipSync(bytes));
    const args = ['validate', input, '--target', 'onetrust', '--json', '--max-rejects', 'none'];
    const { summary } = await place.run(args, { env });
    // To validate, records need not bring a token: it may come with the import.
    const needsToken = lines.filter(({ what }) => what === 'no token').length;
    expect(summary.events.rejected).toBe(lines.filter(isRejected).length - needsToken);
  });
});
