// Says at the end of `npm test` what it did not run: every script of package.json that is named test:…
import { readFileSync } from 'node:fs';

const { scripts, 'test:about': about = {} } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);
const names = Object.keys(scripts).filter((name) => name.startsWith('test:'));
const lines = names.map((name) => `  npm run ${name}${about[name] === undefined ? '' : `   ${about[name]}`}`);
process.stdout.write(`\nNot run by npm test:\n${lines.join('\n')}\n`);
