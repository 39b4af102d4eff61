import { expect, test } from 'vitest';
import { playIntegrations } from '../../demo/integrations/play.ts';
import { buildPage } from '../../sim/web/build.ts';
import { openActions, startWorkspace } from './start-workspace.ts';

test('what is typed is posted, and what others do appears', async () => {
  const { sim, ann, ben, channel, open } = await startWorkspace();
  const page = await open();
  const composer = page.getByRole('combobox', { name: 'Message #feedback' });
  await composer.fill('The export <fails> & I am *cross*');
  await composer.press('Shift+Enter');
  await composer.pressSequentially('really');
  await composer.press('Enter');
  const mine = page.getByRole('listitem').filter({ hasText: 'The export <fails> & I am cross' });
  await mine.waitFor();
  expect(await mine.locator('strong').textContent()).toBe('cross');
  expect(await composer.inputValue()).toBe('');
  expect(sim.messages(channel).at(-1)).toMatchObject({
    user: ann,
    text: 'The export &lt;fails&gt; &amp; I am *cross*\nreally',
  });
  const ts = sim.post({ channel, user: ben, text: 'Same here :bug:' });
  await page.locator('.message-text', { hasText: 'Same here' }).waitFor();
  expect(await page.getByRole('img', { name: 'bug emoji' }).textContent()).toBe('🐛');
  sim.edit({ channel, ts, text: 'Same there' });
  await page.getByText('Same there (edited)').waitFor();
  sim.delete({ channel, ts });
  await page.getByText('Same there').waitFor({ state: 'detached' });
});

test('posts of integrations show who posts, and all that they say', async () => {
  const { sim, ann, channel, open } = await startWorkspace();
  const page = await open();
  playIntegrations(sim, { channel, people: [ann] });
  const post = (text: string) => page.getByRole('listitem').filter({ hasText: text });
  const says = async (text: string, author: string) =>
    expect(await post(text).first().locator('.message-author').textContent()).toBe(author);
  await post('and nobody answers').waitFor();
  await says('and nobody answers', 'Visitor from Lima');
  await says('Out of office', 'Help desk');
  await says('Name Ada Roy', 'Contact form');
  await says('the maps are beautiful', 'Store reviews');
  await says('Where is our data stored?', 'Slackbot');
  await says('Acme will leave', 'Ann Lee');
  await says('the invoice page is confusing', 'Ann Lee');
  // What is typed is drawn from its text, not a second time from its rich text.
  sim.post({ channel, user: ann, text: 'Two:\n• *one*\n&gt; two' });
  await post('• one').waitFor();
  expect(await post('• one').locator('strong').count()).toBe(1);
});

test('a thread is opened, replied to, and also told to the channel', async () => {
  const { sim, ben, channel, open } = await startWorkspace();
  const ts = sim.post({ channel, user: ben, text: 'Who knows?' });
  for (let i = 0; i < 30; i += 1) sim.post({ channel, user: ben, text: `r${i}`, threadTs: ts });
  const page = await open();
  await page.getByRole('button', { name: /^30 replies/ }).click();
  const thread = page.getByRole('region', { name: 'Thread' });
  await thread.getByText('r29').waitFor();
  await thread.getByRole('combobox', { name: 'Reply…' }).fill('I do');
  await thread.getByLabel('Also send to the channel').check();
  await thread.getByRole('button', { name: 'Send' }).click();
  // Until it is sent, the same words stand in the field as well.
  await thread.getByRole('list', { name: 'Thread' }).getByText('I do').waitFor();
  await page.getByRole('list', { name: 'Messages' }).getByText('I do').waitFor();
  expect(sim.thread(channel, ts).at(-1)).toMatchObject({ subtype: 'thread_broadcast' });
  await thread.getByRole('combobox', { name: 'Reply…' }).fill('/hello');
  await page.keyboard.press('Enter');
  await page.getByText('/hello is not supported in threads. Sorry!').waitFor();
  await page.goBack();
  await thread.waitFor({ state: 'detached' });
});

test('somebody who reads further up sees the answer to a command, and stays there for others', async () => {
  const { sim, ben, channel, open } = await startWorkspace({
    listen: (app) => app.command('/sort', async ({ ack }) => ack('Sorted.')),
    page: { commands: [{ command: '/sort', description: 'Sorts' }] },
  });
  for (let i = 0; i < 100; i += 1) sim.post({ channel, user: ben, text: `message ${i}` });
  const page = await open();
  const newest = page.getByRole('button', { name: '↓ Newest' });
  await page.getByText('message 99', { exact: true }).waitFor();
  await page.locator('.message-scroller').hover();
  await page.mouse.wheel(0, -5000);
  await newest.waitFor();
  sim.post({ channel, user: ben, text: 'by somebody else' });
  await page
    .locator('.message-text', { hasText: 'by somebody else' })
    .waitFor({ state: 'attached' });
  expect(await newest.isVisible()).toBe(true);
  const composer = page.getByRole('combobox', { name: 'Message #feedback' });
  await composer.fill('/sort ');
  await composer.press('Enter');
  await newest.waitFor({ state: 'detached' });
  const answer = await page.getByText('Sorted.').boundingBox();
  const list = await page.locator('.message-scroller').boundingBox();
  expect((answer?.y ?? 0) + (answer?.height ?? 0)).toBeLessThan(
    (list?.y ?? 0) + (list?.height ?? 0),
  );
});

