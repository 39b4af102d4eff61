import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { HistoryRules } from '../../../sim/slack/history-rules.ts';
import { sweep } from '../../../src/jobs/intake/sweep.ts';
import { TRIAGE_SHORTCUT } from '../../../src/slack/blocks/actions.ts';
import { type Stage, startStage, startWith } from '../../harness.ts';
import { BUG, DAY_MS, IDEA, startPeople, startSummedUp, words } from '../../people/stage.ts';

/** What is missing from a reading of history need not be deleted. */

const LOOK_BACK = { lookBackMs: 3 * DAY_MS };
const HISTORY = 'conversations.history';

const texts = async (stage: Stage) =>
  (
    await stage.rows(
      sql<{ text: string }>`select text from messages where deleted_at is null order by ts`,
    )
  ).map(({ text }) => text);

const swept = async (stage: Stage) =>
  (await stage.rows(sql<{ swept_ts: string }>`select swept_ts from channels`))[0]?.swept_ts;

const PAGINGS: HistoryRules[] = (['newest', 'oldest without latest', 'oldest'] as const).flatMap(
  (begins) =>
    [true, false].flatMap((cursors) =>
      [Number.POSITIVE_INFINITY, 7].map((pageCap) => ({ begins, cursors, pageCap })),
    ),
);

describe.each(PAGINGS)('pages from $begins, cursors $cursors, at most $pageCap', (history) => {
  test('everything is found, and only what was deleted is deleted', async () => {
    const stage = await startWith(['first', 'second', 'third'], { slack: { history } });
    const { slack, channel, user, sent } = stage;
    for (let n = 0; n < 230; n++) slack.post({ channel, user, text: `unseen ${n}`, silent: true });
    expect(await sweep(stage.context)).toBe('done');
    expect(await texts(stage)).toHaveLength(233);
    expect(await swept(stage)).toBe(slack.messages(channel).at(-1)?.ts);

    slack.delete({ channel, ts: sent[1] ?? '', silent: true });
    for (let n = 0; n < 30; n++) {
      slack.post({ channel, user, text: `reply ${n}`, threadTs: sent[0] ?? '', silent: true });
    }
    expect(await sweep(stage.context, LOOK_BACK)).toBe('done');
    expect((await texts(stage)).slice(0, 3)).toEqual(['first', 'third', 'unseen 0']);
    expect(await texts(stage)).toHaveLength(232);
    expect(await stage.rows(sql`select ts from replies`)).toHaveLength(30);
  });

  test('a bot that comes later counts from its last arrival', async () => {
    const stage = await startStage({ slack: { history } });
    const { slack, channel, user } = stage;
    const post = (text: string) => slack.post({ channel, user, text, silent: true });
    for (let n = 0; n < 20; n++) post(`before ${n}`);
    slack.inviteBot(channel, user);
    for (let n = 0; n < 20; n++) post(`between ${n}`);
    slack.removeBot(channel, user);
    slack.inviteBot(channel, user);
    post('since then');
    await sweep(stage.context);
    expect(await texts(stage)).toEqual(['since then']);
  });
});

