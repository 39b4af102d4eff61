// A workspace whose page a real Chromium shows, with a small real Bolt app in it.
import { AxeBuilder } from '@axe-core/playwright';
import type { App } from '@slack/bolt';
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';
import { afterAll, expect, onTestFinished, vi } from 'vitest';
import type { PageOptions } from '../../sim/slack/page-options.ts';
import type { SlackSim, SlackSimOptions } from '../../sim/slack/slack-sim.ts';
import { buildPage } from '../../sim/web/build.ts';
import { createApp, startStage } from '../sim/slack/start-sim.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let launched: Promise<Browser> | undefined;
afterAll(async () => (await launched)?.close());

/** The same browser for all tests of a file. */
function launchBrowser(): Promise<Browser> {
  launched ??= chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  return launched;
}

/**
 * Opens an address as a person does who has never been there. Whatever the page asks for beyond the
 * stand-in, and whatever it reports as an error, fails the test.
 */
export async function openInBrowser(
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const browser = await launchBrowser();
  const context = await browser.newContext({
    viewport: { width: 1200, height: 800 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== 'data:' && asked.host !== new URL(url).host) wrong.push(request.url());
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  onTestFinished(async () => {
    await context.close();
    expect(wrong).toEqual([]);
  });
  await page.goto(url);
  return page;
}

export interface Workspace {
  sim: SlackSim;
  app: App;
  ann: string;
  ben: string;
  channel: string;
  /** The page of the first person, Ann. */
  open(options?: BrowserContextOptions & { at?: string }): Promise<Page>;
}

/** `listen` gives the app its listeners before it starts. */
export async function startWorkspace({
  listen = () => {},
  page = {},
  sim: simOptions = {},
}: {
  listen?: (app: App) => void;
  page?: Partial<PageOptions>;
  sim?: SlackSimOptions;
} = {}): Promise<Workspace> {
  const { sim, ann, channel } = await startStage(simOptions);
  const ben = sim.addUser({ name: 'ben', realName: 'Ben Okafor', tz: 'America/New_York' });
  sim.join(channel, ben);
  const app = createApp(sim);
  listen(app);
  await app.start();
  const url = sim.servePage({ root: await buildPage(), ...page });
  return {
    sim,
    app,
    ann,
    ben,
    channel,
    async open({ at = '', ...options } = {}) {
      const opened = await openInBrowser(new URL(at, url).href, options);
      await opened.getByRole('main').waitFor();
      return opened;
    },
  };
}

/**
 * Presses a button of a message's toolbar. A message that moves away below the pointer takes its toolbar
 * along: then a person points at it again.
 */
export async function openActions(
  message: Locator,
  name: 'More actions' | 'Add a reaction' = 'More actions',
): Promise<void> {
  const button = message.getByRole('toolbar').getByRole('button', { name });
  await vi.waitFor(
    async () => {
      await message.hover();
      await button.click({ timeout: 2000 });
    },
    { timeout: 60_000 },
  );
}

/** What axe holds to be serious or critical, in words. */
export async function findBarriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
}
