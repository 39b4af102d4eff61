import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { DEFAULT_TAXONOMY } from '../../src/core/runs/taxonomy.ts';
import { inputsOf, openSettings, save, submit, wordsOf } from '../settings/stage.ts';
import { BUG, DAY_MS, HOUR_MS, IDEA, type People, PRAISE, startPeople, words } from './stage.ts';

/** What Slack does not allow waits until somebody changes that, and people are told of it. */

const errors = ({ logs }: People) => logs.filter(({ level }) => level === 'error');

const holds = (people: People) => people.rows(sql`select needs, channel, emoji from holds`);

describe('the channel does not let the bot post', () => {
  const FORBIDDEN = /does not let me post in this channel \(restricted_action\).*admin/;

  async function startForbidden(ephemerals = false) {
    const people = await startPeople([BUG]);
    const { slack, channel } = people;
    slack.limitPosting(channel, 'preference', { allowsEphemerals: !ephemerals });
    await people.sumUp();
    return people;
  }

  test('the person who asks is told at once why, and who can change it', async () => {
    const people = await startForbidden();
    const { slack, channel, user } = people;
    expect(people.told(user)).toEqual([
      expect.stringMatching(/^Classifying 1 pending message/),
      expect.stringMatching(FORBIDDEN),
    ]);
    expect(errors(people)).toHaveLength(1);
    expect(await people.type('status')).toMatch(FORBIDDEN);

    slack.post({ channel, user, text: IDEA });
    await slack.idle();
    expect(await people.type('', { user: people.ben })).toMatch(FORBIDDEN);
    await people.rest();
    expect(errors(people)).toHaveLength(1);
    // Nothing was started, and nothing is paid for.
    expect(people.claude.batches()).toHaveLength(1);
    // One try for each person who asks.
    expect(people.calls('chat.postMessage')).toBe(2);
  });

  test('where even words to one person are refused, they come in a direct message', async () => {
    const people = await startForbidden(true);
    const { slack, channel, user } = people;
    const direct = slack.direct(user);
    expect(direct).toBeDefined();
    const said = slack.messages(direct ?? '').map(({ text, blocks }) => `${text}${words(blocks)}`);
    expect(said).toEqual([expect.stringMatching(FORBIDDEN)]);
    expect(said[0]).toContain(channel);
  });

  test.each(['no_permission', 'channel_not_found'])(
    'where a direct message is refused too (%s), nothing is said, and the bot stays',
    async (error) => {
      const people = await startPeople([BUG]);
      const { slack, channel, rows } = people;
      slack.limitPosting(channel, 'read_only');
      slack.faults.add({ method: 'conversations.open', kind: 'error', error });
      await people.type();
      await people.rest();
      const told = sql<{ state: string }>`select state from outbox where lane = 'ephemeral'`;
      expect(await rows(told)).toEqual([{ state: 'dead' }]);
      const where = sql<{ state: string }>`select state from channels where id = ${channel}`;
      expect(await rows(where)).toEqual([{ state: 'member' }]);
      expect(errors(people)).toHaveLength(2);
    },
  );

  test('a schedule starts nothing', async () => {
    const people = await startPeople([BUG], { settings: { summarySchedule: '0 9 * * *' } });
    const { slack, channel, clock, user } = people;
    slack.limitPosting(channel, 'read_only', { allowsEphemerals: true });
    for (let day = 0; day < 4; day++) {
      clock.jump(DAY_MS);
      slack.post({ channel, user, text: IDEA });
      await slack.idle();
      await people.rest();
    }
    expect(await people.rows(sql`select id from runs`)).toHaveLength(1);
    expect(errors(people)).toHaveLength(1);
    expect(people.told(user)).toEqual([]);
    slack.limitPosting(channel);
    clock.jump(DAY_MS);
    await people.rest();
    clock.jump(DAY_MS);
    await people.rest();
    expect(people.posts().map(({ metadata }) => metadata?.event_type)).toContain('winnow_digest');
    expect(await people.rows(sql`select id from runs`)).toHaveLength(2);
  });

  test('once it does, what waits is posted: when a person asks, or after a while', async () => {
    for (const how of ['asked', 'waited'] as const) {
      const people = await startForbidden();
      const { slack, channel, clock } = people;
      slack.limitPosting(channel);
      if (how === 'asked') await people.type();
      else clock.jump(HOUR_MS);
      await people.rest();
      expect(words(people.digest().blocks)).toContain(BUG);
      expect(people.cards(people.sent[0] ?? '')).toHaveLength(1);
      expect(await holds(people)).toEqual([]);
      expect(await people.type('status')).not.toContain('*Waiting*');
      expect(await people.type()).toMatch(/^Nothing is pending/);
    }
  });

  test('invited again, it tries again', async () => {
    const people = await startForbidden();
    const { slack, channel, user } = people;
    slack.removeBot(channel);
    slack.limitPosting(channel);
    slack.inviteBot(channel, user);
    await slack.idle();
    await people.rest();
    expect(words(people.digest().blocks)).toContain(BUG);
  });

  test('a restart forgets nothing of it', async () => {
    const people = await startPeople([BUG], { onDisk: true });
    const { slack, channel } = people;
    slack.limitPosting(channel, 'preference', { allowsEphemerals: true });
    await people.sumUp();
    await people.restart();
    await people.connect();
    await people.rest();
    expect(people.calls('chat.postMessage')).toBe(1);
    expect(await people.type()).toMatch(FORBIDDEN);
  });

  test('where only replies are not allowed, the summary appears without its thread', async () => {
    const people = await startPeople([BUG]);
    const { slack, channel } = people;
    slack.limitPosting(channel, 'no_threads');
    await people.sumUp();
    expect(words(people.digest().blocks)).toContain(BUG);
    expect(await holds(people)).toEqual([{ needs: 'reply', channel, emoji: '' }]);
    slack.post({ channel, user: people.user, text: IDEA });
    await slack.idle();
    await people.sumUp();
    expect(words(people.digest().blocks)).toContain('1 message');
    slack.limitPosting(channel);
    people.clock.jump(DAY_MS);
    await people.rest();
    expect(people.cards(people.sent[0] ?? '')).toHaveLength(1);
  });

  test('a reply to a message does not wait for new posts to be allowed', async () => {
    const people = await startPeople([BUG], { settings: { remindAfterMs: HOUR_MS } });
    await people.sumUp();
    people.slack.limitPosting(people.channel, 'thread_only', { allowsEphemerals: true });
    people.clock.jump(DAY_MS);
    await people.rest();
    const reminders = people
      .posts()
      .filter(({ metadata }) => metadata?.event_type === 'winnow_reminder');
    expect(reminders).toHaveLength(1);
  });
});