test('whatever was deleted or removed by retention, however pages come: nothing is lost', async () => {
  const worlds = fc.record({
    paging: fc.constantFrom(...PAGINGS),
    /** Days ago, and whether somebody deletes it. */
    posts: fc.array(fc.record({ hours: fc.integer({ min: 1, max: 70 }), gone: fc.boolean() }), {
      maxLength: 25,
    }),
    keptDays: fc.constantFrom(1, 2, 30),
  });
  await fc.assert(
    fc.asyncProperty(worlds, async ({ paging, posts, keptDays }) => {
      const stage = await startWith([]);
      const { slack, channel, user, clock } = stage;
      const begun = clock.now();
      const places = posts
        .map((post, index) => ({ ...post, index }))
        .toSorted((a, b) => b.hours - a.hours || a.index - b.index);
      const sent = places.map(({ hours, gone, index }) => {
        const at = begun + (72 - hours) * 3_600_000 + index;
        const ts = `${Math.floor(at / 1000)}.${String(at % 1000).padStart(3, '0')}000`;
        slack.post({ channel, user, text: `${index}`, ts, silent: true });
        return { ts, gone };
      });
      clock.jump(72 * 3_600_000);
      await sweep(stage.context, LOOK_BACK);
      expect(await texts(stage)).toHaveLength(sent.length);

      Object.assign(slack.history, paging);
      for (const { ts } of sent.filter(({ gone }) => gone)) {
        slack.delete({ channel, ts, silent: true });
      }
      slack.forget(keptDays);
      const left = slack.messages(channel).map(({ ts }) => ts);
      expect(await sweep(stage.context, LOOK_BACK)).toBe('done');
      const deleted = (
        await stage.rows(
          sql<{ ts: string }>`select ts from messages where deleted_at is not null order by ts`,
        )
      ).map(({ ts }) => ts);
      // Before the oldest message that is left, retention may have removed them.
      const provable = sent.filter(({ ts, gone }) => gone && left.some((other) => other < ts));
      expect(deleted).toEqual(provable.map(({ ts }) => ts));
    }),
    { numRuns: 25, seed: 20_261_129 },
  );
});

describe('a reading that is not whole', () => {
  const more = { has_more: true };
  test.each([
    ['an empty page with more to come', { messages: [], ...more }],
    [
      'the same cursor for ever',
      { messages: [], ...more, response_metadata: { next_cursor: 'again' } },
    ],
  ])('%s: nobody is deleted, and it is read again', async (_name, body) => {
    const stage = await startWith(['one', 'two', 'three']);
    const { slack, context } = stage;
    const before = await swept(stage);
    slack.faults.add({ method: HISTORY, kind: 'answer', body, times: Number.POSITIVE_INFINITY });
    expect(await sweep(context)).toBe('failed');
    expect(await texts(stage)).toEqual(['one', 'two', 'three']);
    expect(await swept(stage)).toBe(before);
    slack.faults.clear();
    expect(await sweep(context)).toBe('done');
    expect((await swept(stage))?.localeCompare(before ?? '')).toBe(1);
  });

  test('a look-up that is cut short proves nothing', async () => {
    const stage = await startWith(['one', 'two']);
    const { slack, channel, context, sent } = stage;
    const [, ts = ''] = sent;
    slack.delete({ channel, ts, silent: true });
    const match = ({ latest }: { latest?: unknown }) => latest === ts;
    slack.faults.add({ method: HISTORY, kind: 'answer', body: { messages: [], ...more }, match });
    await sweep(context);
    expect(await texts(stage)).toEqual(['one', 'two']);
    await sweep(context);
    expect(await texts(stage)).toEqual(['one']);
  });

  test('a message in an unknown form is there', async () => {
    const stage = await startWith(['one', 'two']);
    const { slack, channel, context, sent } = stage;
    const messages = sent.map((ts) => ({ ts, type: 'message', thread_ts: 7, text: [] }));
    slack.faults.add({ method: HISTORY, kind: 'answer', body: { messages, has_more: false } });
    slack.delete({ channel, ts: sent[1] ?? '', silent: true });
    expect(await sweep(context)).toBe('done');
    expect(await texts(stage)).toEqual(['one', 'two']);
    expect(slack.callCounts.get(HISTORY)).toBe(1);
  });

  test('always sends both ends', async () => {
    const stage = await startWith(['one']);
    await sweep(stage.context, LOOK_BACK);
    const calls = stage.slack.calls.filter(({ method }) => method === HISTORY);
    expect(calls.length).toBeGreaterThan(0);
    for (const { args } of calls) expect(args).toMatchObject({ oldest: /./, latest: /./ });
  });
});

