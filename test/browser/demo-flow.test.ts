import { expect, test } from 'vitest';
import { openDemo } from './demo-stage.ts';
import { findBarriers, openActions, openInBrowser } from './start-workspace.ts';

/** From a message to a summary, and what people do with it: everything through the page. */

const WORDS = 'It crashes on every start and I lost my data, please help urgently';

/** Rows get their real height some frames after they are near: until all have kept it for twenty. */
const UNTIL_AT_REST = `(async () => {
  const heights = () =>
    [...document.querySelectorAll('.message-scroller')].map((one) => one.scrollHeight).join();
  let before = '';
  for (let same = 0; same < 20; same = heights() === before ? same + 1 : 0) {
    before = heights();
    await new Promise(requestAnimationFrame);
  }
})()`;

test('feedback, the command, the summary, the thread, a reaction, the card, undone', async () => {
  const demo = await openDemo();
  const { page, composer, message, card } = demo;
  expect(await page.getByRole('note').first().textContent()).toContain('keyword rules');

  await composer.fill(WORDS);
  await composer.press('Enter');
  await message(WORDS).waitFor();

  await demo.run();
  await page.getByText('Only visible to you').first().waitFor();
  // One post, from its receipt to the summary.
  await message('Preparing the feedback summary…').waitFor();
  const post = await message('Preparing the feedback summary…').getAttribute('data-ts');
  await demo.openSummary();
  expect(await page.getByRole('main').locator(`[data-ts="${post}"]`).textContent()).toMatch(
    /Feedback summary, .*9 messages/,
  );
  await card(WORDS).getByText('Open', { exact: false }).first().waitFor();
  expect(demo.tally()).toMatchObject({ collected: 9, digests: 1, dead: 0 });
  expect(await findBarriers(page)).toEqual([]);

  // A button on the card.
  await card(WORDS).getByRole('button', { name: 'Claim' }).click();
  await card(WORDS).getByText('Claimed by').waitFor();
  await card(WORDS).getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Undo' }).click();
  await card(WORDS).getByText('took back “claimed”').waitFor();

  // A reaction on the message, by its name; and a click on it takes it back.
  await openActions(message(WORDS), 'Add a reaction');
  await page.getByRole('searchbox', { name: 'Search emoji by name' }).fill('white_check_mark');
  await page.keyboard.press('Enter');
  await card(WORDS).getByText('Resolved by').waitFor();
  const own = message(WORDS).getByRole('button', { name: /white_check_mark.*you reacted/i });
  expect(await own.getAttribute('aria-pressed')).toBe('true');
  await own.click();
  await card(WORDS).getByText('took back “resolved”').waitFor();
  await own.waitFor({ state: 'detached' });
});

test('three steps, each a click: a message, a run, the thread', async () => {
  const demo = await openDemo();
  const { page, composer, message, thread } = demo;
  const step = (name: string) =>
    page.getByRole('list', { name: 'What to do first' }).getByRole('button', { name });
  expect(await step('Open the thread').isDisabled()).toBe(true);
  await step('Type feedback').click();
  const typed = await composer.inputValue();
  expect(typed).not.toBe('');
  await page.keyboard.press('Enter');
  await message(typed).waitFor();
  await step('Run').click();
  await page.getByText('Only visible to you').first().waitFor();
  await demo.until('the summary', () => demo.tally().digests === 1);
  await step('Open the thread').click();
  await thread.getByText(typed).first().waitFor();
  expect(await findBarriers(page)).toEqual([]);
  for (const width of [360, 768]) {
    await page.setViewportSize({ width, height: 760 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  }
});

test('on a narrow screen the thread opens where the summary begins', async () => {
  const demo = await openDemo({ messages: 60 });
  await demo.run();
  await demo.until('the summary', () => demo.tally().digests === 1);
  const page = await openInBrowser(demo.url, { viewport: { width: 360, height: 640 } });
  await page.getByRole('button', { name: 'Open the thread' }).click();
  const thread = page.getByRole('region', { name: 'Thread' });
  const title = thread.getByText('Feedback summary', { exact: false }).first();
  await title.waitFor();
  await page.evaluate(UNTIL_AT_REST);
  const scroller = await thread.locator('.message-scroller').boundingBox();
  expect((await title.boundingBox())?.y).toBeGreaterThanOrEqual(scroller?.y ?? Number.NaN);
});

test('what is behind the scenes is open only where there is room', async () => {
  const demo = await openDemo();
  const panel = demo.page.getByRole('complementary', { name: 'Behind the scenes' });
  await panel.waitFor();
  const narrow = await openInBrowser(demo.url, { viewport: { width: 1440, height: 900 } });
  await narrow.getByRole('combobox', { name: 'Message #feedback' }).waitFor();
  expect(await narrow.getByRole('complementary', { name: 'Behind the scenes' }).count()).toBe(0);
});

test('somebody else: what one person is told alone, another does not see', async () => {
  const demo = await openDemo();
  const { page } = demo;
  await demo.run('status');
  await page.getByText('Only visible to you').waitFor();
  await page.getByRole('button', { name: /You are/ }).click();
  await page.getByRole('menuitem', { name: /Ben/ }).click();
  await page.getByRole('button', { name: /You are Ben/ }).waitFor();
  await page.getByText('Only visible to you').waitFor({ state: 'detached' });
});

test('the shortcut of a message opens its verdict', async () => {
  const demo = await openDemo();
  const { page, message, composer } = demo;
  await composer.fill(WORDS);
  await composer.press('Enter');
  await demo.run();
  await demo.openSummary();
  await openActions(message(WORDS));
  await page.getByRole('menuitem', { name: /Triage this message/ }).click();
  const modal = page.getByRole('dialog').filter({ hasText: WORDS.slice(0, 30) });
  await modal.waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await modal.waitFor({ state: 'detached' });
});
