import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { buildPage } from '../sim/web/build.ts';
import { startDemo } from './start-demo.ts';
import { tally } from './tally.ts';

/**
 * `npm run pictures:everywhere -- FOLDER`: the demo's page at five widths, light and dark, before and after a
 * run, with the thread, and the Home tab. To be looked at one by one. Uses the browser in
 * CHROMIUM_PATH, or Debian's Chromium.
 */

const FOLDER = process.argv[2] ?? 'pictures';
const WIDTHS = [360, 768, 1280, 1680, 1920];
const SCHEMES = ['light', 'dark'] as const;
const MESSAGES = 60;
const PATIENCE_MS = 120_000;

mkdirSync(FOLDER, { recursive: true });
const demo = await startDemo({
  claude: { kind: 'stand-in' },
  buildPage,
  messages: MESSAGES,
  batchMs: 500,
  rateScale: 600,
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const { slack, channel, people } = demo.standIns;
  await drawAll(browser, 'before', async () => {});
  await slack.command({ command: '/classify-feedback', text: '', user: people[0], channel });
  await slack.waitFor(() => tally(slack, channel).classified >= MESSAGES, {
    timeoutMs: PATIENCE_MS,
    what: 'the run',
  });
  await drawAll(browser, 'summary', (page) =>
    page
      .getByText(/Feedback summary,/)
      .first()
      .waitFor(),
  );
  await drawAll(browser, 'thread', async (page) => {
    await page.getByRole('button', { name: 'Open the thread' }).click();
    await page.getByRole('region', { name: 'Thread' }).getByText('Claim').first().waitFor();
  });
  await drawAll(browser, 'home', async (page) => {
    await page.goto(new URL('/app', demo.url).href);
    await page.getByRole('heading', { name: /needs? attention/ }).waitFor();
  });
} finally {
  await browser.close();
  await demo.stop();
}

async function drawAll(
  opened: Browser,
  name: string,
  prepare: (page: Page) => Promise<unknown>,
): Promise<void> {
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const page = await opened.newPage({
        viewport: { width, height: width < 700 ? 740 : 900 },
        colorScheme,
        reducedMotion: 'reduce',
      });
      await page.goto(demo.url);
      await page.getByRole('combobox', { name: 'Message #feedback' }).waitFor();
      await prepare(page);
      await page.screenshot({ path: path.join(FOLDER, `${name}-${width}-${colorScheme}.png`) });
      await page.close();
    }
  }
}