describe('retention is no deletion', () => {
  test('a claimed flag stays claimed', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, clock, ben, cleo } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, 'eyes');
    clock.jump(1.5 * DAY_MS);
    slack.post({ channel, user: cleo, text: 'today' });
    await slack.idle();
    slack.forget(1);
    await sweep(people.context, LOOK_BACK);
    expect(await people.flag(ts)).toEqual({ state: 'claimed', by: ben });
  });

  test('what is pending is still classified', async () => {
    const people = await startPeople([BUG, IDEA]);
    people.clock.jump(2 * DAY_MS);
    people.slack.forget(1);
    await sweep(people.context, LOOK_BACK);
    expect(await people.type('status')).toContain('2 messages');
    await people.sumUp();
    expect(await people.flag(people.sent[0] ?? '')).toMatchObject({ state: 'open' });
  });

  test('a few calls find out, however many messages are gone', async () => {
    const stage = await startWith([]);
    const { slack, channel, user, clock } = stage;
    for (let n = 0; n < 50; n++) slack.post({ channel, user, text: `${n}`, silent: true });
    await sweep(stage.context);
    clock.jump(1.5 * DAY_MS);
    slack.post({ channel, user, text: 'today', silent: true });
    slack.forget(1);
    const before = slack.callCounts.get(HISTORY) ?? 0;
    await sweep(stage.context, LOOK_BACK);
    expect(await texts(stage)).toHaveLength(51);
    expect((slack.callCounts.get(HISTORY) ?? 0) - before).toBe(3);
  });
});

describe('what shows up again is revived', () => {
  /** For one sweep, Slack shows everything but one message. */
  async function deny({ slack, context, channel }: Stage, ts: string): Promise<void> {
    const isAbout = ({ latest }: { latest?: unknown }) => latest === ts;
    const messages = slack.messages(channel).filter((message) => message.ts !== ts);
    slack.faults.add({ method: HISTORY, kind: 'answer', body: { messages: [] }, match: isAbout });
    slack.faults.add({ method: HISTORY, kind: 'answer', body: { messages, has_more: false } });
    await sweep(context, LOOK_BACK);
    slack.faults.clear();
  }

  test('by the next sweep, with its verdict and its claimed flag; the log has it', async () => {
    const people = await startSummedUp([BUG, IDEA]);
    const { context, ben } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, 'eyes');
    const card = people.card(ts).text;
    const summary = words(people.digest().blocks);
    await deny(people, ts);
    await people.rest();
    expect(await people.flag(ts)).toMatchObject({ state: 'withdrawn' });
    expect(people.card(ts).text).not.toBe(card);
    expect(words(people.digest().blocks)).not.toBe(summary);

    await sweep(context, LOOK_BACK);
    await people.rest();
    expect(await people.flag(ts)).toEqual({ state: 'claimed', by: ben });
    expect(people.card(ts).text).toBe(card);
    expect(words(people.digest().blocks)).toBe(summary);
    expect(people.reactionsOf(ts)).toEqual(['bug', 'triangular_flag_on_post']);
    expect(people.claude.batches()).toHaveLength(1);
    expect(await people.acts()).toMatchObject([
      { kind: 'claim', user: ben },
      {
        kind: 'revive',
        source: 'slack',
        before: { flag: 'withdrawn' },
        after: { flag: 'claimed' },
      },
    ]);
    await sweep(context, LOOK_BACK);
    expect(await people.acts()).toHaveLength(2);
  });

  test('by an edit after the deletion', async () => {
    const people = await startSummedUp([BUG, IDEA]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    await people.react(ben, ts, 'eyes');
    await deny(people, ts);
    slack.edit({ channel, ts, text: `${BUG}, always` });
    await slack.idle();
    expect(await people.flag(ts)).toEqual({ state: 'claimed', by: ben });
    await people.sumUp();
    expect(await texts(people)).toEqual([`${BUG}, always`, IDEA]);
  });

  test('by the shortcut, which Slack offers only on messages that are there', async () => {
    const people = await startSummedUp([BUG, IDEA]);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    await deny(people, ts);
    expect(await people.flag(ts)).toMatchObject({ state: 'withdrawn' });
    await slack.shortcut({ callbackId: TRIAGE_SHORTCUT, user: ben, channel, ts });
    expect(await people.flag(ts)).toMatchObject({ state: 'open' });
  });

  test('not by an event from before it', async () => {
    const stage = await startWith([]);
    const { slack, channel, user } = stage;
    slack.eventFaults.add({ kind: 'late', match: ({ type }) => type === 'message' });
    const ts = slack.post({ channel, user, text: 'posted and deleted' });
    slack.delete({ channel, ts });
    await slack.idle();
    expect(await texts(stage)).toEqual([]);
  });

  test('pending as before, if it was never classified', async () => {
    const people = await startPeople([BUG, IDEA]);
    await deny(people, people.sent[0] ?? '');
    expect(await people.type('status')).toContain('1 message');
    await sweep(people.context, LOOK_BACK);
    expect(await people.type('status')).toContain('2 messages');
  });

  test('pending again, if the run that had it left it out', async () => {
    const people = await startPeople([BUG, IDEA]);
    const { claude, context } = people;
    const [ts = ''] = people.sent;
    await people.type();
    await people.settle(() => claude.batches().length > 0);
    await deny(people, ts);
    await people.rest();
    await sweep(context, LOOK_BACK);
    await people.sumUp();
    expect(await people.flag(ts)).toMatchObject({ state: 'open' });
    expect(claude.batches()).toHaveLength(2);
  });
});

