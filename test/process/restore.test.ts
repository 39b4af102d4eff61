import { copyFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ACTIONS } from '../../src/slack/blocks/actions.ts';
import { removeFiles } from '../../src/store/db/backup.ts';
import { keysOf, openPlace, type Place } from './bot.ts';

/** The bot on a copy of its database, or without it: nothing is posted twice. */

const TAKEN_OVER = 'posts that the database did not know were taken over';

/** The last post of a summary: the messages of a category, whose flagged ones have cards. */
const isList = ({ metadata }: { metadata?: { event_type?: unknown } }) =>
  metadata?.event_type === 'winnow_category';

const isCard = ({ metadata }: { metadata?: { event_type?: unknown } }) =>
  metadata?.event_type === 'winnow_card';

/** Types the command, and waits until the summary has all of its posts. */
async function sumUp(place: Place, bot: ReturnType<Place['start']>, runs: number, cards: number) {
  await place.type();
  await bot.logged('a run is done', runs);
  for (const kind of [isCard, isList]) {
    await place.slack.waitFor(() => place.posts().filter(kind).length === cards);
  }
}

test('backup, more runs and claims, a kill, restore: newer posts are found, and nothing is posted twice', async () => {
  const place = await openPlace();
  const { slack, channel, user, directory } = place;
  const bot = place.start();
  await bot.logged('messages count from here on');
  place.post('It crashes when I save');
  await slack.idle();
  await sumUp(place, bot, 1, 1);
  const copy = `${directory}/copy.db`;
  expect((await place.run('backup.ts', [copy])).code).toBe(0);

  const print = place.post('It crashes when I print');
  await slack.idle();
  await sumUp(place, bot, 2, 2);
  const [, second] = place.posts().filter(isCard);
  await slack.click({ user, channel, ts: second?.ts ?? '', actionId: ACTIONS.claim });
  await slack.waitFor(() =>
    JSON.stringify(slack.message(channel, second?.ts ?? '')).includes('state-claimed'),
  );
  bot.process.kill('SIGKILL');
  await bot.ended;
  const before = keysOf(place.posts());

  expect((await place.run('restore.ts', [copy])).code).toBe(0);
  const next = place.start();
  expect(await next.logged(TAKEN_OVER)).toMatchObject({ messages: 1 });
  await next.logged('ready');
  await slack.click({ user, channel, ts: second?.ts ?? '', actionId: ACTIONS.resolve });
  await slack.waitFor(() =>
    JSON.stringify(slack.message(channel, second?.ts ?? '')).includes('state-resolved'),
  );
  place.post('It crashes when I scroll');
  await slack.idle();
  await sumUp(place, next, 1, 3);
  const keys = keysOf(place.posts());
  expect(keys).toEqual([...new Set(keys)]);
  expect(keys).toEqual(expect.arrayContaining(before));
  const about = place
    .posts()
    .filter(isCard)
    .filter((post) => JSON.stringify(post.metadata).includes(print));
  expect(about).toHaveLength(1);
  next.process.kill('SIGTERM');
  expect((await next.ended).code).toBe(0);
});

test('killed, and only the file is kept: the next start goes on; without it, it asks first', async () => {
  const place = await openPlace();
  const { slack } = place;
  const bot = place.start();
  await bot.logged('messages count from here on');
  place.post('It crashes when I save');
  await slack.idle();
  await sumUp(place, bot, 1, 1);
  const kept = `${place.directory}/kept.db`;
  bot.process.kill('SIGKILL');
  await bot.ended;
  copyFileSync(place.database, kept);
  removeFiles(place.database);

  const refused = await place.start().ended;
  expect(refused.code).toBe(1);
  expect(refused.said).toMatch(
    /^DATABASE_URL: .*winnow\.db does not know what Winnow posted in #feedback at .* UTC.*npm run restore -- FILE.*ADOPT_POSTS=on/,
  );
  expect(refused.said).not.toContain('    at ');

  removeFiles(place.database);
  copyFileSync(kept, place.database);
  const before = keysOf(place.posts());
  const next = place.start({ ADOPT_POSTS: 'on' });
  await next.logged('ready');
  place.post('It crashes when I print');
  await slack.idle();
  await sumUp(place, next, 1, 2);
  const keys = keysOf(place.posts());
  expect(keys).toEqual([...new Set(keys)]);
  expect(keys).toEqual(expect.arrayContaining(before));
});
