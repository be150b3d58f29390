import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BINARY, Place } from './harness.js';

/** Tells on stderr each file that is loaded, however it is imported. */
const HOOKS = `
  import { writeSync } from 'node:fs';
  export async function load(url, context, next) {
    if (url.startsWith('file:')) writeSync(2, 'LOADED ' + url + '\\n');
    return next(url, context);
  }`;

function loadedFor(args: readonly string[]): readonly string[] {
  const place = new Place();
  const register = place.write(
    'register.mjs',
    `import { register } from 'node:module';
     register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(HOOKS)}));`,
  );
  const ran = spawnSync(process.execPath, ['--import', `./${register}`, BINARY, ...args], {
    cwd: place.cwd,
    env: { HOME: place.home },
    encoding: 'utf8',
  });
  expect(ran.status, ran.stderr).toBe(0);
  return [...ran.stderr.matchAll(/^LOADED (\S+)$/gm)].map(([, url]) =>
    url!.replace(/^.*\/(dist|node_modules)\//, '$1/'),
  );
}

// Each file that is loaded costs about half a millisecond of start-up, and the parser of command lines ten.
it.each([
  [['--version'], 14],
  [['--help'], 16],
  [['import', '--help'], 40],
])('%j is answered with few files, and none of a package', (args, most) => {
  const loaded = loadedFor(args);
  expect(loaded).toContain(join('dist', 'cli', 'main.js'));
  expect(loaded.filter((file) => file.startsWith('node_modules/'))).toEqual([]);
  expect(loaded.length).toBeLessThanOrEqual(most);
});