describe('time', () => {
  test('a message from the future does not keep the sweep from what comes before it', async () => {
    const stage = await startWith(['first']);
    const { slack, channel, user, clock, context } = stage;
    const ts = `${Math.floor(clock.now() / 1000) + 7200}.000100`;
    slack.post({ channel, user, text: 'early', ts });
    await slack.idle();
    await sweep(context);
    clock.jump(120_000);
    slack.post({ channel, user, text: 'unseen', silent: true });
    clock.jump(120_000);
    await sweep(context);
    expect(await texts(stage)).toEqual(['first', 'unseen', 'early']);
  });

  test('what was stored while the clock was ahead is made up for', async () => {
    const stage = await startWith(['first']);
    const { slack, channel, user, context } = stage;
    await sql`update channels set swept_ts = '1900000000.000000'`.execute(context.db);
    slack.post({ channel, user, text: 'unseen', silent: true });
    stage.clock.jump(DAY_MS);
    await sweep(context);
    expect(await texts(stage)).toEqual(['first', 'unseen']);
    expect((await swept(stage)) ?? '').toMatch(/^179/);
  });
});

describe('a list of channels', () => {
  test('that is cut short does not make the bot leave the others, and they are read', async () => {
    const stage = await startWith(['one']);
    const { slack, context } = stage;
    const isMember = async () =>
      (await stage.rows(sql<{ state: string }>`select state from channels`))[0]?.state;
    slack.faults.add({ method: 'users.conversations', kind: 'answer', body: { channels: [] } });
    await sweep(context);
    expect(await isMember()).toBe('member');
    const body = { channels: [], response_metadata: { next_cursor: 'again' } };
    slack.faults.add({ method: 'users.conversations', kind: 'answer', body, times: 2 });
    const { channel, user } = stage;
    slack.post({ channel, user, text: 'no event brought this', silent: true });
    expect(await sweep(context)).toBe('done');
    expect(await isMember()).toBe('member');
    expect(await stage.rows(sql`select count(*) as n from messages`)).toEqual([{ n: 2 }]);
    slack.faults.add({ method: 'users.conversations', kind: 'answer', body: { channels: [] } });
    slack.faults.add({ method: 'conversations.info', kind: 'status', status: 500 });
    await sweep(context);
    expect(await isMember()).toBe('member');
  });
});