describe('an emoji of a category is gone', () => {
  const GONE = 'does not have the emoji “shipit”';
  const taxonomy = {
    ...DEFAULT_TAXONOMY,
    categories: DEFAULT_TAXONOMY.categories.map((category) =>
      category.key === 'bug' ? { ...category, emoji: 'shipit' } : category,
    ),
  };

  /** A workspace where the emoji was removed, without an event if `silently`. */
  async function startGone(texts: string[], { silently = false } = {}) {
    const people = await startPeople([], { settings: { taxonomy } });
    const { slack, channel, user } = people;
    slack.addEmoji('shipit');
    await slack.idle();
    await people.rest();
    if (silently)
      slack.eventFaults.add({ kind: 'drop', match: ({ type }) => type === 'emoji_changed' });
    slack.removeEmoji('shipit');
    await slack.idle();
    const sent = texts.map((text) => slack.post({ channel, user, text }));
    await slack.idle();
    return Object.assign(people, { sent });
  }

  const BUGS = Array.from({ length: 50 }, (_, n) => `The page ${n} shows the wrong date`);

  test.each([false, true])(
    'one line in the log, and few tries (silently: %s)',
    async (silently) => {
      const people = await startGone(BUGS, { silently });
      await people.sumUp();
      expect(errors(people)).toHaveLength(1);
      expect(people.calls('reactions.add')).toBeLessThan(10);
      expect(words(people.digest().blocks)).toContain(GONE);
      expect(await people.type('status')).toContain(GONE);
      expect(wordsOf(await openSettings(people))).toContain(GONE);
      people.clock.jump(DAY_MS);
      await people.rest();
      expect(people.calls('reactions.add')).toBeLessThan(20);
      expect(errors(people)).toHaveLength(1);
    },
  );

  test.each(['by an event', 'silently'])(
    'once it is back, the messages get it (%s)',
    async (how) => {
      const people = await startGone(BUGS);
      const { slack, clock } = people;
      await people.sumUp();
      if (how === 'silently') {
        slack.eventFaults.add({ kind: 'drop', match: ({ type }) => type === 'emoji_changed' });
      }
      slack.addEmoji('shipit');
      await slack.idle();
      if (how === 'silently') clock.jump(DAY_MS);
      await people.rest();
      for (const ts of people.sent) expect(people.reactionsOf(ts)).toEqual(['shipit']);
      expect(words(people.digest().blocks)).not.toContain(GONE);
      expect(await holds(people)).toEqual([]);
    },
  );

  test('it holds back no other reaction on the same message', async () => {
    const people = await startGone([BUG, PRAISE]);
    const [ts = '', other = ''] = people.sent;
    await people.sumUp();
    expect(people.reactionsOf(ts)).toEqual(['triangular_flag_on_post']);
    expect(people.reactionsOf(other)).toEqual(['tada']);
    await people.press(people.ben, ts, 'category', 'feature_request');
    expect(people.reactionsOf(ts)).toEqual(['bulb', 'triangular_flag_on_post']);
  });

  test('an app without the scope finds out by trying, and tries again', async () => {
    const people = await startPeople([], { settings: { taxonomy } });
    const { slack, channel, user, clock } = people;
    slack.faults.add({ method: 'emoji.list', kind: 'error', error: 'missing_scope', times: 99 });
    const ts = slack.post({ channel, user, text: 'The page shows the wrong date' });
    await slack.idle();
    await people.sumUp();
    expect(words(people.digest().blocks)).toContain(GONE);
    slack.addEmoji('shipit');
    await slack.idle();
    clock.jump(DAY_MS);
    await people.rest();
    expect(people.reactionsOf(ts)).toEqual(['shipit']);
  });

  test('given up for another one in the settings, nothing waits for it any more', async () => {
    const people = await startGone(BUGS);
    const { slack } = people;
    await people.sumUp();
    await save(people, await openSettings(people), { 'c-bug-emoji': ':beetle:' });
    await slack.idle();
    await people.rest();
    expect(await holds(people)).toEqual([]);
    expect(await people.type('status')).not.toMatch(/wait|way to Slack|Not possible/);
    expect(wordsOf(await openSettings(people))).not.toContain(GONE);
  });

  test('refused although Slack lists it, it is tried again too', async () => {
    const people = await startPeople(BUGS);
    const { slack, clock } = people;
    const clear = slack.faults.add({
      method: 'reactions.add',
      kind: 'error',
      error: 'invalid_name',
      match: ({ name }) => name === 'bug',
      times: Number.POSITIVE_INFINITY,
    });
    await people.sumUp();
    expect(errors(people)).toHaveLength(1);
    expect(people.calls('reactions.add')).toBeLessThan(10);
    clear();
    clock.jump(DAY_MS);
    await people.rest();
    for (const ts of people.sent) expect(people.reactionsOf(ts)).toEqual(['bug']);
  });

  test('at the start it is missed before a message needs it', async () => {
    const people = await startPeople([], { settings: { taxonomy } });
    await people.rest();
    expect(errors(people)).toEqual([expect.objectContaining({ emoji: 'shipit' })]);
    expect(await people.type('status')).toContain(GONE);
  });

  test('the default ones are all there', async () => {
    const people = await startPeople([]);
    await people.rest();
    expect(people.calls('emoji.list')).toBe(1);
    expect(await holds(people)).toEqual([]);
  });
});

