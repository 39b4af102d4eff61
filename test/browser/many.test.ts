import { expect, test } from 'vitest';
import { startWorkspace } from './start-workspace.ts';

const COUNT = 5000;

test('with 5,000 messages the newest are there at once, and all of them on demand', async () => {
  const { sim, ann, ben, channel, open } = await startWorkspace();
  const all = Array.from({ length: COUNT }, (_, i) =>
    sim.post({
      channel,
      user: i % 3 === 0 ? ann : ben,
      text: `no. ${i}: something is *wrong* with <https://example.com/${i}|the export>`,
      silent: true,
    }),
  );
  const page = await open();
  await page.getByText(`no. ${COUNT - 1}:`).waitFor();
  const rows = page.locator('.message');
  expect(await rows.count()).toBe(200);
  await page.evaluate(`document.querySelector('.message-scroller').scrollTop = 0`);
  await expect.poll(() => rows.count()).toBeGreaterThan(200);

  const address = `/archives/${channel}/p${all[2]?.replace('.', '')}`;
  await page.goto(new URL(address, page.url()).href);
  await page.locator('.message.marked', { hasText: 'no. 2:' }).waitFor();
  // And the line that says that somebody has joined.
  expect(await rows.count()).toBe(COUNT + 1);
  const composer = page.getByRole('combobox', { name: 'Message #feedback' });
  await composer.fill('still quick');
  await composer.press('Enter');
  await page.locator('.message-text', { hasText: 'still quick' }).waitFor({ state: 'attached' });
  sim.edit({ channel, ts: all[2] ?? '', text: 'changed' });
  await page.locator('.message.marked', { hasText: 'changed' }).waitFor();
  expect(await rows.count()).toBe(COUNT + 2);
});

test('five hundred messages in a moment leave the page at the newest', async () => {
  const { sim, ben, channel, open } = await startWorkspace();
  const page = await open();
  for (let i = 0; i < 500; i += 1) sim.post({ channel, user: ben, text: `no. ${i}.` });
  const last = page.locator('.message', { hasText: 'no. 499.' });
  await last.waitFor();
  await expect
    .poll(async () => ((await last.boundingBox())?.y ?? Number.POSITIVE_INFINITY) < 800)
    .toBe(true);
});
