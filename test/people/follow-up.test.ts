import { describe, expect, test } from 'vitest';
import type { StageOptions } from '../harness.ts';
import { BUG, HOUR_MS, MINUTE_MS, type People, PRAISE, startPeople, words } from './stage.ts';

/** What is said in the thread of the original message: thanks to its reporter, and one reminder. */

const TWO_DAYS = 48 * HOUR_MS;

/** Runs the jobs as far as they have something to do within the next seconds. */
async function soon(people: People): Promise<void> {
  for (let round = 0; round < 50; round++) {
    await people.slack.idle();
    const next = await people.step();
    const ms = next === null ? null : next - people.clock.now();
    if (ms === null || ms > 20_000) return;
    people.clock.jump(Math.max(0, ms));
  }
  throw new Error('still not at rest');
}

async function later(people: People, ms: number): Promise<void> {
  people.clock.jump(ms);
  await soon(people);
}

async function startSoon(texts: string[], options: StageOptions): Promise<People> {
  const people = await startPeople(texts, options);
  await people.type();
  await soon(people);
  return people;
}

/** The bot's replies under a message. */
const replies = ({ slack, channel }: People, ts: string) =>
  slack
    .thread(channel, ts)
    .filter(({ bot_id }) => bot_id === slack.botId)
    .map(({ text, blocks }) => `${text}|${words(blocks).trim()}`);

const react = async (people: People, user: string, ts: string, name: string) => {
  people.slack.react({ channel: people.channel, ts, user, name });
  await soon(people);
};
const takeBack = async (people: People, user: string, ts: string, name: string) => {
  people.slack.unreact({ channel: people.channel, ts, user, name });
  await soon(people);
};

describe('CLOSE_THE_LOOP', () => {
  const on = { settings: { closeTheLoop: true } };
  const thanks = 'This has been resolved by ben. Thank you for telling us.';

  test('one reply under the original, a minute after it was resolved', async () => {
    const people = await startSoon([BUG, PRAISE], on);
    const [ts = ''] = people.sent;
    await react(people, people.ben, ts, 'white_check_mark');
    expect(replies(people, ts)).toEqual([]);
    await later(people, MINUTE_MS);
    expect(replies(people, ts)).toEqual([`${thanks}|${thanks}`]);
    const [reply] = people.slack.thread(people.channel, ts).slice(1);
    expect(reply?.metadata?.event_type).toBe('winnow_thanks');
    expect(people.slack.pings(reply ?? { text: '' })).toEqual([]);
    // Its own reply is no feedback, and no context of any.
    await later(people, HOUR_MS);
    expect(await people.type()).toMatch(/^Nothing is pending/);
  });

  test('none when it is taken back within the minute', async () => {
    const people = await startSoon([BUG], on);
    const [ts = ''] = people.sent;
    await react(people, people.ben, ts, 'white_check_mark');
    people.clock.jump(30_000);
    await takeBack(people, people.ben, ts, 'white_check_mark');
    await later(people, HOUR_MS);
    expect(replies(people, ts)).toEqual([]);
  });

  test('none when it is dismissed after all, and of two who resolve in the end the last', async () => {
    const people = await startSoon([BUG], on);
    const [ts = ''] = people.sent;
    await react(people, people.cleo, ts, 'white_check_mark');
    await react(people, people.ben, ts, 'no_good');
    await later(people, HOUR_MS);
    expect(replies(people, ts)).toEqual([]);
    await react(people, people.ben, people.card(ts).ts, 'white_check_mark');
    await later(people, MINUTE_MS);
    expect(replies(people, ts)).toEqual([`${thanks}|${thanks}`]);
  });

  test('never twice, however often it is reopened', async () => {
    const people = await startSoon([BUG], on);
    const [ts = ''] = people.sent;
    for (let round = 0; round < 3; round++) {
      await react(people, people.ben, ts, 'white_check_mark');
      await later(people, 2 * MINUTE_MS);
      await takeBack(people, people.ben, ts, 'white_check_mark');
      await later(people, 2 * MINUTE_MS);
    }
    expect(replies(people, ts)).toHaveLength(1);
  });

  test('nor when the answer to it is lost, nor over a restart', async () => {
    const people = await startSoon([BUG], { ...on, onDisk: true });
    const [ts = ''] = people.sent;
    await react(people, people.ben, ts, 'white_check_mark');
    await people.restart();
    await people.connect();
    people.slack.faults.add({ method: 'chat.postMessage', kind: 'cut', when: 'after' });
    await later(people, MINUTE_MS);
    await people.restart();
    await people.connect();
    await later(people, MINUTE_MS);
    expect(replies(people, ts)).toHaveLength(1);
  });

  test('not under a message that is deleted meanwhile: it would stand there alone', async () => {
    const people = await startSoon([BUG], { ...on, slack: { orphanReplies: 'top_level' } });
    const [ts = ''] = people.sent;
    await react(people, people.ben, ts, 'white_check_mark');
    people.slack.delete({ channel: people.channel, ts });
    await soon(people);
    await later(people, 2 * MINUTE_MS);
    const posts = people.posts().map(({ metadata }) => metadata?.event_type);
    expect(posts).not.toContain('winnow_thanks');
  });

  test('nothing by default, nor for what is claimed, dismissed, or needed nobody', async () => {
    const off = await startSoon([BUG], {});
    await react(off, off.ben, off.sent[0] ?? '', 'white_check_mark');
    await later(off, HOUR_MS);
    expect(replies(off, off.sent[0] ?? '')).toEqual([]);

    const people = await startSoon([BUG, 'It crashes when I print', PRAISE], on);
    const [claimed = '', dismissed = '', praise = ''] = people.sent;
    await react(people, people.ben, claimed, 'eyes');
    await react(people, people.ben, dismissed, 'no_good');
    await react(people, people.ben, praise, 'white_check_mark');
    await later(people, HOUR_MS);
    expect(people.sent.map((ts) => replies(people, ts))).toEqual([[], [], []]);
  });
});

