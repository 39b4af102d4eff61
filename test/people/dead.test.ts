import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { BUG, FLAG, type People, PRAISE, startPeople, words } from './stage.ts';

/** What Claude could make nothing of, people can judge and flag themselves. */

/** Three runs without a usable answer. */
async function startDead(before: (people: People, ts: string) => Promise<void> = async () => {}) {
  const people = await startPeople([BUG, PRAISE]);
  const [ts = ''] = people.sent;
  await before(people, ts);
  const mend = people.claude.faults.addItem({
    outcome: 'not_json',
    match: (_id, text) => text.includes(BUG),
  });
  for (let run = 0; run < 3; run++) await people.sumUp();
  mend();
  expect(await stateOf(people, ts)).toBe('dead');
  return { people, ts };
}

async function stateOf(people: People, ts: string): Promise<string | undefined> {
  const rows = await people.rows(
    sql<{ state: string }>`select state from messages where ts = ${ts}`,
  );
  return rows[0]?.state;
}

test('a person gives it a category, another one another, and it is told of', async () => {
  const { people, ts } = await startDead();
  await people.react(people.ben, ts, 'bug');
  expect(people.reactionsOf(ts)).toEqual(['bug']);
  expect(await stateOf(people, ts)).toBe('judged');
  await people.react(people.cleo, ts, 'bulb');
  expect(people.reactionsOf(ts)).toEqual(['bulb']);
  await people.sumUp();
  expect(people.list('feature_request')).toContain(BUG);
});

test('taken back, it is as it was', async () => {
  const { people, ts } = await startDead();
  await people.react(people.ben, ts, 'bug');
  await people.takeBack(people.ben, ts, 'bug');
  expect(people.reactionsOf(ts)).toEqual([]);
  expect(await stateOf(people, ts)).toBe('dead');
});

test('edited meanwhile, it is for Claude when that is taken back', async () => {
  const { people, ts } = await startDead();
  await people.react(people.ben, ts, 'bulb');
  people.slack.edit({ channel: people.channel, ts, text: PRAISE });
  await people.slack.idle();
  await people.takeBack(people.ben, ts, 'bulb');
  await people.sumUp();
  expect(await stateOf(people, ts)).toBe('judged');
  expect(people.reactionsOf(ts)).toEqual(['tada']);
});

test('flagged by a person, it has a card, and somebody can act on it', async () => {
  const { people, ts } = await startDead();
  await people.react(people.ben, ts, FLAG);
  expect(people.reactionsOf(ts)).toEqual([FLAG]);
  expect(people.cards(ts)).toHaveLength(1);
  expect(people.stateOf(ts)).toBe('open');
  expect(words(people.digest().blocks)).toContain('1 needs attention');
  await people.press(people.cleo, ts, 'resolve');
  expect(people.stateOf(ts)).toBe('resolved');
  expect(people.reactionsOf(ts)).toEqual([]);
});

test('flagged, and given a category: one card of it', async () => {
  const { people, ts } = await startDead();
  await people.react(people.ben, ts, FLAG);
  await people.react(people.ben, ts, 'bug');
  expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
  expect(people.cards(ts)).toHaveLength(1);
  await people.press(people.cleo, ts, 'resolve');
  expect(people.reactionsOf(ts)).toEqual(['bug']);
});

test('flagged while Claude still tried, and given a category after that', async () => {
  const { people, ts } = await startDead((started, one) => started.react(started.ben, one, FLAG));
  await people.react(people.ben, ts, 'bug');
  expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
  expect(people.cards(ts)).toHaveLength(1);
  expect(people.stateOf(ts)).toBe('open');
});

test('flagged and left alone, it heads the next summary', async () => {
  const { people, ts } = await startDead();
  const { slack, channel, user } = people;
  await people.react(people.ben, ts, FLAG);
  slack.post({ channel, user, text: PRAISE });
  await slack.idle();
  await people.sumUp();
  expect(words(people.digest().blocks)).toContain('1 needs attention (none new');
  expect(words(people.digest().blocks)).toContain(BUG);
  await people.react(people.cleo, ts, 'no_good');
  expect(words(people.digest().blocks)).toContain('Nothing needs attention.');
});
