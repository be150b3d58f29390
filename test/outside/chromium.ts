import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Starts the system's own Chromium, without a window. None is downloaded. */
export function startChromium(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? PLACES.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error('there is no Chromium: install one (Debian: apt-get install chromium), or name it in CHROMIUM');
  }
  return chromium.launch({ executablePath });
}
