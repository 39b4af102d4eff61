import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { DEFAULT_TAXONOMY } from '../../src/core/runs/taxonomy.ts';
import { BUG, FLAG, IDEA, NOISE, type People, PRAISE, startSummedUp, words } from './stage.ts';

/** A person's category outranks Claude's for good. */

const categoryOf = async (people: People, ts: string) => {
  const [row] = await people.rows(
    sql<{ category: string; person: string | null }>`
      select category, person from messages join verdicts on verdicts.id = messages.verdict
      where messages.ts = ${ts}`,
  );
  return row;
};

const examples = async (people: People) =>
  (await people.rows(sql<{ ts: string }>`select ts from examples order by ts`)).map(({ ts }) => ts);

const WAYS: [string, (people: People, ts: string) => Promise<void>][] = [
  ['its emoji on the original', (people, ts) => people.react(people.ben, ts, 'bulb')],
  ['its emoji on the card', (people, ts) => people.react(people.ben, people.card(ts).ts, 'bulb')],
  ['the select', (people, ts) => people.press(people.ben, ts, 'category', 'feature_request')],
];

describe('a corrected category', () => {
  test.each(WAYS)('by %s', async (_way, correct) => {
    const people = await startSummedUp([BUG, IDEA]);
    const { ben, slack, channel } = people;
    const [ts = ''] = people.sent;
    const posts = people.calls('chat.postMessage');
    await correct(people, ts);

    expect(await categoryOf(people, ts)).toEqual({ category: 'feature_request', person: ben });
    // The bot swaps its own reaction; it needs attention as before.
    expect(people.reactionsOf(ts)).toEqual(['bulb', FLAG]);
    expect(people.stateOf(ts)).toBe('open');
    const card = people.card(ts);
    expect(words(card.blocks)).toContain(':bulb: Feature request');
    expect(words(card.blocks)).toContain('set by ben');
    expect(card.text).toContain('(Feature request)');

    // Both lists and the numbers above.
    const digest = words(people.digest().blocks);
    expect(digest).toContain(':bulb: 2');
    expect(digest).not.toContain(':bug:');
    expect(people.list('feature_request')).toContain(BUG);
    expect(people.list('bug')).not.toContain(BUG);
    expect(people.calls('chat.postMessage')).toBe(posts);
    expect(await examples(people)).toEqual([ts]);
    expect(slack.message(channel, ts)?.text).toBe(BUG);
  });

  test.each([
    ['original', (_people: People, ts: string) => ts],
    ['card', (people: People, ts: string) => people.card(ts).ts],
  ] as const)('is Claude’s again when the emoji on the %s is taken back', async (_place, find) => {
    const people = await startSummedUp([BUG, IDEA]);
    const [ts = ''] = people.sent;
    const item = find(people, ts);
    const text = () => words(people.digest().blocks);
    const before = {
      digest: text(),
      bug: people.list('bug'),
      idea: people.list('feature_request'),
    };
    await people.react(people.ben, item, 'bulb');
    await people.takeBack(people.ben, item, 'bulb');
    expect(await categoryOf(people, ts)).toEqual({ category: 'bug', person: null });
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
    expect(words(people.card(ts).blocks)).toContain('ben took back the category');
    expect(words(people.card(ts).blocks)).not.toContain('set by');
    expect(text()).toBe(before.digest);
    expect(people.list('bug')).toBe(before.bug);
    expect(people.list('feature_request')).toBe(before.idea);
    expect(await examples(people)).toEqual([]);
  });

  test('to one that had no list yet gets one, in the same thread', async () => {
    const people = await startSummedUp([BUG, IDEA]);
    const [ts = ''] = people.sent;
    expect(people.list('usability')).toBe('');
    const posts = people.calls('chat.postMessage');
    await people.press(people.ben, ts, 'category', 'usability');
    expect(people.list('usability')).toContain(BUG);
    expect(people.calls('chat.postMessage')).toBe(posts + 1);
    // Back again, what is left over says so, and the list is filled once more.
    await people.press(people.ben, ts, 'category', 'bug');
    expect(people.list('usability')).toContain('Nothing left here');
    expect(people.list('bug')).toContain(BUG);
    await people.press(people.ben, ts, 'category', 'usability');
    expect(people.list('usability')).toContain(BUG);
    expect(people.calls('chat.postMessage')).toBe(posts + 1);
  });

  test('of two the last one counts, and under it lies the first', async () => {
    const people = await startSummedUp([BUG]);
    const { ben, cleo } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, 'bulb');
    await people.react(cleo, ts, 'confounded');
    expect(await categoryOf(people, ts)).toEqual({ category: 'usability', person: cleo });
    expect(people.reactionsOf(ts)).toEqual(['confounded', FLAG]);
    await people.takeBack(cleo, ts, 'confounded');
    expect(await categoryOf(people, ts)).toEqual({ category: 'feature_request', person: ben });
    expect(people.reactionsOf(ts)).toEqual(['bulb', FLAG]);
    expect(words(people.card(ts).blocks)).toContain('set by ben');
  });

  test('on a message without a flag too: its reaction, its list, and no card', async () => {
    const people = await startSummedUp([PRAISE, BUG]);
    const [ts = ''] = people.sent;
    await people.react(people.ben, ts, 'bulb');
    expect(people.reactionsOf(ts)).toEqual(['bulb']);
    expect(people.list('feature_request')).toContain(PRAISE);
    expect(people.cards(ts)).toEqual([]);
  });

  test('who joins the bot’s own reaction agrees with it', async () => {
    const people = await startSummedUp([PRAISE]);
    const { ben } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, 'tada');
    expect(await categoryOf(people, ts)).toEqual({ category: 'praise', person: ben });
    expect(people.reactionsOf(ts)).toEqual(['tada']);
    expect(await examples(people)).toEqual([ts]);
    await people.takeBack(ben, ts, 'tada');
    expect(await categoryOf(people, ts)).toEqual({ category: 'praise', person: null });
    expect(people.reactionsOf(ts)).toEqual(['tada']);
  });
});

