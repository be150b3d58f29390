import { existsSync, linkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { event } from './events.js';
import { handMadeServer, json } from './hand-made-server.js';
import { Place, sandbox } from './harness.js';

/** What a spreadsheet makes of a table (RFC 4180). */
function rowsOf(text: string): string[][] {
  expect(text.startsWith('\uFEFF')).toBe(true);
  const rows: string[][] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  let row: string[] = [];
  for (cell.lastIndex = 1; cell.lastIndex < text.length; ) {
    const [, quoted, plain, end] = cell.exec(text)!;
    row.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

const HEAD = ['file', 'entry', 'line', 'element', 'reason', 'field', 'advice'];

it('the table of rejects has a row for each, with place, reason, field and advice, and nothing of the record', async () => {
  const place = new Place();
  const server = await sandbox();
  const secret = 'someone-secret@example.com';
  place.write('=evil,"x".jsonl', [
    event(1),
    `{"id":"2","created_at":"2024-03-01T08:00:00Z","user":{},"consents":{"purposes":[]}}`,
    `not json ${secret}`,
    event(3, 'p', `,"metadata":{}`).replace('"enabled":true', `"enabled":"${secret}"`),
  ]);
  place.write('array.json', `[${event(4)},\n{"user":"${secret}"}]`);

  const run = await place.import(server.url, [
    '=evil,"x".jsonl',
    'array.json',
    '--rejects-csv',
    'r.csv',
    '--max-rejects',
    'none',
  ]);

  expect(run.exitCode).toBe(1);
  const text = place.read('r.csv');
  const [head, ...rows] = rowsOf(text);
  expect(head).toEqual(HEAD);
  expect(rows).toEqual([
    [
      `'=evil,"x".jsonl`,
      '',
      '2',
      '',
      'schema_violation',
      '/user',
      'must have id or organization_user_id. Correct this field.',
    ],
    [`'=evil,"x".jsonl`, '', '3', '', 'invalid_json', '', 'not valid JSON. Correct the JSON of this record.'],
    [
      `'=evil,"x".jsonl`,
      '',
      '4',
      '',
      'schema_violation',
      '/consents/purposes/*/enabled',
      'must be boolean or null. Correct this field.',
    ],
    [
      'array.json',
      '',
      '2',
      '2',
      'schema_violation',
      '',
      "must have required property 'consents' (and 1 more, see the rejects file). Correct this field.",
    ],
  ]);
  expect(run.summary.events.rejected).toBe(rows.length);
  expect(text).not.toContain('secret');
});

it('the table says nothing that the platform said, for that may quote the record', async () => {
  const place = new Place();
  const server = await handMadeServer({
    events: (_, response) => json(response, 400, { message: 'bad value someone@example.com' }),
  });
  place.write('events.jsonl', [event(1)]);

  const run = await place.import(server.url, ['events.jsonl', '--rejects-csv', 'r.csv']);

  expect(run.exitCode).toBe(1);
  const rows = rowsOf(place.read('r.csv'));
  expect(rows[1]?.slice(0, 6)).toEqual(['events.jsonl', '', '1', '', 'refused', '']);
  expect(place.read('r.csv')).not.toContain('example.com');
});

it('the table is made also where nothing is rejected, and by validate and a dry run', async () => {
  const place = new Place();
  place.write('good.jsonl', [event(1)]);
  place.write('bad.jsonl', ['{}']);
  const validated = await place.run(['validate', 'good.jsonl', '--target', 'didomi', '--rejects-csv', 'v.csv']);
  const tried = await place.run(['import', 'bad.jsonl', '--sandbox', '-n', '--rejects-csv', 'n.csv']);
  expect([validated.exitCode, tried.exitCode]).toEqual([0, 1]);
  expect(rowsOf(place.read('v.csv'))).toEqual([HEAD]);
  expect(rowsOf(place.read('n.csv'))).toHaveLength(2);
});

it('a table that would replace an input is refused, also under another name of that file', async () => {
  const place = new Place();
  place.write('events.jsonl', [event(1)]);
  linkSync(join(place.cwd, 'events.jsonl'), join(place.cwd, 'hard.csv'));
  symlinkSync(join(place.cwd, 'events.jsonl'), join(place.cwd, 'soft.csv'));
  for (const table of ['events.jsonl', './events.jsonl', 'hard.csv', 'soft.csv']) {
    const run = await place.run(['import', 'events.jsonl', '--sandbox', '--rejects-csv', table]);
    expect([run.exitCode, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toBe(
      'error[output_is_input]: --rejects-csv events.jsonl is also an input: it would be replaced. Name another file.\n',
    );
  }
  expect(place.read('events.jsonl')).toBe(`${event(1)}\n`);
});

it('a table that can not be opened ends the command before anything is sent', async () => {
  const place = new Place();
  const server = await sandbox();
  place.write('events.jsonl', [event(1)]);
  const run = await place.import(server.url, ['events.jsonl', '--rejects-csv', 'no/such/folder.csv']);
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain(
    `error[cant_write_output]: --rejects-csv ${join(place.cwd, 'no/such/folder.csv')}: can't write there (ENOENT). Check the folder and its permissions.\n`,
  );
  expect(server.events()).toEqual([]);
});

it.runIf(existsSync('/dev/full'))('a table that can not be written is a warning, and the import goes on', async () => {
  const place = new Place();
  const server = await sandbox();
  place.write('events.jsonl', [event(1), '{}']);
  const run = await place.import(server.url, ['events.jsonl', '--rejects-csv', '/dev/full']);
  expect(run.exitCode).toBe(1);
  expect(run.said).toContain(
    'warning[output_failed]: --rejects-csv /dev/full was not written (ENOSPC). The import itself is not affected.',
  );
  expect(run.summary.events).toMatchObject({ delivered: 1, rejected: 1 });
});

it('a table that would replace another file of the run is refused', async () => {
  const place = new Place();
  place.write('events.jsonl', [event(1)]);
  const run = await place.run(['import', 'events.jsonl', '--sandbox', '--rejects', 'r', '--rejects-csv', './r']);
  expect([run.exitCode, run.stdout]).toEqual([2, '']);
  expect(run.stderr).toBe(
    `error[output_is_input]: --rejects-csv would replace ${join(place.cwd, 'r')}, which this run reads or writes. Name another file.\n`,
  );
});
