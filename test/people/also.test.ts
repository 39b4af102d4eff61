import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { SimView } from '../../sim/slack/types.ts';
import { UNSURE } from '../../src/slack/blocks/actions.ts';
import { HOME_FILTER } from '../../src/slack/blocks/home/filter.ts';
import { clickHome, labelsAtHome, openHome } from './homes.ts';
import { askWhy, pressIn, triage, wordsOf } from './modals.ts';
import { BUG, FLAG, offers, type People, PRAISE, startSummedUp, words } from './stage.ts';

/** A second category, for messages that do two things: listed, never counted twice, and correctable. */

/** A feature request that is praise as well. */
const BOTH = 'I love the new look. Please add a dark mode';
/** A flagged bug that is a question as well. */
const URGENT = 'It crashes when I save. How do I get a refund?';

const categories = async (people: People, ts: string) => {
  const [row] = await people.rows(
    sql<{ category: string; also: string | null; person: string | null }>`
      select category, also, person from messages join verdicts on verdicts.id = messages.verdict
      where messages.ts = ${ts}`,
  );
  return row;
};

/** Chooses the second category in the modal of a message. */
async function choose(people: People, user: string, ts: string, also: string): Promise<SimView> {
  const view = await pressIn(people, await triage(people, user, ts), 'also', also);
  await people.rest();
  return view;
}

describe('a message that does two things', () => {
  test('is listed under both, and counted under the first alone', async () => {
    const people = await startSummedUp([BOTH, PRAISE]);
    const [ts = ''] = people.sent;
    expect(await categories(people, ts)).toMatchObject({
      category: 'feature_request',
      also: 'praise',
    });
    expect(people.list('feature_request')).toContain('Feature request: 1 message');
    expect(people.list('feature_request')).toMatch(/dark mode view · also Praise/i);
    expect(people.list('praise')).toContain('Praise: 1 message, and 1 counted elsewhere');
    expect(people.list('praise')).toMatch(/dark mode view · counted as Feature request/i);
    const digest = words(people.digest().blocks);
    expect(digest).toContain(':bulb: 1');
    expect(digest).toContain(':tada: 1');
    expect(people.reactionsOf(ts)).toEqual(['bulb']);
  });

  test('has a list under a category of which nothing else is', async () => {
    const people = await startSummedUp([BOTH]);
    expect(people.list('praise')).toContain('Praise: 1 message counted elsewhere');
    expect(words(people.digest().blocks)).not.toContain(':tada:');
  });

  test('says both on its card, in Why? and on Home, whose filter finds it under both', async () => {
    const people = await startSummedUp([URGENT, BUG]);
    const { ben } = people;
    const [ts = ''] = people.sent;
    const card = people.card(ts);
    expect(words(card.blocks)).toContain(':bug: Bug, also Question');
    expect(card.text).toContain('(Bug, also Question)');
    const why = wordsOf(await askWhy(people, ben, card));
    expect(why).toContain(':bug: Bug, also :question: Question');
    expect(why).toContain('Question: Asks how something works');
    expect(await openHome(people, ben)).toContain(':bug: Bug, also Question');
    expect(labelsAtHome(people, ben, HOME_FILTER.category)).toEqual([
      'All categories (2)',
      ':bug: Bug (2)',
      ':question: Question (1)',
    ]);
    const asked = { selectedOption: 'is-question' };
    const home = await clickHome(people, ben, HOME_FILTER.category, asked);
    expect(home).toContain(URGENT);
    expect(home.match(/Open the message/g)).toHaveLength(1);
  });
});