describe('what makes it a thing for a person', () => {
  test('a category under which a rule flags it opens a flag', async () => {
    const taxonomy = { ...DEFAULT_TAXONOMY, flagged_when: [{ category: 'usability' }] };
    const people = await startSummedUp([IDEA, PRAISE], { settings: { taxonomy } });
    const [ts = ''] = people.sent;
    expect(people.cards(ts)).toEqual([]);
    await people.react(people.ben, ts, 'confounded');
    expect(people.reactionsOf(ts)).toEqual(['confounded', FLAG]);
    expect(people.stateOf(ts)).toBe('open');
    expect(people.card(ts).thread_ts).toBe(people.digest().ts);
    expect(words(people.digest().blocks)).toContain('1 needs attention');
    await people.takeBack(people.ben, ts, 'confounded');
    expect(people.stateOf(ts)).toBe('withdrawn');
    expect(people.reactionsOf(ts)).toEqual(['bulb']);
    expect(words(people.digest().blocks)).not.toContain('1 needs attention');
  });

  test('noise is not an issue, and the correction of that is one again', async () => {
    const people = await startSummedUp([BUG, NOISE]);
    const { ben, cleo } = people;
    const [ts = ''] = people.sent;
    await people.press(ben, ts, 'category', 'noise');
    expect(people.stateOf(ts)).toBe('dismissed');
    expect(words(people.card(ts).blocks)).toContain('Not an issue, says ben');
    expect(people.reactionsOf(ts)).toEqual([]);
    expect(people.list('noise')).toContain(BUG);
    await people.press(cleo, ts, 'category', 'bug');
    expect(await categoryOf(people, ts)).toEqual({ category: 'bug', person: cleo });
    expect(people.stateOf(ts)).toBe('open');
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
  });

  test('noise by the select, and Undo', async () => {
    const people = await startSummedUp([BUG]);
    const [ts = ''] = people.sent;
    await people.press(people.ben, ts, 'category', 'noise');
    await people.press(people.cleo, ts, 'undo');
    expect(await categoryOf(people, ts)).toEqual({ category: 'bug', person: null });
    expect(people.stateOf(ts)).toBe('open');
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
  });
});

describe('👍', () => {
  test('on the card confirms the category, and may be taken back', async () => {
    const people = await startSummedUp([BUG]);
    const { ben } = people;
    const [ts = ''] = people.sent;
    const card = people.card(ts);
    await people.react(ben, card.ts, '+1');
    expect(await categoryOf(people, ts)).toEqual({ category: 'bug', person: ben });
    expect(words(people.card(ts).blocks)).toMatch(/confirmed by ben|set by ben/);
    expect(people.stateOf(ts)).toBe('open');
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
    expect(await examples(people)).toEqual([ts]);
    await people.takeBack(ben, card.ts, '+1');
    expect(await categoryOf(people, ts)).toEqual({ category: 'bug', person: null });
    expect(await examples(people)).toEqual([]);
    expect(words(people.card(ts).blocks)).toContain('ben took back the confirmation');
  });

  test('keeps what a person has corrected before', async () => {
    const people = await startSummedUp([BUG]);
    const { ben, cleo } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, 'bulb');
    await people.react(cleo, people.card(ts).ts, '+1');
    expect(await categoryOf(people, ts)).toEqual({ category: 'feature_request', person: cleo });
    // It was confirmed, whoever takes back having said it first.
    await people.takeBack(ben, ts, 'bulb');
    expect(await categoryOf(people, ts)).toEqual({ category: 'feature_request', person: cleo });
  });

  test('on the original means anything: it confirms no category', async () => {
    const people = await startSummedUp([BUG]);
    const [ts = ''] = people.sent;
    await people.react(people.ben, ts, '+1');
    expect(await categoryOf(people, ts)).toEqual({ category: 'bug', person: null });
    expect(await examples(people)).toEqual([]);
  });
});
