import { expect, test } from 'vitest';
import { findBarriers, startWorkspace } from './start-workspace.ts';

test.each([
  ['light, wide', { colorScheme: 'light', viewport: { width: 1440, height: 900 } }],
  ['dark, wide', { colorScheme: 'dark', viewport: { width: 1440, height: 900 } }],
  ['light, 360 px', { colorScheme: 'light', viewport: { width: 360, height: 740 } }],
  ['dark, 360 px', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }],
] as const)('axe finds nothing serious, and nothing is cut off: %s', async (_name, options) => {
  const { sim, ann, ben, channel, open } = await startWorkspace({
    page: {
      backstage: {
        banner: 'Nothing here is real.',
        state: () => ({
          sections: [
            {
              title: 'A machine',
              facts: [
                { label: 'State', value: 'running', tone: 'good' },
                { label: 'Last end', value: 'killed', tone: 'bad' },
              ],
              controls: [{ kind: 'button', id: 'kill', label: 'Kill it', tone: 'danger' }],
              log: [{ at: 0, text: 'started' }],
            },
          ],
        }),
        onChange: () => () => {},
        press: async () => {},
      },
    },
  });
  const ts = sim.post({
    channel,
    user: ben,
    text: 'A *word*, `code`, <https://example.com|a link>',
  });
  sim.react({ channel, ts, user: ann, name: 'eyes' });
  sim.react({ channel, ts, user: ben, name: 'bug' });
  sim.post({ channel, user: ann, text: 'x'.repeat(300), threadTs: ts });
  const page = await open(options);
  await page.getByRole('button', { name: /1 reply/ }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  // It is open only where there is room for it.
  const isNarrow = options.viewport.width < 1500;
  if (isNarrow) await page.getByRole('button', { name: 'Behind the scenes' }).click();
  await page
    .getByRole('complementary', { name: 'Behind the scenes' })
    .getByText('Kill it')
    .waitFor();
  expect(await findBarriers(page)).toEqual([]);
  if (isNarrow) await page.getByRole('button', { name: 'Close what is behind the scenes' }).click();
  await page.getByRole('button', { name: /1 reply/ }).click();
  await page.getByRole('region', { name: 'Thread' }).getByText('xxx').waitFor();
  expect(await findBarriers(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(options.viewport.width);
});

test('on a narrow screen the menu brings the channels, and goes when one is chosen', async () => {
  const { sim, ann, open } = await startWorkspace();
  const other = sim.addChannel({ name: 'other', members: [ann] });
  sim.post({ channel: other, user: ann, text: 'over here' });
  const page = await open({ viewport: { width: 360, height: 740 } });
  const item = page.getByRole('button', { name: 'other' });
  expect(await item.isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Channels and people' }).click();
  expect(await findBarriers(page)).toEqual([]);
  await item.click();
  await page.locator('.message-text', { hasText: 'over here' }).waitFor();
  await item.waitFor({ state: 'hidden' });
});
