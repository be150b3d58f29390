import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { event, events, idOf } from './events.js';
import { handMadeServer, json, takesAll } from './hand-made-server.js';
import { ORGANIZATION, Place, sandbox, until } from './harness.js';

const MARK = '<!doctype html>\n<!-- report of consent-import -->\n';

/** Of the verdict: its title and its exit code. */
function verdictIn(page: string): readonly (string | undefined)[] {
  expect(page.startsWith(MARK)).toBe(true);
  expect(page.endsWith('</html>\n')).toBe(true);
  return [/<p class="title">(.*?)<\/p>/.exec(page)?.[1], /Exit code (\d+)/.exec(page)?.[1]];
}

describe('--report', () => {
  it('is written on every way out', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('good.jsonl', events(3));
    place.write('bad.jsonl', ['{}']);
    place.write('file', '');
    const gone = await handMadeServer({ events: takesAll });
    await gone.close();
    const cases: readonly (readonly [number, string, readonly string[], Record<string, string>?])[] = [
      [0, 'Complete', ['good.jsonl']],
      [1, 'Finished, with rejected records', ['bad.jsonl']],
      [2, 'Not started: wrong settings', ['good.jsonl', '--batch-size', '101']],
      [2, 'Not started: wrong settings', ['good.jsonl', '--no-such-option']],
      [3, 'Finished, but not every input could be read', ['missing.jsonl']],
      [
        4,
        'Stopped: the platform refused the credentials',
        ['good.jsonl', '--ledger', 'other'],
        { DIDOMI_API_KEY: 'bad' },
      ],
      [
        5,
        'Stopped: the platform was not available',
        ['good.jsonl', '--ledger', 'other', '--give-up-after', '300ms', '--api-url', gone.url],
      ],
      [8, 'Stopped at a limit that was set', ['good.jsonl', '--ledger', 'third', '--limit', '1']],
      [9, 'Stopped: too many records were rejected', ['bad.jsonl', '--max-rejects', '0']],
      [10, 'Stopped: a disk could not be written or read', ['good.jsonl', '--ledger', 'file/below']],
    ];
    for (const [i, [exitCode, title, args, env = {}]] of cases.entries()) {
      const name = `report-${i}.html`;
      const run = await place.import(server.url, [...args, '--report', name], { env });
      expect([run.exitCode, ...verdictIn(place.read(name))], args.join(' ')).toEqual([
        exitCode,
        title,
        String(exitCode),
      ]);
    }
  });

  it('is written after a signal too, with what was in flight finished', async () => {
    const place = new Place();
    const server = await handMadeServer({
      events: (request, response) => setTimeout(() => takesAll(request, response), 100),
    });
    place.write('events.jsonl', events(3_000));
    const args = ['events.jsonl', '--report', 'r.html', '--concurrency', '1', '--batch-size', '10'];

    const run = place.startImport(server.url, args);
    await until(() => server.events.length > 3, run);
    run.signal('SIGTERM');
    const { exitCode, summary } = await run.ended;

    const page = place.read('r.html');
    expect([exitCode, ...verdictIn(page)]).toEqual([143, 'Interrupted', '143']);
    expect(page).toContain(`${summary.events.delivered} delivered + `);
    expect(summary.events.delivered).toBeGreaterThan(0);
  });

  it('is written by validate and --dry-run, without plots of requests that there were none of', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('events.jsonl', events(20));

    const checked = await place.run([
      ...['validate', '--target', 'didomi', '--organization-id', ORGANIZATION],
      ...['events.jsonl', '--report', 'v.html'],
    ]);
    const rehearsed = await place.import(server.url, ['events.jsonl', '--dry-run', '--report', 'd.html']);

    expect([checked.exitCode, ...verdictIn(place.read('v.html'))]).toEqual([0, 'Every record is valid', '0']);
    expect([rehearsed.exitCode, ...verdictIn(place.read('d.html'))]).toEqual([0, 'Ready to import', '0']);
    for (const name of ['v.html', 'd.html']) {
      const plots = [...place.read(name).matchAll(/<figcaption><h3>(\w+)/g)].map(([, title]) => title);
      expect(plots, name).toEqual(['Throughput']);
    }
  });

  it('holds what a hostile file name says as text, and nothing of an event, a person or a secret', async () => {
    const place = new Place();
    const server = await handMadeServer({
      events: (_, response) => json(response, 400, { message: 'person-1@example.com is no good', error: idOf(1) }),
    });
    const name = place.write('<script>alert(1)<!--"\'>.jsonl', [event(1), '{"person-2@example.com":', event(3)]);

    await place.import(server.url, [name, '--report', 'r.html', '--rejects', 'r.jsonl'], {
      env: { DIDOMI_API_KEY: 'the-key', DIDOMI_API_SECRET: 'the-secret' },
    });

    const page = place.read('r.html');
    expect(place.read('r.jsonl')).toContain('person-2@example.com');
    expect(page).not.toMatch(/person-|example\.com|00000000-0000|the-key|the-secret|<script|<!--"/);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;!--&quot;&#39;&gt;.jsonl');
    expect(page).toContain('the target refused it: 400');
  });

  it('replaces an earlier report, and no other file', async () => {
    const place = new Place();
    const server = await sandbox();
    const lines = events(3);
    place.write('events.jsonl', lines);
    place.write('other.txt', 'precious');
    place.write('empty.html', '');

    const first = await place.import(server.url, ['events.jsonl', '--report', 'empty.html']);
    const again = await place.import(server.url, ['events.jsonl', '--report', 'empty.html']);
    const text = await place.import(server.url, ['events.jsonl', '--report', 'other.txt']);
    const input = await place.import(server.url, ['events.jsonl', '--report', 'events.jsonl']);

    expect([first.exitCode, again.exitCode, text.exitCode, input.exitCode]).toEqual([0, 0, 2, 2]);
    expect(place.read('empty.html')).toContain('3 duplicate');
    expect(text.said).toEqual([
      `error[report_would_replace]: --report ${join(place.cwd, 'other.txt')} is there already and is no report: it would be lost. Name another file.`,
    ]);
    expect([place.read('other.txt'), place.read('events.jsonl')]).toEqual([
      'precious',
      lines.map((line) => `${line}\n`).join(''),
    ]);
  });

  it('that can not be written there, or is another output, ends the command before anything is sent', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('events.jsonl', events(3));

    const nowhere = await place.import(server.url, ['events.jsonl', '--report', 'no/such/r.html']);
    const twice = await place.import(server.url, ['events.jsonl', '--report', 's', '--summary-file', 's']);

    expect([nowhere.exitCode, twice.exitCode, server.events().length]).toEqual([2, 2, 0]);
    expect(nowhere.said).toEqual([
      `error[cant_write_output]: --report ${join(place.cwd, 'no/such/r.html')}: can't write there (ENOENT). Check the folder and its permissions.`,
    ]);
    expect(twice.said[0]).toBe(
      `error[same_output]: --report and --summary-file both name ${join(place.cwd, 's')}. Give each a file of its own.`,
    );
  });

  it('that can no longer be written at the end is a warning, and leaves nothing half-done', async () => {
    const place = new Place();
    place.write('events.jsonl', events(3));
    const folder = join(place.cwd, 'out');
    mkdirSync(folder);
    const server = await handMadeServer({
      events: (request, response) => {
        // Permissions would not stop root; a folder that is gone does.
        rmSync(folder, { recursive: true, force: true });
        takesAll(request, response);
      },
    });

    const run = await place.import(server.url, ['events.jsonl', '--report', 'out/r.html']);

    expect(run.exitCode).toBe(0);
    expect(run.said).toEqual([
      `warning[output_failed]: --report ${join(folder, 'r.html')} was not written (ENOENT). The import itself is not affected.`,
    ]);
    expect(existsSync(folder)).toBe(false);
  });

  it('is for others to read, as the umask says, and written whole or not at all', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('events.jsonl', events(3));

    await place.shell('umask 022; exec "$@"', [
      ...['import', '--target', 'didomi', '--organization-id', ORGANIZATION, '--api-url', server.url],
      ...['events.jsonl', '--report', 'r.html'],
    ]);

    expect(statSync(join(place.cwd, 'r.html')).mode & 0o777).toBe(0o644);
    expect(readdirSync(place.cwd).sort()).toEqual(['events.jsonl', 'r.html']);
  });

  it('goes into a pipe as it is', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('events.jsonl', events(3));

    const exitCode = await place.shell('mkfifo pipe; cat pipe > read.html & "$@"; code=$?; wait; exit $code', [
      ...['import', '--target', 'didomi', '--organization-id', ORGANIZATION, '--api-url', server.url],
      ...['events.jsonl', '--report', 'pipe'],
    ]);

    expect(exitCode).toBe(0);
    expect(verdictIn(place.read('read.html'))).toEqual(['Complete', '0']);
  });

  it('is made once more of what the ledger keeps, by ledger run', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('events.jsonl', [...events(3), 'x']);
    const { summary } = await place.import(server.url, ['events.jsonl', '--report', 'r.html', '--rejects', 'r.jsonl']);
    const to = ['--target', 'didomi', '--organization-id', ORGANIZATION, '--api-url', server.url];

    const told = await place.run(['ledger', 'run', summary.run, ...to, '--report', 'again.html']);
    const refused = await place.run(['ledger', 'run', summary.run, ...to, '--report', 'events.jsonl']);

    expect([told.exitCode, refused.exitCode]).toEqual([0, 2]);
    const kept = place.read('again.html');
    expect(verdictIn(kept)).toEqual(['Finished, with rejected records', '1']);
    expect(kept).toContain('only the report that a run writes itself has it');
    const ofRun = (page: string): string => page.slice(0, page.indexOf('<h2 id="how-the-run-went">'));
    expect(ofRun(kept)).toBe(ofRun(place.read('r.html')));
    expect(readFileSync(join(place.cwd, 'events.jsonl'), 'utf8')).toMatch(/x\n$/);
  });
});
