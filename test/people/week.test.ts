import { expect, test } from 'vitest';
import { BUG, DAY_MS, HOUR_MS, IDEA, type People, PRAISE, startSummedUp, words } from './stage.ts';

/** The first summary of a week looks back on the one before. The stage begins on a Monday. */

const OTHER = 'It crashes when I print';

const weekIn = ({ slack, channel, digest }: People) =>
  slack
    .thread(channel, digest().ts)
    .filter(({ metadata }) => metadata?.event_type === 'winnow_week')
    .map(({ blocks }) => words(blocks));

async function sumUp(people: People, ...texts: string[]) {
  const { slack, channel, user } = people;
  for (const text of texts) slack.post({ channel, user, text });
  await slack.idle();
  await people.sumUp();
}

test('what the team did, and what people said, stands in its thread', async () => {
  const people = await startSummedUp([BUG, OTHER, PRAISE]);
  const { clock, sent, ben, cleo } = people;
  // The bot was not there in the week before.
  expect(weekIn(people)).toEqual([]);
  clock.jump(2 * HOUR_MS);
  await people.press(ben, sent[0] ?? '', 'claim');
  clock.jump(2 * HOUR_MS);
  await people.press(cleo, sent[1] ?? '', 'claim');
  await people.press(ben, sent[0] ?? '', 'resolve');
  clock.jump(2 * DAY_MS);
  await sumUp(people, IDEA);
  expect(weekIn(people)).toEqual([]);

  clock.jump(5 * DAY_MS);
  await sumUp(people, 'It crashes on Mondays');
  const [week = '', ...others] = weekIn(people);
  expect(others).toEqual([]);
  expect(week).toContain('Last week, 23 Nov to 29 Nov: 4 messages');
  expect(week).toContain('Resolved: 1 message, reported by ana');
  expect(week).toMatch(/Median time to claim: 3 h/);
  expect(week).toContain(`“${PRAISE}” ana`);
  // It is compared with nothing: the bot does not know the week before.
  expect(week).not.toMatch(/[▲▼]/);
  expect(words(people.digest().blocks)).toContain('A look back on last week');

  // What happens in the new week changes nothing of it.
  await people.press(ben, sent[1] ?? '', 'resolve');
  expect(weekIn(people)).toEqual([week]);
  clock.jump(DAY_MS);
  await sumUp(people, 'It crashes on Tuesdays');
  expect(weekIn(people)).toEqual([]);

  clock.jump(7 * DAY_MS);
  await sumUp(people, 'It crashes again');
  expect(weekIn(people)[0]).toContain('Last week, 30 Nov to 6 Dec: 2 messages\n');
  clock.jump(7 * DAY_MS);
  await sumUp(people, 'It crashes for ever');
  expect(weekIn(people)[0]).toContain(
    'Last week, 7 Dec to 13 Dec: 1 message (▼1 vs the week before)',
  );
});

test('a week in which nothing happened says how many messages there were', async () => {
  const people = await startSummedUp([IDEA]);
  people.clock.jump(14 * DAY_MS);
  await sumUp(people, IDEA);
  expect(weekIn(people)).toEqual([
    expect.stringMatching(/^Last week, 30 Nov to 6 Dec: 0 messages/),
  ]);
});

test('it says why messages were dismissed', async () => {
  const people = await startSummedUp([BUG, OTHER]);
  const [first = '', second = ''] = people.sent;
  for (const ts of [first, second]) await people.press(people.ben, ts, 'dismiss');
  await people.press(people.cleo, first, 'reason', 'known');
  people.clock.jump(7 * DAY_MS);
  await sumUp(people, IDEA);
  expect(weekIn(people)[0]).toContain('Dismissed: 1 known, 1 without a reason');
});
