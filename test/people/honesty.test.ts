import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { SimMessage } from '../../sim/slack/types.ts';
import { LEAST_ANSWERED } from '../../src/core/people/honesty.ts';
import { HONESTY } from '../../src/slack/blocks/actions.ts';
import { openHome, shownHome } from './homes.ts';
import { BUG, DAY_MS, IDEA, NOISE, type People, PRAISE, startSummedUp, words } from './stage.ts';

/** "Is this right?" about messages picked at random, and how often verdicts are right. */

const WEEK_MS = 7 * DAY_MS;

const texts = (n: number, week = 0) =>
  Array.from({ length: n }, (_, i) => `${[BUG, IDEA, PRAISE, BUG][i % 4]} (${week}.${i})`);

interface Row {
  block_id?: string;
  elements?: { action_id: string; options?: { value: string }[] }[];
}

/** Somebody posts these, and asks for a summary. */
async function sumUp(people: People, ...said: string[]): Promise<void> {
  const { slack, channel, user } = people;
  for (const text of said) slack.post({ channel, user, text });
  await slack.idle();
  await people.sumUp();
}

const postsOf = ({ slack, channel, digest }: People, type: string, parent = digest().ts) =>
  slack.thread(channel, parent).filter(({ metadata }) => metadata?.event_type === type);

const rowsOf = (post: SimMessage | undefined) => (post?.blocks ?? []) as readonly Row[];

interface Asked {
  ts: string;
  category: string;
  post: SimMessage;
  row: Row;
}

/** What is asked in the thread of a summary and can be answered. */
async function askedIn(people: People, parent = people.digest().ts): Promise<Asked[]> {
  const rows = await people.rows(
    sql<{ ts: string; category: string }>`select ts, category from honesty_questions`,
  );
  return postsOf(people, 'winnow_honesty', parent).flatMap((post) =>
    rowsOf(post).flatMap((row) => {
      const ts = /^about-\w+-(\d+\.\d+)-a\d+$/.exec(row.block_id ?? '')?.[1];
      const category = rows.find((one) => one.ts === ts)?.category;
      return ts && category ? [{ ts, category, post, row }] : [];
    }),
  );
}

/** Answers a question, and waits until the bot is done with it. */
async function answer(people: People, user: string, { ts, post }: Asked, option?: string) {
  const { slack, channel, woken, waitFor } = people;
  const row = rowsOf(slack.message(channel, post.ts)).find(({ block_id }) =>
    block_id?.includes(ts),
  );
  const before = woken.length;
  const clicked = await slack.click({
    ...{ user, channel, ts: post.ts, blockId: String(row?.block_id) },
    ...(option === undefined
      ? { actionId: HONESTY.right }
      : { actionId: HONESTY.wrong, selectedOption: option }),
  });
  expect(clicked).toMatchObject({ acked: true });
  await waitFor(() => woken.slice(before).includes('act'), { what: 'the answer to be taken' });
  await people.rest();
}

/** A second week begins: some of what was judged is asked about. */
async function startAsked(n: number, ...more: Parameters<typeof startSummedUp>[1][]) {
  const people = await startSummedUp(texts(n), ...more);
  expect(postsOf(people, 'winnow_honesty')).toEqual([]);
  people.clock.jump(WEEK_MS);
  await sumUp(people, `${IDEA} too`);
  return people;
}

const standing = (people: People) =>
  people.rows(
    sql<{ user: string; category: string }>`select "user", category from acts
      where source = 'honesty' and state = 'taken' and kind != 'undo' and undone_by is null`,
  );

const said = (people: People) =>
  postsOf(people, 'winnow_honesty')
    .map(({ blocks }) => words(blocks))
    .join('\n');

test('ten messages are picked with the first summary of a week, and the same ones stay', async () => {
  const people = await startAsked(30);
  const asked = await askedIn(people);
  expect(asked).toHaveLength(10);
  expect(new Set(asked.map(({ category }) => category))).toEqual(
    new Set(['bug', 'feature_request', 'praise']),
  );
  expect(said(people)).toContain('Is this right? 10 messages picked at random');
  expect(said(people)).toContain(`Figures follow once ${LEAST_ANSWERED} messages are answered: 0`);
  const [first] = asked;
  expect(first?.row.elements?.[1]?.options?.map(({ value }) => value)).not.toContain(
    first?.category,
  );
  // Something changes, and the summary is written again.
  await people.react(people.ben, asked[0]?.ts ?? '', 'eyes');
  await people.react(people.ben, people.sent[0] ?? '', 'bulb');
  expect((await askedIn(people)).map(({ ts }) => ts)).toEqual(asked.map(({ ts }) => ts));
  // The next summary of the week asks nothing, and nothing is asked twice.
  people.clock.jump(DAY_MS);
  await sumUp(people, BUG);
  expect(await askedIn(people)).toEqual([]);
  people.clock.jump(WEEK_MS);
  await sumUp(people, PRAISE);
  expect((await askedIn(people)).map(({ category }) => category).sort()).toEqual(['bug', 'praise']);
});

