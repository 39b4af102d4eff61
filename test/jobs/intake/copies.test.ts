import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { sweep } from '../../../src/jobs/intake/sweep.ts';
import { FLAG, HOUR_MS, type People, readState, startPeople, words } from '../../people/stage.ts';

/** What an integration posts several times is one piece of feedback. */

const PORTAL = { botId: 'B0PORTAL', subtype: 'bot_message' };
const BUG = 'It crashes when I save';

async function startWithPosts(text: string, times: number, more: object = {}) {
  const people = await startPeople([]);
  const post = (again: object = {}) =>
    people.slack.post({ channel: people.channel, ...PORTAL, text, ...more, ...again });
  const posts = Array.from({ length: times }, () => post());
  await people.slack.idle();
  return { people, post, posts: posts as [string, ...string[]] };
}

const requests = async (people: People) =>
  (await people.rows(sql<{ n: number }>`select count(*) as n from requests`))[0]?.n;

describe('posted several times', () => {
  test('it is judged, counted and flagged once; card and list say how often', async () => {
    const { people, posts } = await startWithPosts(BUG, 3);
    expect(await people.type('status')).toContain('1 message');
    await people.sumUp();
    const [first, ...copies] = posts;
    expect(people.digest().text).toContain('1 message');
    expect(people.digest().text).not.toContain('Top theme');
    expect(await requests(people)).toBe(1);
    expect(people.reactionsOf(first)).toEqual(['bug', FLAG]);
    for (const copy of copies) expect(people.reactionsOf(copy)).toEqual([]);
    expect(
      people.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_card'),
    ).toHaveLength(1);
    for (const shown of [words(people.card(first).blocks), people.list('bug')]) {
      expect(shown).toContain('posted 3 times: 2 3');
    }
    const links = people.slack.links(people.card(first)).map(({ url }) => url);
    for (const copy of copies) {
      expect(links.some((url) => url.endsWith(copy.replace('.', '')))).toBe(true);
    }
  });

  test('noise says so too', async () => {
    const { people } = await startWithPosts('lunch anyone', 2);
    await people.sumUp();
    expect(people.list('noise')).toContain('posted 2 times');
  });

  test('a copy that comes later: card and list follow, and no run is needed', async () => {
    const { people, post, posts } = await startWithPosts(BUG, 1);
    await people.sumUp();
    post();
    await people.rest();
    expect(await people.type()).toMatch(/nothing/i);
    await people.rest();
    expect(words(people.card(posts[0]).blocks)).toContain('posted 2 times');
    expect(people.list('bug')).toContain('posted 2 times');
    expect(await requests(people)).toBe(1);
  });

  test('what changes by itself makes no difference', async () => {
    const { people, post } = await startWithPosts(`${BUG}\nUpdated 3 min ago`, 1);
    post({ text: `${BUG}\nUpdated 5 min ago` });
    await people.slack.idle();
    await people.sumUp();
    expect(await requests(people)).toBe(1);
  });

  test('found by the sweep, newest first: the first post stands for both', async () => {
    const { people, posts } = await startWithPosts(BUG, 2, { silent: true });
    await sweep(people.context);
    await people.sumUp();
    expect(await requests(people)).toBe(1);
    expect(people.reactionsOf(posts[0])).toEqual(['bug', FLAG]);
  });
});

describe('no copies are', () => {
  test.each<[string, object]>([
    ['other words', { text: 'It crashes when I print' }],
    ['the same words of another integration', { botId: 'B0OTHER' }],
    ['the same words of another person', { username: 'Jane Doe' }],
  ])('%s', async (_what, more) => {
    const { people, post } = await startWithPosts(BUG, 1);
    post(more);
    await people.slack.idle();
    await people.sumUp();
    expect(await requests(people)).toBe(2);
  });

  test('the same words two days later', async () => {
    const { people, post } = await startWithPosts(BUG, 1);
    people.clock.jump(25 * HOUR_MS);
    post();
    await people.slack.idle();
    await people.sumUp();
    expect(await requests(people)).toBe(2);
  });

  test('pictures without words, which may differ', async () => {
    const people = await startPeople([]);
    const { slack, channel } = people;
    const files = [{ id: 'F1', title: 'image.png', mimetype: 'image/png', filetype: 'png' }];
    for (let n = 0; n < 2; n++) slack.post({ channel, botId: 'B0FORMS', files });
    await slack.idle();
    await people.sumUp();
    expect(await requests(people)).toBe(2);
  });

  test('the same words of a person', async () => {
    const people = await startPeople([BUG, BUG]);
    await people.sumUp();
    expect(await requests(people)).toBe(2);
  });
});

describe('acts on a copy', () => {
  test('are acts on what it repeats', async () => {
    const { people, posts } = await startWithPosts(BUG, 2);
    const [first, copy = ''] = posts;
    await people.sumUp();
    await people.react(people.ben, copy, 'eyes');
    expect(people.stateOf(first)).toBe('claimed');
    await people.takeBack(people.ben, copy, 'eyes');
    expect(people.stateOf(first)).toBe('open');
  });
});

