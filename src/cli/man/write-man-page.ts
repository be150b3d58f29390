import { readFileSync, writeFileSync } from 'node:fs';
import { COMMANDS } from '../commands/table.js';
import { manPage } from './man-page.js';

/** Run by `npm run build`: puts the man page into `dist`, where package.json names it. */
const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};
writeFileSync(new URL('../../consent-import.1', import.meta.url), manPage(COMMANDS, version));
