import { expect, test } from 'vitest';
import { type People, startSummedUp, words } from './stage.ts';

/** The most pressing messages of a summary have cards; its thread says how many others there are. */

const SLOW = ['The page fails on Monday', 'The page fails on Tuesday', 'The page fails on Friday'];
const URGENT = 'Urgent: it crashes and we lost all our data';

const start = () => startSummedUp([...SLOW, URGENT], { settings: { needsShown: 2 } });

const typesIn = ({ slack, channel, digest }: People) =>
  slack.thread(channel, digest().ts).map(({ metadata }) => String(metadata?.event_type));

const more = ({ slack, channel, digest }: People) =>
  slack
    .thread(channel, digest().ts)
    .filter(({ metadata }) => metadata?.event_type === 'winnow_more')
    .map(({ blocks }) => words(blocks).trim());

test('the most urgent first, then the oldest, and the others are on the Home tab', async () => {
  const people = await start();
  const [first = '', second = '', third = '', urgent = ''] = people.sent;
  expect([first, second, third, urgent].map((ts) => people.cards(ts).length)).toEqual([1, 0, 0, 1]);
  // Also where both are written at once.
  expect(people.card(urgent).ts < people.card(first).ts).toBe(true);
  expect(more(people)).toEqual([
    'The most pressing messages have a card in this thread. 2 more need attention: see the Home tab.',
  ]);
  expect(typesIn(people).indexOf('winnow_card')).toBeLessThan(
    typesIn(people).indexOf('winnow_more'),
  );
});

test('one without a card is settled by a reaction, and gets none for that', async () => {
  const people = await start();
  const [, second = '', third = ''] = people.sent;
  const posts = people.calls('chat.postMessage');
  await people.react(people.ben, second, 'no_good');
  expect(await people.flag(second)).toMatchObject({ state: 'dismissed' });
  expect(more(people)).toEqual([
    'The most pressing messages have a card in this thread. 1 more needs attention: see the Home tab.',
  ]);
  await people.react(people.ben, third, 'white_check_mark');
  expect(people.calls('chat.postMessage')).toBe(posts);
  expect(people.cards(second)).toEqual([]);
  expect(more(people)).toEqual([expect.stringContaining('Nothing left here')]);
});
