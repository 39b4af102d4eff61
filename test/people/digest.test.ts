import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { digestKey } from '../../src/core/delivery/effects.ts';
import { requestRun } from '../../src/jobs/runs/request.ts';
import {
  BUG,
  DAY_MS,
  FLAG,
  HOUR_MS,
  IDEA,
  type People,
  PRAISE,
  startPeople,
  startSummedUp,
  words,
} from './stage.ts';

/** Summaries follow what people do: yesterday's, today's, and with few calls. */

const OTHER = 'It crashes when I print';

const updatesOf = ({ slack }: People, ts: string) =>
  slack.calls.filter(({ method, args }) => method === 'chat.update' && args.ts === ts).length;

/** Calls that changed the summary or its lists: all but those of cards. */
function countSummaryUpdates(people: People): number {
  const cards = new Set(people.sent.flatMap((ts) => people.cards(ts).map((card) => card.ts)));
  return people.slack.calls.filter(
    ({ method, args }) => method === 'chat.update' && !cards.has(String(args.ts)),
  ).length;
}

describe('a summary of yesterday', () => {
  async function startTomorrow() {
    const people = await startSummedUp([BUG, OTHER]);
    const yesterday = people.digest().ts;
    const [first = '', second = ''] = people.sent;
    await people.react(people.ben, second, 'eyes');
    people.clock.jump(DAY_MS);
    people.slack.post({ channel: people.channel, user: people.user, text: IDEA });
    await people.slack.idle();
    await people.sumUp();
    expect(people.digest().ts).not.toBe(yesterday);
    const textOf = (ts: string) => words(people.slack.message(people.channel, ts)?.blocks);
    return { people, first, second, yesterday: () => textOf(yesterday) };
  }

  test('the next one begins with what is still open, since when and whose', async () => {
    const { people } = await startTomorrow();
    const text = words(people.digest().blocks);
    expect(text).toContain('2 need attention (none new');
    expect(text).toMatch(new RegExp(`${BUG} · 24 h`));
    expect(text).toMatch(new RegExp(`${OTHER} · 24 h( \\d+ min)? · :eyes: ben`));
    expect(people.digest().text).toContain('2 need attention.');
  });

  test('its card, its numbers and today’s line follow, and come back', async () => {
    const { people, first, yesterday } = await startTomorrow();
    const posts = people.calls('chat.postMessage');
    await people.react(people.cleo, people.card(first).ts, 'white_check_mark');
    expect(people.stateOf(first)).toBe('resolved');
    expect(people.reactionsOf(first)).toEqual(['bug']);
    expect(yesterday()).toContain('1 needs attention (all claimed, 1 done)');
    expect(words(people.digest().blocks)).toContain('1 needs attention (none new');
    expect(words(people.digest().blocks)).not.toContain(BUG);
    await people.takeBack(people.cleo, people.card(first).ts, 'white_check_mark');
    expect(yesterday()).toContain('2 need attention');
    expect(words(people.digest().blocks)).toContain('2 need attention (none new');
    expect(people.calls('chat.postMessage')).toBe(posts);
  });

  test('when all is done, today’s says nothing of it any more', async () => {
    const { people, first, second } = await startTomorrow();
    await people.react(people.cleo, first, 'no_good');
    await people.press(people.cleo, second, 'resolve');
    expect(words(people.digest().blocks)).toContain('Nothing needs attention.');
    expect(people.digest().text).toContain('Nothing needs attention.');
  });

  test('a flag by a person on a message of yesterday is still open today', async () => {
    const people = await startSummedUp([PRAISE, IDEA]);
    const [ts = ''] = people.sent;
    const { ts: yesterday } = people.digest();
    people.clock.jump(DAY_MS);
    people.slack.post({ channel: people.channel, user: people.user, text: OTHER });
    await people.slack.idle();
    await people.sumUp();
    await people.react(people.ben, ts, FLAG);
    expect(people.card(ts).thread_ts).toBe(yesterday);
    expect(words(people.digest().blocks)).toContain('2 need attention (1 new');
  });

  test('a run without a summary in between keeps nobody from hearing of it', async () => {
    const { people, first } = await startTomorrow();
    people.slack.post({ channel: people.channel, user: people.user, text: PRAISE });
    await people.slack.idle();
    const request = { channel: people.channel, cause: 'schedule', requestedBy: null } as const;
    await people.context.db
      .transaction()
      .execute((tx) => requestRun(tx, people.context, { ...request, withDigest: false }));
    await people.rest();
    await people.react(people.cleo, first, 'white_check_mark');
    expect(words(people.digest().blocks)).toContain('1 needs attention (none new');
  });
});

