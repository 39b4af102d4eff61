import path from 'node:path';
import { chromium, type Locator, type Page } from 'playwright-core';
import { buildPage } from '../sim/web/build.ts';
import { startDemo } from './start-demo.ts';
import { tally } from './tally.ts';

/**
 * `npm run pictures`: takes the README's screenshots of the running demo and stores them in docs. Uses
 * the browser in CHROMIUM_PATH, or Debian's Chromium.
 */

const FOLDER = path.join(import.meta.dirname, '../docs');
const COMMAND = '/classify-feedback';
const MESSAGES = 60;
const HEIGHT = 760;
const PATIENCE_MS = 60_000;

const demo = await startDemo({
  claude: { kind: 'stand-in' },
  buildPage,
  messages: MESSAGES,
  batchMs: 2000,
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const page = await browser.newPage({
    viewport: { width: 1120, height: HEIGHT },
    deviceScaleFactor: 1.4,
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  await page.goto(demo.url);
  const composer = page.getByRole('combobox', { name: 'Message #feedback' });
  await composer.fill(`${COMMAND} `);
  await composer.press('Enter');
  const { slack, channel } = demo.standIns;
  await slack.waitFor(() => tally(slack, channel).classified >= MESSAGES, {
    timeoutMs: PATIENCE_MS,
  });
  const summary = page
    .getByRole('main')
    .getByRole('listitem')
    .filter({ hasText: 'Feedback summary' });
  const replies = summary.getByRole('button', { name: /\d+ repl(y|ies)/ });
  await replies.waitFor();
  // Hides ephemeral messages: other people do not see them.
  await page.getByRole('button', { name: 'Dismiss message' }).click();
  await putAt(page, summary, 330);
  await draw(page, 'channel');

  await replies.click();
  const thread = page.getByRole('region', { name: 'Thread' });
  const claim = thread.getByRole('button', { name: 'Claim' }).first();
  await claim.click();
  const claimed = thread.getByRole('listitem').filter({ hasText: 'Claimed by' });
  await claimed.waitFor();
  await putAt(page, summary, 110);
  await putAt(page, claimed, 110);
  await draw(page, 'thread');

  await page.getByRole('navigation').getByRole('button', { name: 'Winnow' }).click();
  await page.getByRole('heading', { name: /^\d+ needs? attention/ }).waitFor();
  await draw(page, 'home');
} finally {
  await browser.close();
  await demo.stop();
}

/** Scrolls until the element starts `top` pixels below the window's top. */
async function putAt(page: Page, row: Locator, top: number): Promise<void> {
  await row.scrollIntoViewIfNeeded();
  const box = await row.boundingBox();
  if (!box) throw new Error('The element to show is not on the page.');
  await page.mouse.move(box.x + 20, HEIGHT / 2);
  await page.mouse.wheel(0, box.y - top);
  // The call returns before the page has scrolled.
  await page.waitForTimeout(300);
}

async function draw(page: Page, name: string): Promise<void> {
  // Moves the pointer away, so that nothing is hovered.
  await page.mouse.move(0, 0);
  await page.waitForTimeout(300);
  await page.screenshot({ path: path.join(FOLDER, `${name}.png`) });
}
