import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { readManifest } from '../../demo/manifest.ts';
import { playSample } from '../../sim/feedback/play.ts';
import { buildPage } from '../../sim/web/build.ts';
import { type Stage, type StageOptions, startStage } from '../harness.ts';
import { openInBrowser } from './start-workspace.ts';

/**
 * The whole bot in the page of the workspace, with a clock that the test moves: every surface is brought
 * about by what people do, and looked at in all widths, light and dark. With PICTURES, the name of a
 * folder, each look is also a picture (`npm run pictures:everywhere -- FOLDER`).
 */

const FOLDER = process.env.PICTURES;
if (FOLDER) mkdirSync(FOLDER, { recursive: true });

/**
 * Pictures are of all widths; what is wrong shows in the usual one, or in the narrowest. The last one is not the
 * usual one, to which the window changes back: that closes menus.
 */
const WIDTHS = FOLDER ? [360, 768, 1280, 1680, 1920] : [1280, 360];
const SCHEMES = ['light', 'dark'] as const;
/** Where contrast is measured: colours do not depend on the width. */
const CONTRAST_WIDTH = 1280;

export const COMMAND = '/classify-feedback';

/** Further away than that, nothing happens by itself. */
const SOON_MS = 20_000;

export interface Surfaces extends Stage {
  page: Page;
  composer: Locator;
  thread: Locator;
  people: { ana: string; ben: string; chloe: string; deniz: string };
  /** Posts sample messages; `from` counts on from what was played before. */
  play(count: number): string[];
  /** Lets the bot do all that is due within seconds. */
  rest(): Promise<void>;
  /** Lets time pass in the workspace, in the bot and in the page. */
  pass(ms: number): Promise<void>;
  /** Until the page shows it, while the bot works. */
  until(what: Locator): Promise<void>;
  /** Types the command into the channel. */
  run(text?: string): Promise<void>;
  go(address: string): Promise<void>;
}