test('a reaction is joined, left, and another one picked by its name', async () => {
  const { sim, ann, ben, channel, open } = await startWorkspace();
  const ts = sim.post({ channel, user: ben, text: 'React to me' });
  sim.react({ channel, ts, user: ben, name: 'eyes' });
  const page = await open();
  const eyes = page.getByRole('button', { name: /eyes reaction/ });
  expect(await eyes.getAttribute('aria-pressed')).toBe('false');
  expect(await eyes.getAttribute('title')).toBe('Ben Okafor reacted with :eyes:');
  await eyes.click();
  await page.getByRole('button', { name: /^2 eyes reactions\. Ben Okafor and you/ }).waitFor();
  await eyes.click();
  await page.getByRole('button', { name: /^1 eyes reaction/ }).waitFor();
  await page.getByRole('button', { name: 'Add a reaction' }).first().click();
  await page.getByRole('searchbox', { name: 'Search emoji by name' }).fill('thumbsup');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^1 \+1 reaction\. You reacted/ }).waitFor();
  expect(sim.message(channel, ts)?.reactions).toMatchObject([
    { name: 'eyes', users: [ben] },
    { name: '+1', users: [ann] },
  ]);
});

test('one edits and deletes what is one’s own, and only that', async () => {
  const { sim, ann, ben, channel, open } = await startWorkspace();
  const theirs = sim.post({ channel, user: ben, text: 'Not yours' });
  const mine = sim.post({ channel, user: ann, text: `a &lt;typo&gt; for <@${ben}>` });
  const page = await open();
  const row = (ts: string) => page.locator(`[data-ts="${ts}"]`);
  await openActions(row(theirs));
  expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Copy link']);
  await page.keyboard.press('Escape');
  await openActions(row(mine));
  await page.getByRole('menuitem', { name: 'Edit message' }).click();
  const editor = page.getByRole('textbox', { name: 'Edit the message' });
  expect(await editor.inputValue()).toBe('a <typo> for @ben');
  await editor.fill('a <word> for @ben');
  await editor.press('Enter');
  await row(mine).getByText('a <word> for @Ben Okafor (edited)').waitFor();
  expect(sim.message(channel, mine)?.text).toBe(`a &lt;word&gt; for <@${ben}>`);
  await openActions(row(mine));
  await page.getByRole('menuitem', { name: 'Delete message…' }).click();
  await page
    .getByRole('dialog', { name: 'Delete message' })
    .getByText('Delete', { exact: true })
    .click();
  await row(mine).waitFor({ state: 'detached' });
  expect(sim.message(channel, mine)).toBeUndefined();
});

test('a permalink opens its message, in its thread when it is a reply', async () => {
  const { sim, ben, channel, open, app } = await startWorkspace();
  const all = Array.from({ length: 600 }, (_, i) =>
    sim.post({ channel, user: ben, text: `no. ${i}`, silent: true }),
  );
  const parent = all[5] ?? '';
  const reply = sim.post({ channel, user: ben, text: 'deep down', threadTs: parent });
  const linkOf = async (ts: string) =>
    (await app.client.chat.getPermalink({ channel, message_ts: ts })).permalink ?? '';
  sim.post({ channel, user: ben, text: `See <${await linkOf(all[50] ?? '')}|the old one>` });
  sim.post({ channel, user: ben, text: `and <${await linkOf(reply)}|the reply>` });
  const page = await open();
  await page.getByRole('link', { name: 'the old one' }).click();
  const marked = page.locator('.message.marked');
  await marked.getByText('no. 50', { exact: true }).waitFor();
  expect(await page.evaluate('document.activeElement.dataset.ts')).toBe(all[50]);
  expect(new URL(page.url()).pathname).toBe(`/archives/${channel}/p${all[50]?.replace('.', '')}`);
  await page.reload();
  await marked.getByText('no. 50', { exact: true }).waitFor();
  await page.getByRole('button', { name: '↓ Newest' }).click();
  await page.getByRole('link', { name: 'the reply' }).click();
  const thread = page.getByRole('region', { name: 'Thread' });
  await thread.locator('.message.marked').getByText('deep down').waitFor();
});

test('one becomes somebody else, in this tab only, and sees what that person sees', async () => {
  const { sim, ann, ben, channel, open } = await startWorkspace();
  sim.addChannel({ name: 'secret', isPrivate: true, members: [ben] });
  sim.post({ channel, user: ann, text: 'noon', ts: '1764158400.000100' });
  const page = await open();
  const other = await open();
  expect(await page.getByRole('button', { name: 'secret' }).count()).toBe(0);
  await page.getByText('1:00 PM').waitFor();
  await page.getByRole('button', { name: /^You are Ann Lee/ }).click();
  await page.getByRole('menuitem', { name: /^Ben Okafor/ }).click();
  await page.getByRole('button', { name: 'secret' }).waitFor();
  await page.getByText('7:00 AM').waitFor();
  await page.reload();
  await page.getByRole('button', { name: /^You are Ben Okafor/ }).waitFor();
  await other.getByRole('button', { name: /^You are Ann Lee/ }).waitFor();
});

test('the page takes up the line again when it breaks', async () => {
  const { sim, ann, channel, open } = await startWorkspace();
  const page = await open();
  sim.post({ channel, user: ann, text: 'before' });
  await page.locator('.message-text', { hasText: 'before' }).waitFor();
  // Serving the page anew ends the connections of the old one.
  sim.servePage({ root: await buildPage() });
  sim.post({ channel, user: ann, text: 'meanwhile' });
  await page.locator('.message-text', { hasText: 'meanwhile' }).waitFor();
  expect(await page.locator('.message-text', { hasText: 'before' }).count()).toBe(1);
});