describe('an emoji is typed in the settings', () => {
  test.each([
    ['shipit', false],
    [':thumbsup_all:', false],
    [':thumbsdown:', true],
    ['party', true],
  ])('%s: %s', async (typed, isThere) => {
    const people = await startPeople([]);
    people.slack.addEmoji('party');
    const view = await openSettings(people);
    expect(inputsOf(view)).toContain('c-bug-emoji');
    if (isThere) {
      expect(wordsOf(await save(people, view, { 'c-bug-emoji': typed }))).toContain('Saved');
    } else {
      expect(await submit(people, view, { 'c-bug-emoji': typed })).toEqual({
        kind: 'errors',
        errors: { 'c-bug-emoji': 'This workspace has no emoji of that name.' },
      });
    }
  });

  test('one that is gone already may stay', async () => {
    const people = await startPeople([]);
    const { slack } = people;
    slack.addEmoji('party');
    await save(people, await openSettings(people), { 'c-bug-emoji': 'party' });
    slack.removeEmoji('party');
    await slack.idle();
    const view = await openSettings(people);
    expect(wordsOf(await save(people, view, { 'c-bug-name': 'Defect' }))).toContain('Saved');
  });

  test('is taken when Slack does not list the emoji in time', async () => {
    const people = await startPeople([]);
    await people.rest();
    people.slack.faults.add({ method: 'emoji.list', kind: 'status', status: 503 });
    const view = await openSettings(people);
    expect(wordsOf(await save(people, view, { 'c-bug-emoji': 'shipit' }))).toContain('Saved');
  });
});
