// Says at the end of `npm test` what it did not run: every script of package.json that is named test:…
import { readFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const names = Object.keys(scripts).filter((name) => name.startsWith('test:'));
process.stdout.write(`\nNot run by npm test: ${names.map((name) => `npm run ${name}`).join(', ')}\n`);
