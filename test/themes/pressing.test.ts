import { expect, test } from 'vitest';
import { homeBlocks, openHome } from '../people/homes.ts';
import { words } from '../people/stage.ts';
import { EXPORT, startThemed } from './stage.ts';

/** What most people say needs attention first: in the summary, its cards and on the Home tab. */

const ONCE = 'The page fails on Monday';
const MINE = [
  'My calendar fails to load',
  'My calendar still fails to load',
  'Calendar fails to load',
];

test('what three people say comes before what one says, also three times', async () => {
  const stage = await startThemed({ settings: { needsShown: 3 } });
  const { slack, channel, user } = stage;
  await stage.post([ONCE]);
  for (const text of MINE) slack.post({ channel, user, text });
  const three = await stage.day(EXPORT);
  const parent = stage.posts().findLast(({ metadata }) => metadata?.event_type === 'winnow_digest');
  const cards = slack
    .thread(channel, parent?.ts ?? '')
    .filter(({ metadata }) => metadata?.event_type === 'winnow_card')
    .map(({ metadata }) => (metadata?.event_payload as { ts: string } | undefined)?.ts);
  expect(cards.toSorted()).toEqual(three);

  const places = (said: string) => [EXPORT[0], ONCE].map((text = '') => said.indexOf(text));
  const [said = -1, once = -1] = places(words(parent?.blocks));
  expect(said).toBeGreaterThan(0);
  expect(once === -1 || said < once).toBe(true);
  await openHome(stage, user);
  const [first = -1, later = -1] = places(words(homeBlocks(stage, user)));
  expect(first).toBeGreaterThan(0);
  expect(first < later).toBe(true);
});