describe('a copy takes the place of its original', () => {
  test('deleted: with its flag, card and verdict, and nothing is judged again', async () => {
    const { people, posts } = await startWithPosts(BUG, 3);
    const { slack, channel, ben } = people;
    const [first, second = ''] = posts;
    await people.sumUp();
    await people.press(ben, first, 'claim');
    const card = people.card(first);
    slack.delete({ channel, ts: first });
    await people.rest();
    await people.sumUp();
    expect(await requests(people)).toBe(1);
    expect(people.reactionsOf(second)).toEqual(['bug', FLAG]);
    expect(await people.flag(second)).toEqual({ state: 'claimed', by: ben });
    const now = slack.message(channel, card.ts);
    expect(readState(now ?? {})).toBe('claimed');
    expect(words(now?.blocks)).toContain('posted 2 times');
    expect(words(people.digest().blocks)).toContain(':bug: 1');
    // The old card goes on working.
    await people.react(people.cleo, card.ts, 'white_check_mark');
    expect(await people.flag(second)).toEqual({ state: 'resolved', by: people.cleo });
    expect(
      people.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_card'),
    ).toHaveLength(1);
  });

  test('deleted before it was judged', async () => {
    const { people, posts } = await startWithPosts(BUG, 2);
    people.slack.delete({ channel: people.channel, ts: posts[0] });
    await people.slack.idle();
    await people.sumUp();
    expect(people.reactionsOf(posts[1] ?? '')).toEqual(['bug', FLAG]);
  });

  test('deleted while it is judged', async () => {
    const { people, posts } = await startWithPosts(BUG, 2);
    people.claude.holdBatches(true);
    await people.type();
    let rounds = 0;
    await people.settle(() => ++rounds > 4);
    people.slack.delete({ channel: people.channel, ts: posts[0] });
    await people.slack.idle();
    people.claude.holdBatches(false);
    people.claude.endBatch();
    await people.rest();
    await people.sumUp();
    expect(people.reactionsOf(posts[1] ?? '')).toEqual(['bug', FLAG]);
  });

  test('edited: what was resolved stays resolved, and the new words are news', async () => {
    const { people, posts } = await startWithPosts(BUG, 2);
    const { slack, channel, ben } = people;
    const [first, second = ''] = posts;
    await people.sumUp();
    await people.press(ben, first, 'resolve');
    slack.edit({ channel, ts: first, text: 'I love it now' });
    await people.rest();
    expect(people.reactionsOf(first)).toEqual([]);
    await people.sumUp();
    expect(people.reactionsOf(first)).toEqual(['tada']);
    expect(people.reactionsOf(second)).toEqual(['bug']);
    expect(await people.flag(second)).toEqual({ state: 'resolved', by: ben });
    expect(await people.flag(first)).toBeUndefined();
    expect(
      people.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_card'),
    ).toHaveLength(1);
  });

  test('edited: a reaction that is taken back is undone where its act is now', async () => {
    const { people, posts } = await startWithPosts(BUG, 2);
    const { slack, channel, ben } = people;
    const [first, second = ''] = posts;
    await people.sumUp();
    await people.react(ben, first, 'eyes');
    slack.edit({ channel, ts: first, text: 'I love it now' });
    await people.rest();
    expect(await people.flag(second)).toEqual({ state: 'claimed', by: ben });
    await people.takeBack(ben, first, 'eyes');
    expect(await people.flag(second)).toMatchObject({ state: 'open' });
  });

  test('edited: a reaction on its card is about the message that the card shows', async () => {
    const { people, posts } = await startWithPosts(BUG, 2);
    const { slack, channel, ben } = people;
    const [first, second = ''] = posts;
    await people.sumUp();
    const card = people.card(first);
    slack.edit({ channel, ts: first, text: 'I love it now' });
    await people.rest();
    await people.react(ben, card.ts, 'eyes');
    expect(await people.flag(second)).toEqual({ state: 'claimed', by: ben });
    expect(await people.flag(first)).toBeUndefined();
  });

  test('a correction stays, and goes on teaching', async () => {
    const { people, posts } = await startWithPosts(BUG, 2);
    const { slack, channel, ben } = people;
    const [first, second = ''] = posts;
    await people.sumUp();
    await people.react(ben, first, 'bulb');
    slack.delete({ channel, ts: first });
    await people.rest();
    expect(people.reactionsOf(second)).toContain('bulb');
    expect(await people.rows(sql`select ts from examples`)).toEqual([{ ts: second }]);
  });
});

test('an edited copy is a message of its own', async () => {
  const { people, posts } = await startWithPosts(BUG, 2);
  const { slack, channel } = people;
  await people.sumUp();
  slack.edit({ channel, ts: posts[1] ?? '', text: 'I love it now' });
  await people.rest();
  await people.sumUp();
  expect(people.reactionsOf(posts[1] ?? '')).toEqual(['tada']);
  expect(words(people.card(posts[0]).blocks)).not.toContain('posted');
});

test('a deleted copy no longer counts', async () => {
  const { people, posts } = await startWithPosts(BUG, 3);
  await people.sumUp();
  people.slack.delete({ channel: people.channel, ts: posts[2] ?? '' });
  await people.rest();
  expect(words(people.card(posts[0]).blocks)).toContain('posted 2 times');
});
