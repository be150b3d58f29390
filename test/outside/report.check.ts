import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detailsOfProblems } from '../../src/cli/report/details.js';
import { reportHtml } from '../../src/cli/report/report.js';
import { HOSTILE, troubledRun } from '../cli/report/summary.js';
import { startChromium } from './chromium.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** `SCREENSHOTS=folder npm run test:browser` leaves pictures and PDFs there, to be looked at. */
const SCREENSHOTS = process.env['SCREENSHOTS'];

const { summary, details } = troubledRun();
const longName = `exports/${'a-very-long-name-without-any-place-to-break'.repeat(6)}.jsonl.gz`;
const PAGES: Readonly<Record<string, string>> = {
  troubled: reportHtml(summary, details),
  kept: reportHtml(summary),
  refused: reportHtml({ ...summary, files: [], reason: 'usage' }, detailsOfProblems([{ code: 'c', text: 'no' }])),
  long: reportHtml(
    {
      ...summary,
      files: summary.files.map((file) => ({ ...file, path: longName, read: 123_456_789_012 })),
      settings: { ledger: `/${longName}` },
      rejectsFile: `/${longName}`,
    },
    { ...details, said: [longName], damages: [longName, longName] },
  ),
};

const LOOKS = [
  ['desktop, light', 1280, 'light'],
  ['desktop, dark', 1280, 'dark'],
  ['phone, light', 375, 'light'],
  ['phone, dark', 375, 'dark'],
  ['small phone, light', 320, 'light'],
] as const;

describe('the report in a real browser', () => {
  let browser: Browser;
  const folder = mkdtempSync(join(tmpdir(), 'consent-import-browser-'));
  beforeAll(async () => {
    browser = await startChromium();
    for (const [name, page] of Object.entries(PAGES)) writeFileSync(join(folder, `${name}.html`), page);
    if (SCREENSHOTS !== undefined) mkdirSync(SCREENSHOTS, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page, and keeps what goes wrong in it. */
  async function open(
    name: string,
    width: number,
    colorScheme: 'light' | 'dark',
  ): Promise<{ readonly page: Page; readonly told: readonly string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const told: string[] = [];
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(String(error)));
    page.on('dialog', (dialog) => told.push(`dialog: ${dialog.message()}`));
    page.on('request', (request) => {
      if (request.url() !== page.url() && !request.isNavigationRequest()) told.push(`loads ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
    return { page, told };
  }

  describe.each(Object.keys(PAGES))('(%s)', (name) => {
    it.each(LOOKS)(
      'renders on a %s, without an error, a request, or anything to scroll to the side',
      async (look, width, colors) => {
        const { page, told } = await open(name, width, colors);
        if (SCREENSHOTS !== undefined) {
          await page.screenshot({
            path: join(SCREENSHOTS, `${name}-${look.replaceAll(/\W+/g, '-')}.png`),
            fullPage: true,
          });
        }
        expect(told).toEqual([]);
        expect(await page.locator('h1').isVisible()).toBe(true);
        expect(await sideways(page)).toEqual([]);
        const more = page.locator('summary');
        if ((await more.count()) > 0) {
          await more.focus();
          await page.keyboard.press('Enter');
          expect(await page.locator('details table').isVisible()).toBe(true);
          expect(await sideways(page)).toEqual([]);
        }
        await page.close();
      },
    );

    it.each(LOOKS)('can be read by everybody on a %s: contrast, headings, tables, names', async (_, width, colors) => {
      const { page } = await open(name, width, colors);
      await page.evaluate(AXE);
      const { violations, passes } = await page.evaluate<AxeResults>('axe.run()');
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => [id, String(target), failureSummary]),
      );
      expect(found).toEqual([]);
      // It did look at what matters here.
      expect(passes.map(({ id }) => id)).toEqual(
        expect.arrayContaining(['color-contrast', 'html-has-lang', 'heading-order']),
      );
      await page.close();
    });

    it.each(['light', 'dark'] as const)('prints dark on white from a %s screen', async (colors) => {
      const { page, told } = await open(name, 1280, colors);
      const pdf = await page.pdf({ format: 'A4' });
      if (SCREENSHOTS !== undefined) writeFileSync(join(SCREENSHOTS, `${name}-${colors}.pdf`), pdf);
      const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? [];
      expect(pages.length).toBeGreaterThan(0);
      expect(pages.length).toBeLessThan(name === 'refused' ? 4 : 12);
      await page.emulateMedia({ media: 'print', colorScheme: colors });
      await page.setViewportSize({ width: 680, height: 900 });
      expect(
        await page.evaluate('[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]'),
      ).toEqual(['rgb(255, 255, 255)', 'rgb(28, 32, 36)']);
      expect(await sideways(page)).toEqual([]);
      expect(told).toEqual([]);
      await page.close();
    });
  });

  it.each(['light', 'dark'] as const)(
    'draws its plots so that they are seen on a %s page, and named',
    async (colors) => {
      const { page } = await open('troubled', 1280, colors);
      const plots = page.locator('svg[role=img]');
      expect(await plots.count()).toBeGreaterThan(5);
      const drawn = await page.evaluate<readonly (readonly [string, boolean, number])[]>(DRAWN);
      expect(drawn.length).toBeGreaterThan(8);
      expect(drawn.filter(([, isNamed, width]) => !isNamed || width === 0)).toEqual([]);
      const seen = await page.evaluate<readonly [string, number][]>(NON_TEXT_CONTRAST);
      expect(seen.length).toBeGreaterThan(5);
      expect(seen.filter(([, ratio]) => ratio < 3)).toEqual([]);
      await page.close();
    },
  );

  it('shows a hostile file name as text', async () => {
    const { page, told } = await open('troubled', 1280, 'light');
    expect(await page.locator('bdi', { hasText: HOSTILE }).first().isVisible()).toBe(true);
    expect(await page.locator('script').count()).toBe(0);
    expect(told).toEqual([]);
    await page.close();
  });

  it('would run no script, even if one had got into it', async () => {
    const planted = PAGES['troubled']!.replace('</main>', '<script>document.title = "owned";</script></main>');
    writeFileSync(join(folder, 'planted.html'), planted);
    const { page, told } = await open('planted', 1280, 'light');
    expect(await page.title()).not.toBe('owned');
    expect(told.join('\n')).toContain('Content Security Policy');
    await page.close();
  });
});

/** What sticks out at the side, by what it is. */
function sideways(page: Page): Promise<readonly string[]> {
  return page.evaluate<readonly string[]>(`(() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    const out = [...document.body.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > wide + 1);
    return ['the page', ...out.map((each) => each.tagName + '.' + each.getAttribute('class'))];
  })()`);
}

/** Each line and row of bars: does its drawing have name and description, and how wide is it? */
const DRAWN = `[...document.querySelectorAll('svg[role=img] :is(.line, .bar)')].map((mark) => {
  const ids = mark.ownerSVGElement.getAttribute('aria-labelledby').split(' ');
  const isNamed = ids.length === 2 && ids.every((id) => document.getElementById(id)?.textContent !== '');
  return [ids.join(' '), isNamed, mark.getBBox().width];
})`;

/** Contrast (WCAG 2) of what is drawn against the page. */
const NON_TEXT_CONTRAST = `(() => {
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map((part) => {
      const c = part / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const page = light(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll('.line, .bar, .share rect')].map((mark) => {
    const { stroke, fill } = getComputedStyle(mark);
    const own = light(stroke === 'none' ? fill : stroke);
    return [mark.outerHTML.slice(0, 40), (Math.max(own, page) + 0.05) / (Math.min(own, page) + 0.05)];
  });
})()`;
