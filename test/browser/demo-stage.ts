import type { Locator, Page } from 'playwright-core';
import type { DemoOptions } from '../../demo/start-demo.ts';
import { buildPage } from '../../sim/web/build.ts';
import { type DemoStage, startDemoStage } from '../demo/stage.ts';
import { openInBrowser } from './start-workspace.ts';

/** The demo in a real Chromium: what somebody does who has just typed `npm run demo`. */

export interface OpenDemo extends DemoStage {
  page: Page;
  composer: Locator;
  /** The message in the channel with these words. */
  message(words: string): Locator;
  thread: Locator;
  /** The card in the open thread with these words. */
  card(words: string): Locator;
  /** A section of what happens underneath. */
  underneath(title: string): Locator;
  /** Types the command into the channel and sends it. */
  run(text?: string): Promise<void>;
  /** Opens the thread of the summary, once it is there. */
  openSummary(): Promise<void>;
}

export async function openDemo(options: Partial<DemoOptions> = {}): Promise<OpenDemo> {
  const demo = await startDemoStage({ buildPage, messages: 8, batchMs: 1500, ...options });
  const page = await openInBrowser(demo.url, { viewport: { width: 1600, height: 900 } });
  page.setDefaultTimeout(20_000);
  const composer = page.getByRole('combobox', { name: 'Message #feedback' });
  const thread = page.getByRole('region', { name: 'Thread' });
  const list = page.getByRole('main').getByRole('list', { name: 'Messages' });
  await composer.waitFor();
  return {
    ...demo,
    page,
    composer,
    thread,
    message: (words) => list.getByRole('listitem').filter({ hasText: words }).first(),
    card: (words) =>
      thread
        .getByRole('listitem')
        .filter({ hasText: words })
        .filter({ has: page.getByRole('button', { name: 'More', exact: true }) }),
    underneath: (title) => page.getByRole('region', { name: title, exact: true }),
    async run(text = '') {
      await composer.fill(`/classify-feedback ${text}`);
      await composer.press('Enter');
    },
    async openSummary() {
      await list
        .getByRole('listitem')
        .filter({ hasText: 'winnow' })
        .getByRole('button', { name: /\d+ repl(y|ies)/ })
        .click();
      await thread.waitFor();
    },
  };
}
