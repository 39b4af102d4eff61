import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { startWorkspace } from './start-workspace.ts';

/** Presses a key until what has the focus goes by that name; there is no other way around here. */
async function pressUntil(page: Page, key: string, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press(key);
    const focused = String(
      await page.evaluate(
        `(() => { const e = document.activeElement; return e.getAttribute('aria-label') || e.innerText || e.tagName; })()`,
      ),
    );
    if (typeof name === 'string' ? focused === name : name.test(focused)) return;
    seen.push(focused);
  }
  throw new Error(`Never came to ${name}, only to: ${seen.join(' · ')}`);
}

test('everything is done by the keyboard: a reply, a reaction, a shortcut’s modal, the way back', async () => {
  const { sim, ann, ben, channel, open } = await startWorkspace({
    page: { shortcuts: [{ callbackId: 'look', name: 'Look at it' }] },
    listen: (app) =>
      app.shortcut('look', async ({ ack, client, shortcut }) => {
        await ack();
        const title = { type: 'plain_text' as const, text: 'Here it is' };
        await client.views.open({
          trigger_id: shortcut.trigger_id,
          view: { type: 'modal', title, blocks: [] },
        });
      }),
  });
  const first = sim.post({ channel, user: ben, text: 'first' });
  sim.post({ channel, user: ann, text: 'second' });
  const page = await open();
  await page.getByText('second').waitFor();

  // From the composer back to the last message, and up to the first.
  await page.getByRole('combobox', { name: 'Message #feedback' }).focus();
  await pressUntil(page, 'Shift+Tab', /second/);
  await pressUntil(page, 'ArrowUp', /first/);

  await pressUntil(page, 'Tab', 'Add a reaction');
  await page.keyboard.press('Enter');
  await page.getByRole('searchbox').waitFor();
  await page.keyboard.type('tada');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /1 tada reaction/ }).waitFor();
  expect(sim.message(channel, first)?.reactions).toMatchObject([{ name: 'tada', users: [ann] }]);

  await pressUntil(page, 'Tab', 'More actions');
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Look at it' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  const modal = page.getByRole('dialog', { name: 'Here it is' });
  await modal.waitFor();
  // The focus stays within.
  for (let step = 0; step < 5; step += 1) {
    await page.keyboard.press('Tab');
    const isOutside = `!document.querySelector('dialog').contains(document.activeElement) && document.activeElement !== document.body`;
    expect(await page.evaluate(isOutside)).toBe(false);
  }
  await page.keyboard.press('Escape');
  await modal.waitFor({ state: 'detached' });

  await page.locator(`[data-ts="${first}"]`).focus();
  await pressUntil(page, 'Tab', 'Reply in thread');
  await page.keyboard.press('Enter');
  const thread = page.getByRole('region', { name: 'Thread' });
  await thread.getByText('first').waitFor();
  await pressUntil(page, 'Tab', 'Reply…');
  await page.keyboard.type('by hand');
  await page.keyboard.press('Enter');
  await thread.locator('.message-text', { hasText: 'by hand' }).waitFor();
  await page.keyboard.press('Escape');
  await thread.waitFor({ state: 'detached' });
  expect(sim.thread(channel, first).map((m) => m.text)).toEqual(['first', 'by hand']);
});
