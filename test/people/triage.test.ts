import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { applyDeletion } from '../../src/jobs/intake/store-message.ts';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { ACTIONS, TRIAGE_SHORTCUT } from '../../src/slack/blocks/actions.ts';
import { pressIn, triage, wordsOf } from './modals.ts';
import {
  BUG,
  DAY_MS,
  FLAG,
  IDEA,
  MINUTE_MS,
  offers,
  type People,
  PRAISE,
  startPeople,
  startSummedUp,
} from './stage.ts';

/** The shortcut *Triage this message*: adds what was not collected, or shows its verdict. */

/** From before the bot came into the channel. */
function postOld({ slack, channel, user }: People, text: string): string {
  return slack.post({ channel, user, text, ts: '1700000000.000100', silent: true });
}

const messages = async (people: People) =>
  people.rows(sql<{ ts: string; state: string; deleted_at: number | null }>`
    select ts, state, deleted_at from messages order by ts`);

describe('it adds', () => {
  test('a message from before the bot came: the next run judges it as any other', async () => {
    const people = await startPeople([PRAISE]);
    const { ben } = people;
    const ts = postOld(people, BUG);
    const view = await triage(people, ben, ts);
    expect(wordsOf(view)).toContain(BUG);
    expect(wordsOf(view)).toContain('Added: it will be classified in the next run.');
    await people.sumUp();
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
    expect(people.stateOf(ts)).toBe('open');
    expect(people.list('bug')).toContain(BUG);
    await people.react(ben, ts, 'white_check_mark');
    expect(people.stateOf(ts)).toBe('resolved');
    expect(people.reactionsOf(ts)).toEqual(['bug']);
    // Once more, it is known.
    expect(wordsOf(await triage(people, ben, ts))).toContain('Resolved by ben');
    expect(await messages(people)).toHaveLength(2);
  });

  test('a reply in a thread, which is followed in its edits, its deletion and by the sweep', async () => {
    const people = await startPeople([PRAISE]);
    const { slack, channel, user, ben, clock } = people;
    const [threadTs = ''] = people.sent;
    const ts = slack.post({ channel, user, text: BUG, threadTs });
    await slack.idle();
    await triage(people, ben, ts);
    clock.jump(2 * MINUTE_MS);
    await sweep(people.context, { lookBackMs: 10 * MINUTE_MS });
    await people.sumUp();
    expect(people.reactionsOf(ts)).toEqual(['bug', FLAG]);
    expect(JSON.stringify(people.card(ts).blocks)).toContain(`thread_ts=${threadTs}`);
    expect(await people.rows(sql`select deleted_at from replies`)).toEqual([{ deleted_at: null }]);
    slack.edit({ channel, ts, text: IDEA });
    await slack.idle();
    await people.sumUp();
    expect(people.reactionsOf(ts)).toEqual(['bulb']);
    slack.delete({ channel, ts });
    await people.rest();
    expect((await messages(people)).find((one) => one.ts === ts)?.deleted_at).not.toBeNull();
    expect(people.list('feature_request')).not.toContain(IDEA);
  });

  test('a reply that was taken for deleted: it is in its thread again', async () => {
    const people = await startPeople([PRAISE]);
    const { slack, channel, user, ben, context } = people;
    const ts = slack.post({ channel, user, text: BUG, threadTs: people.sent[0] ?? '' });
    await slack.idle();
    await context.db
      .transaction()
      .execute((tx) => applyDeletion(tx, context, { channel, ts }, people.clock.now() - 1_000));
    await triage(people, ben, ts);
    expect(await people.rows(sql`select ts, deleted_at from replies`)).toEqual([
      { ts, deleted_at: null },
    ]);
  });

  test('with the reactions that people had put on it before', async () => {
    const people = await startPeople([PRAISE]);
    const { slack, channel, ben, cleo } = people;
    const ts = postOld(people, BUG);
    await people.react(cleo, ts, 'eyes');
    expect(await people.acts()).toEqual([]);
    await triage(people, ben, ts);
    await people.rest();
    await people.sumUp();
    expect(await people.flag(ts)).toEqual({ state: 'claimed', by: cleo });
    expect(slack.message(channel, ts)?.reactions.map(({ name }) => name)).toContain('eyes');
  });

  test('and takes what is pressed there before Claude has judged it', async () => {
    const people = await startPeople([PRAISE]);
    const { ben } = people;
    const ts = postOld(people, BUG);
    const view = await triage(people, ben, ts);
    expect(offers(view.view.blocks)).toEqual([ACTIONS.flag, ACTIONS.category]);
    const flagged = await pressIn(people, view, 'flag');
    await people.rest();
    expect(people.reactionsOf(ts)).toEqual([FLAG]);
    // Who pressed sees that it came to something.
    expect(wordsOf(flagged)).toMatch(/[Ff]lagged by ben/);
    const corrected = await pressIn(people, flagged, 'category', 'usability');
    expect(wordsOf(corrected)).toMatch(/Usability/);
    await people.rest();
    await people.sumUp();
    expect(people.reactionsOf(ts)).toEqual(['confounded', FLAG]);
    expect(people.stateOf(ts)).toBe('open');
  });
});

