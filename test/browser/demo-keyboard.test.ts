import { expect, test } from 'vitest';
import { openDemo } from './demo-stage.ts';

/** Everything by keys alone, from the address on. */

const WORDS = 'Urgent: it crashes and my data is lost';

test('write, run, read the thread, claim and undo without a pointer', async () => {
  const demo = await openDemo({ messages: 2 });
  const { page, composer, thread, card } = demo;
  const press = (key: string) => page.keyboard.press(key);
  /** Tab, as often as it takes. */
  const tabTo = async (what: string, isThere: () => Promise<boolean>, key = 'Tab') => {
    for (let presses = 0; presses < 200; presses++) {
      if (await isThere()) return;
      await press(key);
    }
    throw new Error(`Tab never came to ${what}`);
  };
  const isFocused = async (locator: typeof composer) =>
    (await locator.and(page.locator(':focus')).count()) > 0;

  await tabTo('the composer', () => isFocused(composer));
  await page.keyboard.type(WORDS);
  await press('Enter');
  await demo.message(WORDS).waitFor();

  // Completed by its beginning.
  await page.keyboard.type('/cla');
  await page.getByRole('option', { name: /classify-feedback/ }).waitFor();
  await press('Tab');
  expect(await composer.inputValue()).toMatch(/^\/classify-feedback/);
  await press('Enter');
  const replies = demo.message('Feedback summary').getByRole('button', { name: /\d+ repl(y|ies)/ });
  await replies.waitFor();

  await tabTo('the replies', () => isFocused(replies), 'Shift+Tab');
  await press('Enter');
  await thread.waitFor();
  const claim = card(WORDS).getByRole('button', { name: 'Claim' });
  await claim.waitFor();
  await tabTo('Claim', () => isFocused(claim));
  await press('Enter');
  await card(WORDS).getByText('Claimed by').waitFor();
  const more = card(WORDS).getByRole('button', { name: 'More', exact: true });
  await tabTo('More', () => isFocused(more));
  await press('Space');
  const undo = page.getByRole('menuitem', { name: 'Undo' });
  await undo.waitFor();
  await tabTo('Undo', () => isFocused(undo), 'ArrowDown');
  await press('Enter');
  await card(WORDS).getByText('took back “claimed”').waitFor();
  await press('Escape');
  await thread.waitFor({ state: 'detached' });
});