describe('few calls', () => {
  test('fifty reactions in a minute', async () => {
    const people = await startSummedUp(Array.from({ length: 50 }, (_, n) => `It crashes on ${n}`));
    const { slack, channel, clock, ben } = people;
    const before = countSummaryUpdates(people);
    for (const ts of people.sent) {
      slack.react({ channel, ts, user: ben, name: 'white_check_mark' });
      await slack.idle();
      await people.step();
      clock.jump(1200);
    }
    await people.rest();
    expect(countSummaryUpdates(people) - before).toBeLessThanOrEqual(21);
    // The most pressing seven have cards.
    for (const ts of people.sent.slice(0, 7)) {
      expect(people.stateOf(ts)).toBe('resolved');
      expect(updatesOf(people, people.card(ts).ts)).toBe(1);
    }
    expect(words(people.digest().blocks)).toContain('50 resolved or dismissed.');
  });

  test('fifty at once, on one card', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    const before = countSummaryUpdates(people);
    for (let n = 0; n < 25; n++) {
      slack.react({ channel, ts, user: ben, name: 'eyes' });
      slack.unreact({ channel, ts, user: ben, name: 'eyes' });
    }
    slack.react({ channel, ts, user: ben, name: 'eyes' });
    await people.rest();
    expect(people.stateOf(ts)).toBe('claimed');
    expect(updatesOf(people, people.card(ts).ts)).toBeLessThanOrEqual(2);
    // The summary says that somebody has it.
    expect(countSummaryUpdates(people)).toBe(before + 1);
  });

  test('while Slack asks to wait, changes become one update with the last of them', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben, cleo } = people;
    const [ts = ''] = people.sent;
    slack.faults.add({ method: 'chat.update', kind: 'rate_limit', retryAfter: 20 });
    for (const [user, name] of [
      [ben, 'eyes'],
      [cleo, 'bulb'],
      [cleo, 'no_good'],
      [ben, 'white_check_mark'],
    ] as const) {
      slack.react({ channel, ts, user, name });
      await slack.idle();
      await people.step();
    }
    await people.rest();
    expect(people.stateOf(ts)).toBe('resolved');
    expect(words(people.card(ts).blocks)).toContain(':bulb: Feature request');
    // The refused one, and the one that brought everything.
    expect(updatesOf(people, people.card(ts).ts)).toBe(2);
  });

  test('a change while an update is on its way is brought by another one', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    slack.faults.add({ method: 'chat.update', kind: 'status', status: 503, when: 'after' });
    slack.react({ channel, ts, user: ben, name: 'eyes' });
    await slack.idle();
    await people.step();
    await people.react(ben, ts, 'white_check_mark');
    expect(people.stateOf(ts)).toBe('resolved');
    expect(words(people.card(ts).blocks)).toContain('Resolved by ben');
  });
});

test('a post that may not be changed keeps nothing else from being', async () => {
  const people = await startSummedUp([BUG, OTHER]);
  const { slack, ben } = people;
  const [ts = '', other = ''] = people.sent;
  const stuck = people.card(ts).ts;
  slack.faults.add({
    method: 'chat.update',
    kind: 'error',
    error: 'cant_update_message',
    match: (args) => args.ts === stuck,
    times: Number.POSITIVE_INFINITY,
  });
  await people.react(ben, ts, 'white_check_mark');
  await people.react(ben, other, 'eyes');
  expect(people.stateOf(other)).toBe('claimed');
  expect(people.reactionsOf(ts)).toEqual(['bug']);
  expect(words(people.digest().blocks)).toContain('1 needs attention (all claimed, 1 done)');
  const left = await people.rows(sql`select key from outbox where ended_at is null`);
  expect(left).toEqual([]);
});

test('a summary whose parent could not be posted is told by the next, with its cards', async () => {
  const people = await startPeople([BUG]);
  const { slack, ben } = people;
  const [ts = ''] = people.sent;
  slack.faults.add({
    method: 'chat.postMessage',
    kind: 'error',
    error: 'invalid_arguments',
    match: ({ metadata }) => JSON.stringify(metadata).includes(digestKey(1)),
  });
  await people.sumUp();
  expect(people.posts()).toEqual([]);
  await people.react(ben, ts, 'eyes');
  people.clock.jump(HOUR_MS);
  await people.sumUp();
  expect(people.stateOf(ts)).toBe('claimed');
  expect(people.cards(ts)).toHaveLength(1);
  expect(words(people.digest().blocks)).toContain('1 needs attention');
});