describe('it shows', () => {
  test('a card with working buttons; the one in the thread follows', async () => {
    const people = await startSummedUp([BUG]);
    const { ben } = people;
    const [ts = ''] = people.sent;
    const posts = people.calls('chat.postMessage');
    let view = await triage(people, ben, ts);
    expect(wordsOf(view)).toContain('Open');
    for (const [action, option, says, state] of [
      ['claim', undefined, 'Claimed by ben', 'claimed'],
      ['category', 'usability', 'Usability', 'claimed'],
      ['resolve', undefined, 'Resolved by ben', 'resolved'],
      ['undo', undefined, 'Claimed by ben', 'claimed'],
      ['dismiss', undefined, 'Not an issue, says ben', 'dismissed'],
    ] as const) {
      view = await pressIn(people, view, action, option);
      expect(wordsOf(view)).toContain(says);
      await people.rest();
      expect(people.stateOf(ts)).toBe(state);
    }
    expect(people.reactionsOf(ts)).toEqual(['confounded']);
    expect(people.calls('chat.postMessage')).toBe(posts + 1);
    expect(people.list('usability')).toContain(BUG);
    expect(await people.acts()).toMatchObject(Array(5).fill({ user: ben, source: 'button' }));
  });

  test('what nothing flags, to be flagged there', async () => {
    const people = await startSummedUp([PRAISE]);
    const { ben } = people;
    const [ts = ''] = people.sent;
    const view = await triage(people, ben, ts);
    expect(wordsOf(view)).toContain('Not flagged');
    const flagged = await pressIn(people, view, 'flag');
    expect(wordsOf(flagged)).toContain('Flagged by ben');
    await people.rest();
    expect(people.stateOf(ts)).toBe('open');
    expect(people.reactionsOf(ts)).toEqual(['tada', FLAG]);
  });

  test('what waits for Claude, and why another could not be classified', async () => {
    const people = await startPeople([BUG]);
    const { ben, claude } = people;
    const [ts = ''] = people.sent;
    expect(wordsOf(await triage(people, ben, ts))).toContain(
      'It will be classified in the next run',
    );
    claude.faults.addItem({ outcome: 'not_json', match: () => true });
    for (let run = 0; run < 3; run++) await people.sumUp();
    const view = await triage(people, ben, ts);
    expect(wordsOf(view)).toContain('It could not be classified');
    await pressIn(people, view, 'category', 'usability');
    await people.rest();
    expect(people.reactionsOf(ts)).toEqual(['confounded']);
  });

  test('when pressed in after the message was deleted, that it was', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    const view = await triage(people, ben, ts);
    slack.delete({ channel, ts });
    await people.rest();
    expect(wordsOf(await pressIn(people, view, 'claim'))).toContain(
      'This message has been deleted.',
    );
    expect(await people.acts()).toMatchObject([{ refusal: 'deleted' }]);
  });
});

describe('it refuses', () => {
  test('its own posts, and Slack’s', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const joined = slack.messages(channel).find(({ subtype }) => subtype === 'channel_join');
    for (const ts of [people.digest().ts, people.card(people.sent[0] ?? '').ts, joined?.ts ?? '']) {
      const view = await triage(people, ben, ts);
      expect(wordsOf(view)).toMatch(/^This is not feedback/);
      expect(offers(view.view.blocks)).toEqual([]);
    }
    expect(await people.acts()).toEqual([]);
  });

  test('a channel that it is not in, and one that it does not watch', async () => {
    const people = await startPeople([BUG]);
    const { slack, user, ben } = people;
    const other = slack.addChannel({ name: 'other', members: [user, ben] });
    const ts = slack.post({ channel: other, user, text: BUG });
    expect(wordsOf(await triage(people, ben, ts, other))).toMatch(/^I am not in this channel/);
    const watching = await startPeople([BUG], { settings: { feedbackChannels: ['C0ELSEWHERE'] } });
    const view = await triage(watching, watching.ben, watching.sent[0] ?? '');
    expect(wordsOf(view)).toContain('FEEDBACK_CHANNELS');
    expect(await messages(watching)).toEqual([]);
  });

  test('nobody without a word, also when Slack cannot say who they are', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    slack.faults.add({ method: 'users.info', kind: 'status', status: 500 });
    const asked = { callbackId: TRIAGE_SHORTCUT, user: ben, channel, ts: people.sent[0] ?? '' };
    const before = people.clock.now();
    expect(await slack.shortcut(asked)).toMatchObject({ acked: true });
    const view = await slack.waitFor(() => slack.views.find(({ user }) => user === ben));
    expect(wordsOf(view)).not.toBe('');
    expect(people.clock.now() - before).toBeLessThan(300);
  });

  test('in the modal itself, who has left the channel since it was opened', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    const view = await triage(people, ben, ts);
    slack.leave(channel, ben);
    people.clock.jump(2 * DAY_MS);
    const pressed = await pressIn(people, view, 'claim');
    expect(people.stateOf(ts)).toBe('open');
    const heard = [wordsOf(pressed), ...people.told(ben)].join('\n');
    expect(heard).toContain('Only people who are in the channel can do that.');
  });
});
