import { describe, expect, it } from 'vitest';
import { detailsOfProblems } from '../../../src/cli/report/details.js';
import { reportHtml } from '../../../src/cli/report/report.js';
import { END_REASONS } from '../../../src/core/run.js';
import { newTally } from '../../../src/core/tally.js';
import { HOSTILE, troubledRun } from './summary.js';

/** What is read of a page, in its order, on one line. */
function textOf(page: string): string {
  const text = page
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replaceAll(/<(?:title|desc)[^>]*>[\s\S]*?<\/(?:title|desc)>/g, '')
    .replaceAll(/<[^>]+>/g, ' ');
  const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' } as const;
  return text
    .replaceAll(/&(?:lt|gt|quot|#39|amp);/g, (entity) => entities[entity as keyof typeof entities])
    .replaceAll(/\s+/g, ' ');
}

describe('the report', () => {
  it('says what was not read before it tells how much was', () => {
    const { summary, details } = troubledRun();
    const text = textOf(reportHtml(summary, details));
    const notRead = text.indexOf(`NOT READ: about 50 % of ${HOSTILE} and 1 more file`);
    expect(notRead).toBeGreaterThan(0);
    expect(notRead).toBeLessThan(text.indexOf('9,890 of 10,000 records'));
    expect(text).toContain(
      '9,890 of 10,000 records that were read are at the platform; 60 rejected, 10 in doubt, 40 not delivered.',
    );
  });

  it('tells from where, to where and when, without the secrets of an address', () => {
    const { summary, details } = troubledRun();
    const page = reportHtml(summary, details);
    expect(textOf(page)).toContain(
      'From 3 files To Didomi Organization acme Address https://api.example/v1 Began 2026-01-02 03:04:05 UTC ' +
        'Ended 2026-01-02 03:07:25 UTC , after 3 min 20 s Run 20260102T030405Z-abcdef Started by ada on engine ' +
        'Ledger /state/l',
    );
    expect(page).not.toContain('pw@');
    expect(page).not.toContain('key=1');
  });

  it('tells the collection point of receipts, which the summary has no place for', () => {
    const { summary, details } = troubledRun({
      destination: { target: 'onetrust', apiUrl: 'https://onetrust.example/request/v1', organization: undefined },
    });
    const text = textOf(reportHtml(summary, { ...details, owner: 'collection point 4711 of tenant 12' }));
    expect(text).toContain(
      'To OneTrust For collection point 4711 of tenant 12 Address https://onetrust.example/request/v1',
    );
  });

  it('counts by outcome, with the sum, and by file', () => {
    const { summary, details } = troubledRun();
    const text = textOf(reportHtml(summary, details));
    expect(text).toContain(
      '10,000 read = 8,990 delivered + 900 duplicate + 60 rejected + 10 in doubt + 40 undelivered. ' +
        'The program checked this sum, in total and for each file: no record was lost on the way.',
    );
    expect(text).toContain('Delivered The platform confirmed in this run that it has the record. 8,990 89.9 %');
    expect(text).toContain('880 delivered by an earlier run, 20 repeated in the input. 900 9.0 %');
    expect(text).toContain(
      `in/events-1.jsonl.gz 4.0 KiB SHA-256 ${'ab'.repeat(32)} partly delivered 9,000 8,000 900 60 0 40`,
    );
    expect(text).toContain(
      `${HOSTILE} 1.0 KiB of 2.0 KiB read ${HOSTILE} is cut off after line 1,000: the rest of it is missing. ` +
        'damaged or unreadable 1,000 990 0 0 10 0',
    );
    expect(text).toContain('standard input 0 B read not reached 0 0 0 0 0 0');
  });

  it('says so when the sum is wrong', () => {
    const { summary } = troubledRun();
    const wrong = { ...summary, events: { ...summary.events, delivered: 8_989 } };
    const text = textOf(reportHtml(wrong));
    expect(text).toContain('This sum is wrong. That is a fault of the program; do not rely on these numbers.');
    expect(text).not.toContain('no record was lost');
  });

  it('lists rejects by reason with their lines, in the order of the file, and how many more there are', () => {
    const { summary, details } = troubledRun();
    const text = textOf(reportHtml(summary, details));
    expect(text).toContain(
      'not valid JSON 57 in/events-1.jsonl.gz , lines 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, ' +
        '1010, 1011, 1012, 1013, 1014, 1015, 1016, 1017, 1018, 1019 and 37 more records',
    );
    expect(text).toContain(
      `/user: the target refused it: 400 BadRequest 3 in/a.zip/b.json , lines 1 (element 1), 3 (element 2) ${HOSTILE} , line 12`,
    );
    expect(text).toContain('/srv/r.jsonl . That file may hold personal data; this report does not.');
    expect(text).toContain('in/events-1.jsonl.gz , line 77 and 1 more record older_than_previous 2');
  });

  it('tells how the run went: requests, retries, waits and how requests ended', () => {
    const { summary, details } = troubledRun();
    const text = textOf(reportHtml(summary, details));
    expect(text).toContain('Trouble 21 sent again, 9 refused for their rate, 4 split to find refused records');
    expect(text).toContain('Requests sent again: 21');
    expect(text).toContain('Answers that said "too many requests": 9');
    expect(text).toContain('Waiting for the platform to recover: 40 s');
    expect(text).toContain('Waiting because the platform asked for it: 0.5 s');
    expect(text).toContain(
      'Answered with status 200 100 Answered with status 429 9 No whole answer in time (--timeout) 21',
    );
  });

  it('breaks a line where nothing was measured, and holds it over each stretch where something was', () => {
    const { summary, details } = troubledRun();
    const samples = details.recording!.samples.slice(0, 3).map((sample, i) => ({
      ...sample,
      concurrency: [2, 4, 1][i]!,
      inFlight: 0,
      latencies: i === 1 ? details.recording!.samples[100]!.latencies : sample.latencies,
    }));
    const page = reportHtml(summary, { ...details, recording: { samples, requestEnds: new Map() } });
    const [concurrency] = /<svg[^>]*concurrency-title[\s\S]*?<\/svg>/.exec(page)!;
    expect(concurrency).toContain('d="M0 50H333.3V0H666.7V75H1000"');
    const [latency] = /<svg[^>]*latency-title[\s\S]*?<\/svg>/.exec(page)!;
    expect(latency).toMatch(/class="line solid" d="M0 [\d.]+H333\.3M666\.7 [\d.]+H1000"/);
  });

  it('says what a plot shows, for those who can not see it', () => {
    const { summary, details } = troubledRun();
    expect(reportHtml(summary, details)).toContain(
      '<desc id="concurrency-text">In flight: from 0 to 6, at the end 6. ' +
        'Allowed by what the platform was found to take: from 1 to 6, at the end 6.</desc>',
    );
  });

  it('runs no script, loads nothing, and holds no markup of a value', () => {
    const { summary, details } = troubledRun();
    const page = reportHtml(summary, details);
    expect(page).not.toMatch(/<script|javascript:|\son\w+=|<link|<img|<iframe|src=|href=|@import|url\(/i);
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    );
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;.jsonl.gz');
    expect(page).toContain('/state/&lt;b&gt;');
  });

  it('has less where only a summary was kept, and says what is missing', () => {
    const { summary } = troubledRun();
    const page = reportHtml(summary);
    expect(textOf(page)).toContain(
      'How the run went over time was not kept: only the report that a run writes itself has it.',
    );
    expect(textOf(page)).toContain('NOT READ: about 50 % of');
    expect(textOf(page)).toContain('Not valid JSON invalid_json 57');
    expect(page).not.toContain('role="img"');
  });

  it('of a command that was refused says why, and counts nothing', () => {
    const tally = newTally();
    const { summary } = troubledRun({
      result: { stop: undefined, complete: false, tally },
      verdict: { exitCode: 2, reason: 'usage' },
      rejectsFile: undefined,
    });
    const problems = [{ code: 'unknown_option', text: "unknown option '--nope'" }];
    const text = textOf(reportHtml(summary, detailsOfProblems(problems)));
    expect(text).toContain(
      "Not started: wrong settings No record was read. The program said: unknown option '--nope' Exit code 2 ( usage )",
    );
    expect(text).not.toMatch(/NOT READ|What became of the records|How the run went/);
  });

  it('of a check calls records valid that passed, and leaves out what can not be', () => {
    const tally = newTally();
    const file = { read: 5, duplicate: 1, undelivered: 4 };
    Object.assign(tally.events, file);
    tally.duplicates.input = 1;
    const { summary } = troubledRun({ command: 'validate', verdict: { exitCode: 0, reason: 'completed' } });
    const checked = { ...summary, complete: true, events: tally.events, files: summary.files.slice(0, 1) };
    const text = textOf(reportHtml(checked));
    expect(text).toContain('Every record is valid A check only: nothing was sent. 4 of 5 records could be imported.');
    expect(text).toContain('5 read = 1 duplicate + 0 rejected + 4 valid.');
  });

  it.each(END_REASONS)('has words for a run that ended with %s', (reason) => {
    const { summary, details } = troubledRun({ verdict: { exitCode: 1, reason } });
    expect(textOf(reportHtml(summary, details))).toMatch(
      /Import of consent records into Didomi [\d-]+ [\d:]+ UTC [✓!✕] [A-Z]/,
    );
  });

  it('of very many files lists those first that need a look', () => {
    const { summary } = troubledRun();
    const [file] = summary.files;
    const many = Array.from({ length: 700 }, (_, i) => ({ ...file!, path: `f${i}`, state: 'complete' as const }));
    const files = [...many, { ...file!, path: 'the-bad-one', state: 'unreadable' as const }];
    const text = textOf(reportHtml({ ...summary, files }));
    expect(text.indexOf('the-bad-one 4.0 KiB')).toBeLessThan(text.indexOf(' f0 4.0 KiB'));
    expect(text).toContain('201 more files are not listed here; the summary ( --summary-file ) has all of them.');
  });
});