export async function startSurfaces(
  options: StageOptions & { invited?: boolean } = {},
): Promise<Surfaces> {
  const { invited, ...rest } = options;
  const stage = await startStage({ ...rest, slack: { botName: 'Winnow', ...rest.slack } });
  const { slack, channel, user: ana, clock } = stage;
  const add = (name: string, realName: string) => {
    const id = slack.addUser({ name, realName, displayName: realName });
    slack.join(channel, id);
    return id;
  };
  const people = {
    ana,
    ben: add('ben', 'Ben (support)'),
    chloe: add('chloe', 'Chloé (sales)'),
    deniz: add('deniz', 'Deniz (research)'),
  };
  await stage.connect('socket', invited ? ana : undefined);
  const { commands, shortcuts } = readManifest();
  const url = slack.servePage({ root: await buildPage(), commands, shortcuts });
  const page = await openInBrowser(url, { viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(20_000);
  await page.clock.setFixedTime(clock.now());
  await page.reload();
  const composer = page.getByRole('combobox', { name: 'Message #feedback' });
  await composer.waitFor();

  let played = 0;
  const surfaces: Omit<Surfaces, keyof Stage> = {
    page,
    composer,
    thread: page.getByRole('region', { name: 'Thread' }),
    people,
    play(count) {
      const sent = playSample({ slack, channel, people }, count, played);
      played += count;
      return sent;
    },
    async rest() {
      for (let round = 0; round < 30; round++) {
        await slack.idle();
        const next = await stage.step();
        if (next === null || next - clock.now() > SOON_MS) return;
        clock.jump(Math.max(0, next - clock.now()));
      }
    },
    async pass(ms) {
      clock.jump(ms);
      await page.clock.setFixedTime(clock.now());
      await surfaces.rest();
    },
    async until(what) {
      await expect
        .poll(
          async () => {
            await surfaces.rest();
            return what.first().isVisible();
          },
          { timeout: 60_000, message: String(what) },
        )
        .toBe(true);
    },
    async run(text = '') {
      await composer.fill(`${COMMAND} ${text}`);
      await composer.press('Enter');
      await expect.poll(() => composer.inputValue(), { timeout: 20_000 }).toBe('');
      await page.locator('.composer[aria-busy="false"]').first().waitFor();
    },
    async go(address) {
      await page.goto(new URL(address, url).href);
      await page.getByRole('main').waitFor();
    },
  };
  // `context` and `requestUrl` change: what is copied are the properties, not their values.
  Object.defineProperties(surfaces, Object.getOwnPropertyDescriptors(stage));
  return surfaces as Surfaces;
}

/**
 * Looks at what the page shows, in several widths, light and dark, and fails on what no person should see.
 * @param place brings into view what is to be looked at, after each change of the width
 */
export async function look(
  page: Page,
  name: string,
  place: () => Promise<unknown> = async () => {},
): Promise<void> {
  const wrong: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width < 700 ? 740 : 900 });
    for (const colorScheme of SCHEMES) {
      if (colorScheme === 'dark' && !FOLDER && width !== CONTRAST_WIDTH) continue;
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      if (colorScheme === 'light') {
        await page.evaluate(UNTIL_AT_REST);
        await place();
        await page.evaluate(UNTIL_AT_REST);
        const faults = await page.evaluate<string[]>(FIND_FAULTS);
        wrong.push(...faults.map((fault) => `${width} px: ${fault}`));
      }
      if (width === CONTRAST_WIDTH) {
        const barriers = await findWeakContrast(page);
        wrong.push(...barriers.map((barrier) => `${colorScheme}: ${barrier}`));
      }
      if (FOLDER) {
        const file = `${name}-${width}-${colorScheme}.png`;
        await page.screenshot({ path: path.join(FOLDER, file) });
      }
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.evaluate(UNTIL_AT_REST);
  expect.soft(wrong, name).toEqual([]);
}

async function findWeakContrast(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withRules(['color-contrast']).analyze();
  return violations.flatMap(({ nodes }) => nodes.map(({ html }) => `weak contrast: ${html}`));
}

/** Scrolls the list that has it until it begins near the top. */
export const toTop = (what: Locator) => () =>
  what.first().evaluate((row: Scrolled) => row.scrollIntoView({ block: 'start' }));

/** Scrolls a place so far down, in px; far too far is its end. */
export const scrollTo = (place: Locator, px: number) => () =>
  place.evaluate((scroller: Scrolled, top) => {
    scroller.scrollTop = top;
  }, px);

/** An element of the page, as far as the tests know it. */
interface Scrolled {
  scrollTop: number;
  scrollIntoView(how: { block: 'start' }): void;
}

/** Rows get their real height some frames after they are near: until all have kept it for five. */
const UNTIL_AT_REST = `(async () => {
  const heights = () =>
    [...document.querySelectorAll('.message-scroller, .home, .dialog-body')]
      .map((one) => one.scrollHeight + ' ' + one.scrollTop).join();
  let before = '';
  for (let same = 0; same < 5; same = heights() === before ? same + 1 : 0) {
    before = heights();
    await new Promise(requestAnimationFrame);
  }
})()`;

/**
 * What is cut off, covered, or out of reach. Places that are meant to scroll sideways can be focused.
 */
const FIND_FAULTS = `(() => {
  const wrong = [];
  const wide = document.documentElement;
  if (wide.scrollWidth > innerWidth) wrong.push('the page scrolls sideways: ' + wide.scrollWidth);
  const top = document.querySelector('dialog[open]') ?? document.body;
  const said = (element) =>
    element.tagName.toLowerCase() + '.' + element.className + ' "' + (element.innerText ?? '').slice(0, 60) + '"';
  for (const element of top.querySelectorAll('*')) {
    if (!(element instanceof HTMLElement) || !element.checkVisibility({ visibilityProperty: true })) continue;
    const { overflowX, textOverflow, position } = getComputedStyle(element);
    const isSmall = element.clientWidth <= 1 || element.clientHeight <= 1;
    const over = element.scrollWidth - element.clientWidth;
    if (over > 1 && !isSmall && getComputedStyle(element).display !== 'inline') {
      const field = element.matches('input, textarea, select');
      if (overflowX === 'auto' || overflowX === 'scroll') {
        if (element.tabIndex < 0) wrong.push('scrolls sideways by ' + over + ': ' + said(element));
      } else if (overflowX !== 'visible' && !field && position !== 'fixed') {
        wrong.push('cut by ' + over + ': ' + said(element));
      }
    }
  }
  const scrollerOf = (element) => {
    for (let at = element.parentElement; at; at = at.parentElement) {
      if (/auto|scroll|hidden/.test(getComputedStyle(at).overflowY)) return at.getBoundingClientRect();
    }
    return { top: 0, bottom: innerHeight, left: 0, right: innerWidth };
  };
  for (const control of top.querySelectorAll('button, a[href], input, select, textarea')) {
    if (!control.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const box = control.getClientRects()[0];
    if (!box || box.width <= 1) continue;
    if (box.left < -1 || box.right > innerWidth + 1) {
      // The menu of a narrow screen waits at its side.
      if (box.right > 0) wrong.push('out of reach: ' + said(control));
      continue;
    }
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const place = scrollerOf(control);
    // What is at the border is on its way out of sight.
    if (y < Math.max(0, place.top) + 16 || y > Math.min(innerHeight, place.bottom) - 16) continue;
    if (document.querySelector('[popover]:popover-open')) continue;
    const found = document.elementFromPoint(x, y);
    // Toolbars come and go; one pane may lie over another on a narrow screen.
    const lies = found?.closest('[role=toolbar], .jump-button') || found?.closest('.pane') !== control.closest('.pane');
    if (found && !lies && !control.contains(found) && !found.contains(control)) {
      wrong.push('covered: ' + said(control) + ' by ' + said(found));
    }
  }
  for (const words of top.querySelectorAll('svg text')) {
    const { height } = words.getBoundingClientRect();
    if (height > 0 && height < 7) wrong.push('too small to read: ' + words.textContent);
  }
  for (const buttons of top.querySelectorAll('.dialog-buttons')) {
    const box = buttons.getBoundingClientRect();
    if (box.bottom > innerHeight || box.top < 0) wrong.push('the buttons of the dialog are out of reach');
  }
  return [...new Set(wrong)];
})()`;