test('what somebody has judged is not picked, but counts as what was picked from', async () => {
  const people = await startSummedUp([BUG, IDEA, PRAISE]);
  const [bug = '', idea = ''] = people.sent;
  await people.react(people.ben, bug, 'bulb');
  await people.react(people.ben, idea, 'eyes');
  people.clock.jump(WEEK_MS);
  await sumUp(people, NOISE);
  const asked = (await askedIn(people)).map(({ ts }) => ts);
  expect(asked).toHaveLength(3);
  expect(asked).toContain(idea);
  expect(asked).not.toContain(bug);
  const [draw] = await people.rows(sql<{ messages: string }>`select messages from honesty_draws`);
  expect(JSON.parse(draw?.messages ?? '')).toEqual({
    ...{ bug: 1, feature_request: 1, praise: 1, noise: 1 },
  });
});

test('an answer teaches; each person has one, may change it, and take it back', async () => {
  const people = await startAsked(4);
  const { ben, cleo } = people;
  const question = (await askedIn(people)).find(({ category }) => category === 'bug');
  if (!question) throw new Error('no bug is asked about');
  const { ts } = question;
  const examples = () =>
    people.rows(sql<{ category: string }>`select verdicts.category from examples
      join messages on messages.ts = examples.ts
      join verdicts on verdicts.id = messages.verdict where examples.ts = ${ts}`);

  await answer(people, ben, question);
  expect(await people.acts()).toMatchObject([
    { kind: 'confirm', category: 'bug', user: ben, source: 'honesty', state: 'taken' },
  ]);
  expect(await examples()).toEqual([{ category: 'bug' }]);
  expect(said(people)).toContain('Answered by ben');
  // What somebody has answered is not shown to the others.
  expect(said(people)).not.toContain('says');

  await answer(people, cleo, question, 'praise');
  expect(said(people)).toContain('Answered by ben and cleo');
  expect(await examples()).toEqual([{ category: 'praise' }]);
  // *Right* is about the category that was picked, whatever somebody has made of it since.
  await answer(people, ben, question);
  expect(await standing(people)).toEqual([
    { user: cleo, category: 'praise' },
    { user: ben, category: 'bug' },
  ]);
  expect(await examples()).toEqual([{ category: 'bug' }]);

  await answer(people, ben, question, 'question');
  await answer(people, ben, question, HONESTY.back);
  expect(await standing(people)).toEqual([{ user: cleo, category: 'praise' }]);
  expect(said(people)).toContain('Answered by cleo');
  await answer(people, cleo, question, HONESTY.back);
  expect(await standing(people)).toEqual([]);
  expect(await examples()).toEqual([]);
  expect(said(people)).not.toContain('Answered by');
});

test('what somebody else undoes is no longer learned, but stays that person’s answer', async () => {
  const people = await startAsked(4);
  const { ben, cleo } = people;
  const question = (await askedIn(people)).find(({ category }) => category === 'bug');
  if (!question) throw new Error('no bug is asked about');
  await answer(people, ben, question, 'noise');
  expect(people.stateOf(question.ts)).toBe('dismissed');
  await people.press(cleo, question.ts, 'undo');
  expect(await standing(people)).toEqual([]);
  expect(said(people)).toContain('Answered by ben');
  await answer(people, ben, question, HONESTY.back);
  expect(said(people)).not.toContain('Answered by');
});