describe('people correct the second category', () => {
  test('by setting it: card, lists, audit log and the next prompt follow', async () => {
    const people = await startSummedUp([BUG]);
    const { ben, slack, channel, user, claude } = people;
    const [ts = ''] = people.sent;
    const view = await choose(people, ben, ts, 'praise');
    expect(wordsOf(view)).toContain(':bug: Bug, also Praise · category set by ben');
    expect(await categories(people, ts)).toEqual({ category: 'bug', also: 'praise', person: ben });
    expect(words(people.card(ts).blocks)).toContain('Bug, also Praise · category set by ben');
    expect(people.list('praise')).toContain('counted as Bug');
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
    expect(await people.acts()).toMatchObject([
      {
        ...{ kind: 'correct', user: ben, category: 'bug', also: 'praise', state: 'taken' },
        before: { category: 'bug', also: null },
        after: { category: 'bug', also: 'praise' },
      },
    ]);
    expect(wordsOf(await askWhy(people, ben, people.card(ts)))).toMatch(
      /ben set the category\. Keyword rules had said :bug: Bug, \d+% sure/,
    );
    slack.post({ channel, user, text: `${BUG} again` });
    await slack.idle();
    await people.sumUp();
    const shown = JSON.stringify(claude.batches().flatMap(({ requests }) => requests));
    expect(shown).toContain('<example category=\\"bug\\" also=\\"praise\\">');
  });

  test('by taking it away, and back again', async () => {
    const people = await startSummedUp([URGENT]);
    const { ben } = people;
    const [ts = ''] = people.sent;
    expect(people.list('question')).toContain('counted as Bug');
    await choose(people, ben, ts, '_none');
    expect(await categories(people, ts)).toMatchObject({ category: 'bug', also: null });
    expect(people.list('question')).toContain('Nothing left here');
    expect(people.list('bug')).not.toContain('also');
    await choose(people, ben, ts, 'question');
    expect(people.list('question')).toContain('counted as Bug');
    // As Claude had said: they agree.
    expect(words(people.card(ts).blocks)).toContain(
      'Bug, also Question · category confirmed by ben',
    );
  });

  test('and undo it, as any word about the category', async () => {
    const people = await startSummedUp([PRAISE], { settings: { unsureBelow: 1 } });
    const { ben, cleo, slack, channel } = people;
    const [ts = ''] = people.sent;
    const before = people.list('praise');
    await choose(people, ben, ts, 'question');
    expect(people.list('praise')).toContain('also Question');
    const post = slack
      .thread(channel, people.digest().ts)
      .find(({ metadata }) => metadata?.event_type === 'winnow_unsure');
    await slack.click({ user: cleo, channel, ts: post?.ts ?? '', actionId: UNSURE.undo });
    await people.rest();
    expect(await people.acts()).toMatchObject([
      { kind: 'correct', also: 'question', after: { category: 'praise', also: 'question' } },
      { kind: 'undo', also: null, after: { category: 'praise', also: null } },
    ]);
    expect(await categories(people, ts)).toEqual({ category: 'praise', also: null, person: null });
    expect(people.list('praise')).toBe(before);
    expect(people.list('question')).toContain('Nothing left here');
  });

  test('by correcting the first to it: they change places', async () => {
    const people = await startSummedUp([URGENT]);
    const { ben } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, 'question');
    expect(await categories(people, ts)).toMatchObject({ category: 'question', also: 'bug' });
    expect(people.reactionsOf(ts)).toEqual(['question', FLAG]);
    expect(people.list('bug')).toContain('counted as Question');
    expect(words(people.digest().blocks)).toContain(':question: 1');
    await people.takeBack(ben, ts, 'question');
    expect(await categories(people, ts)).toEqual({
      category: 'bug',
      also: 'question',
      person: null,
    });
  });

  test('never on noise, nor where the message has no category yet', async () => {
    const people = await startSummedUp(['Lunch anyone', BUG]);
    const { ben, slack, channel, user } = people;
    const [noise = '', bug = ''] = people.sent;
    expect(offers((await triage(people, ben, noise)).view.blocks)).not.toContain('flag_also');
    expect(offers((await triage(people, ben, bug)).view.blocks)).toContain('flag_also');
    const waiting = slack.post({ channel, user, text: PRAISE });
    await slack.idle();
    expect(offers((await triage(people, ben, waiting)).view.blocks)).not.toContain('flag_also');
    // Chosen in a modal that shows an older state.
    const view = await triage(people, ben, bug);
    await people.press(ben, bug, 'category', 'noise');
    expect(wordsOf(await pressIn(people, view, 'also', 'praise'))).not.toContain('also');
    expect(await categories(people, bug)).toMatchObject({ category: 'noise', also: null });
  });
});

test('the copy of a deleted original takes over both categories', async () => {
  const people = await startSummedUp([]);
  const { slack, channel, ben } = people;
  const portal = { channel, botId: 'B0PORTAL', subtype: 'bot_message', text: BOTH };
  const [first, copy] = [slack.post(portal), slack.post(portal)];
  await slack.idle();
  await people.sumUp();
  await choose(people, ben, first, 'question');
  slack.delete({ channel, ts: first });
  await people.rest();
  expect(await categories(people, copy)).toMatchObject({
    category: 'feature_request',
    also: 'question',
    person: ben,
  });
});
