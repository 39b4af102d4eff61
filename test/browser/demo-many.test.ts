import { expect, test } from 'vitest';
import { readSample } from '../../sim/feedback/sample.ts';
import { logged } from '../demo/stage.ts';
import { openDemo } from './demo-stage.ts';

/** A channel with thousands of messages stays a page that one can work with, also while a run goes. */

const MANY = 5000;

/** Far below what thousands of messages take: only the newest are brought. */
const NODES = 10_000;

test('5,000 messages: what is typed appears, while they come, while a run goes, and anew', async () => {
  const demo = await openDemo({ messages: 0 });
  const { page, composer, standIns, message } = demo;
  const say = async (words: string) => {
    await composer.pressSequentially(words);
    expect(await composer.inputValue()).toBe(words);
    await composer.press('Enter');
    await message(words).waitFor();
  };
  const { slack, channel, people } = standIns;
  // Without an event each, which would take the bot minutes: it finds them in the history.
  const texts = readSample(MANY).map(({ text }) => text.replace(/[&<>]/g, ' '));
  const sent = texts.map((text) => slack.post({ channel, user: people[1], text, silent: true }));
  await say('Typed while they come');
  const found = logged(demo.bot, 'history had what no event had brought');
  slack.sockets.cut();
  await found;
  await demo.until('its socket', () => slack.sockets.count() === 1);
  await demo.run();
  const isDone = (ts: string | undefined) =>
    (slack.message(channel, ts ?? '')?.reactions ?? []).length > 0;
  await demo.until('the first reactions', () => sent.slice(0, 50).some(isDone), 60_000);
  await say('Typed while reactions come');

  await page.reload();
  await say('Typed into the page anew');
  expect(await page.evaluate<number>("document.querySelectorAll('*').length")).toBeLessThan(NODES);
}, 240_000);