describe('REMIND_AFTER_HOURS', () => {
  const on = { settings: { remindAfterMs: TWO_DAYS } };

  test('once, in the thread of the message, that nobody has claimed it', async () => {
    const people = await startSoon([BUG, PRAISE], on);
    const [ts = '', praise = ''] = people.sent;
    await later(people, 47 * HOUR_MS);
    expect(replies(people, ts)).toEqual([]);
    await later(people, HOUR_MS);
    const [reminder = '', ...more] = replies(people, ts);
    expect(more).toEqual([]);
    expect(reminder).toContain('Still open for 2 days: It crashes when I save');
    expect(reminder).toContain('Nobody has claimed it yet.');
    await later(people, 10 * TWO_DAYS);
    expect(replies(people, ts)).toHaveLength(1);
    expect(replies(people, praise)).toEqual([]);
  });

  test('naming its claimer, counted from the claim', async () => {
    const people = await startSoon([BUG], on);
    const [ts = ''] = people.sent;
    await later(people, 40 * HOUR_MS);
    await react(people, people.ben, ts, 'eyes');
    await later(people, 40 * HOUR_MS);
    expect(replies(people, ts)).toEqual([]);
    await later(people, 8 * HOUR_MS);
    expect(replies(people, ts)).toEqual([expect.stringContaining('Claimed by ben.')]);
    const [reply] = people.slack.thread(people.channel, ts).slice(1);
    expect(people.slack.pings(reply ?? { text: '' })).toEqual([]);
  });

  test('not of what is resolved, dismissed or deleted, nor at once when that is undone', async () => {
    const texts = [BUG, 'It crashes when I print', 'It crashes when I scroll'];
    const people = await startSoon(texts, on);
    const [resolved = '', dismissed = '', deleted = ''] = people.sent;
    await react(people, people.ben, resolved, 'eyes');
    await react(people, people.cleo, resolved, 'white_check_mark');
    await react(people, people.ben, dismissed, 'no_good');
    people.slack.delete({ channel: people.channel, ts: deleted });
    await later(people, 2 * TWO_DAYS);
    expect(people.sent.map((ts) => replies(people, ts))).toEqual([[], [], []]);
    // Somebody has just looked at it.
    await takeBack(people, people.cleo, resolved, 'white_check_mark');
    await later(people, HOUR_MS);
    expect(replies(people, resolved)).toEqual([]);
    await later(people, TWO_DAYS);
    expect(replies(people, resolved)).toEqual([expect.stringContaining('Claimed by ben.')]);
  });

  test('off', async () => {
    const people = await startSoon([BUG], { settings: { remindAfterMs: null } });
    await later(people, 10 * TWO_DAYS);
    expect(replies(people, people.sent[0] ?? '')).toEqual([]);
  });

  test('of many at once, each one', async () => {
    const people = await startSoon(
      Array.from({ length: 25 }, (_, n) => `It crashes on ${n}`),
      on,
    );
    await later(people, TWO_DAYS);
    expect(people.sent.map((ts) => replies(people, ts).length)).toEqual(people.sent.map(() => 1));
  });
});