test('guests may not answer, and nobody may once the message is edited or deleted', async () => {
  const people = await startAsked(4);
  const { slack, channel, ben } = people;
  const [one, two, three] = await askedIn(people);
  if (!one || !two || !three) throw new Error('three are asked about');
  const guest = slack.addUser({ name: 'guest', isRestricted: true });
  slack.join(channel, guest);
  await answer(people, guest, one);
  const isTold = (user: string, what: string) =>
    slack.waitFor(() => people.told(user).some((words) => words.includes(what)), { what });
  await isTold(guest, 'Guests');

  await answer(people, ben, two);
  slack.edit({ channel, ts: two.ts, text: 'Something else altogether, please' });
  await slack.idle();
  await answer(people, people.cleo, two);
  await isTold(people.cleo, 'edited since it was picked');
  slack.delete({ channel, ts: three.ts });
  await slack.idle();
  await answer(people, people.cleo, three);
  await isTold(people.cleo, 'has been deleted');
  expect(await standing(people)).toEqual([{ user: ben, category: two.category }]);
  // The edited one is judged anew: its question is over, and its answer stays.
  await people.sumUp();
  const first = people
    .posts()
    .find(({ metadata, ts }) => metadata?.event_type === 'winnow_honesty' && ts === one.post.ts);
  expect(words(first?.blocks)).toContain('Edited since: no more answers');
  expect(words(first?.blocks)).toContain('(deleted)');
  expect(words(first?.blocks)).toContain('Answered by ben');
});

test('from twenty answered messages on, summaries and Home say how often it is right', async () => {
  const people = await startAsked(12);
  const { ben, cleo, slack, channel, clock } = people;
  const overall = /Right on (\d+) of (\d+) \((\d+)%, between (\d+)% and (\d+)%\)/;
  const posted = () =>
    people
      .posts()
      .map(({ blocks }) => words(blocks))
      .join('\n');
  let answered = 0;
  const answerAll = async (user: string) => {
    for (const question of await askedIn(people)) {
      // Each second bug is wrong.
      const wrong = question.category === 'bug' && answered % 2 === 1;
      await answer(people, user, question, wrong ? 'question' : undefined);
      answered++;
    }
  };
  await answerAll(ben);
  // A second person's answers are no more messages.
  await answerAll(cleo);
  expect(answered).toBe(20);
  expect(posted()).not.toMatch(overall);
  clock.jump(WEEK_MS);
  await sumUp(people, ...texts(12, 1));
  const [nine, last] = [(await askedIn(people)).slice(0, -1), (await askedIn(people)).at(-1)];
  for (const question of nine) await answer(people, ben, question);
  expect(posted()).not.toMatch(overall);
  expect(said(people)).toContain('are answered: 19 so far');
  if (last) await answer(people, ben, last);

  const [figures] = postsOf(people, 'winnow_figures');
  const parent = words(people.digest().blocks);
  const shown = overall.exec(parent);
  const [, right, total, percent, low, high] = (shown ?? []).map(Number);
  expect(total).toBe(20);
  const [{ n } = { n: 0 }] = await people.rows(sql<{ n: number }>`
    select count(*) as n from honesty_questions as asked where 2 * (
      select count(*) from acts where acts.ts = asked.ts and source = 'honesty'
        and acts.category = asked.category and undone_by is null) > (
      select count(*) from acts where acts.ts = asked.ts and source = 'honesty'
        and kind != 'undo' and undone_by is null)`);
  expect(right).toBe(n);
  expect(low).toBeLessThan(percent ?? 0);
  expect(percent).toBeLessThan(high ?? 0);
  expect(words(figures?.blocks)).toContain(shown?.[0]);
  expect(words(figures?.blocks)).toContain('By category: Bug ');
  expect(words(figures?.blocks)).toContain('Agreement: 10 messages answered by two or more people');
  expect(said(people)).not.toContain('so far');

  // The same stands on Home, and in the next summary of the week, which asks nothing.
  clock.jump(DAY_MS);
  await sumUp(people, BUG);
  expect(words(people.digest().blocks)).toContain(shown?.[0]);
  expect(postsOf(people, 'winnow_figures')).toEqual([]);
  await openHome(people, cleo);
  expect(shownHome(people, cleo)).toContain(shown?.[0]);
  expect(shownHome(people, cleo)).toContain('By category: Bug ');

  // How it is counted is one click away, from each of these places.
  await slack.click({
    ...{ user: ben, channel, ts: people.digest().ts, actionId: HONESTY.how },
  });
  const view = await slack.waitFor(() => slack.views.at(-1));
  const explained = words((view.view as { blocks?: unknown }).blocks);
  expect(explained).toContain(shown?.[0]);
  expect(explained).toContain('20 answered by 2 people');
  expect(explained).toMatch(/Bug: right on \d+ of \d+ \(between \d+% and \d+%\) · \d+% of all/);
  expect(explained).toContain('effective sample size');
  // After 90 days without a new draw nothing is known any more.
  clock.jump(91 * DAY_MS);
  await openHome(people, cleo);
  expect(shownHome(people, cleo)).not.toMatch(overall);
});
