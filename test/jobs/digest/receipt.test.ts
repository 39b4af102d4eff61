import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { requestRun } from '../../../src/jobs/runs/request.ts';
import { ACTIONS } from '../../../src/slack/blocks/actions.ts';
import { type Stage, type StageOptions, startWith } from '../../harness.ts';
import { words } from '../../people/stage.ts';

/** One living post a run: the receipt for whoever asked, which becomes the summary. */

const TEXTS = ['It crashes when I save', 'I love the new look', 'How do I export?'];

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const parents = (stage: Stage) =>
  stage.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest');

/** What the run's post says now. */
const shown = (stage: Stage) => words(parents(stage).at(-1)?.blocks);

const updates = (stage: Stage) => stage.slack.callCounts.get('chat.update') ?? 0;

/** A run that was asked for, and whose batch Claude keeps. */
async function startHeld(texts = TEXTS, options: StageOptions = {}) {
  const stage = await startWith(texts, options);
  stage.claude.holdBatches(true);
  await stage.type();
  return stage;
}

/** Until nothing is left to do but to wait for Claude. */
async function rest(stage: Stage): Promise<void> {
  let rounds = 0;
  await stage.settle(() => ++rounds === 8);
}

async function press(stage: Stage, user = stage.user): Promise<string> {
  const before = stage.slack.ephemerals(user).length;
  const ts = parents(stage).at(-1)?.ts ?? '';
  const { channel, slack } = stage;
  const answer = await slack.click({ user, channel, ts, actionId: ACTIONS.cancel });
  expect(answer).toMatchObject({ acked: true });
  await slack.waitFor(() => slack.ephemerals(user).length > before);
  return slack.ephemerals(user).at(-1)?.text ?? '';
}

const schedule = (stage: Stage, withDigest = true) =>
  stage.context.db.transaction().execute((tx) =>
    requestRun(tx, stage.context, {
      channel: stage.channel,
      cause: 'schedule',
      requestedBy: null,
      withDigest,
    }),
  );

describe('a run that a person asks for', () => {
  test('has its post at once, which says how far it is and becomes the summary', async () => {
    const stage = await startHeld();
    expect(parents(stage)).toEqual([]);
    await stage.step();
    const [receipt] = parents(stage);
    expect(receipt?.text).toMatch(
      /^Feedback summary of 3 messages, requested by (A teammate|Ana|ana)/,
    );
    expect(shown(stage)).toContain('3 messages, at most about $0.00');
    expect(shown(stage)).toContain('Usually minutes');
    await rest(stage);
    expect(shown(stage)).toContain('Classifying: 0 of 3');
    expect(shown(stage)).toContain('Requested by ana');
    stage.claude.holdBatches(false);
    await stage.settle();

    expect(parents(stage)).toHaveLength(1);
    expect(parents(stage)[0]).toMatchObject({ ts: receipt?.ts, metadata: receipt?.metadata });
    expect(shown(stage)).toContain('1 needs attention');
    expect(shown(stage)).toContain('requested by ana');
    expect(shown(stage)).not.toContain('Cancel');
    // Sent, at Claude, done, and led to its lists.
    expect(updates(stage)).toBeLessThanOrEqual(5);
  });

  test('tells when it will be done by how long earlier runs took', async () => {
    const stage = await startWith(TEXTS);
    const { slack, channel, user, clock } = stage;
    for (const minutes of [1, 2, 10]) {
      stage.claude.holdBatches(true);
      slack.post({ channel, user, text: `It crashes after ${minutes}` });
      await slack.idle();
      await stage.type();
      await rest(stage);
      clock.jump(minutes * MINUTE_MS);
      stage.claude.holdBatches(false);
      await stage.settle();
    }
    const durations = await stage.rows(
      sql<{ ms: number }>`select ended_at - created_at as ms from runs order by ms`,
    );
    stage.claude.holdBatches(true);
    slack.post({ channel, user, text: 'It crashes once more' });
    await slack.idle();
    await stage.type();
    await stage.step();
    const [run] = await stage.rows(
      sql<{ at: number }>`select created_at as at from runs order by id desc`,
    );
    const dates = JSON.stringify(parents(stage).at(-1)?.blocks).match(/(?<="timestamp":)\d+/g);
    const at = (n: number) => Math.floor(((run?.at ?? 0) + (durations[n]?.ms ?? 0)) / 1000);
    expect(dates?.map(Number)).toEqual([at(1), at(2)]);
    // The slowest has been over by then.
    clock.jump(HOUR_MS);
    await rest(stage);
    expect(shown(stage)).toContain('This takes longer than usual');
    stage.claude.holdBatches(false);
    await stage.settle();
    expect(parents(stage)).toHaveLength(4);
  });

  test('says why it has to wait, and no longer when it goes on', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({ kind: 'status', status: 401, path: /batches$/, times: 3 });
    await stage.type();
    await stage.settle(() => shown(stage).includes('It has to wait'));
    expect(shown(stage)).toMatch(/It has to wait: .*401.* Nothing is lost\./);
    await stage.settle();
    expect(shown(stage)).toContain('3 messages');
    expect(shown(stage)).not.toContain('has to wait');
  });

  test('asked for while a scheduled run is going, the receipt is of that one', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.holdBatches(true);
    await schedule(stage, false);
    await rest(stage);
    expect(stage.posts()).toEqual([]);
    expect(await stage.type()).toMatch(/^A run is already in progress/);
    // And once more by somebody else: it is asked for.
    const ben = stage.slack.addUser({ name: 'ben' });
    stage.slack.join(stage.channel, ben);
    await stage.type('', { user: ben });
    await rest(stage);
    expect(shown(stage)).toContain('Classifying: 0 of 3');
    expect(shown(stage)).toContain('Requested by ana');
    stage.claude.holdBatches(false);
    await stage.settle();
    expect(parents(stage)).toHaveLength(1);
    expect(shown(stage)).toContain('3 messages');
  });

  test('that has only to tell what no summary has told of is done in a moment', async () => {
    const stage = await startWith(TEXTS);
    await schedule(stage, false);
    await stage.settle();
    expect(stage.posts()).toEqual([]);
    expect(await stage.type()).toMatch(/^Nothing is pending, but there are results/);
    await stage.settle();
    expect(parents(stage)).toHaveLength(1);
    expect(shown(stage)).toContain('3 messages');
  });

  test('whose post Slack refuses for good tells nothing: the next one does', async () => {
    const stage = await startWith(TEXTS);
    stage.slack.faults.add({
      method: 'chat.postMessage',
      kind: 'error',
      error: 'invalid_arguments',
      times: 1,
    });
    await stage.type();
    await stage.settle();
    expect(stage.posts()).toEqual([]);
    expect(await stage.rows(sql`select * from runs where ended_at is null`)).toEqual([]);
    expect(await stage.type()).toMatch(/results that no summary has shown/);
    await stage.settle();
    expect(parents(stage)).toHaveLength(1);
    expect(shown(stage)).toContain('3 messages');
    expect(await stage.rows(sql`select * from outbox where ended_at is null`)).toEqual([]);
  });
});

describe('its button', () => {
  test('cancels the run, and says so to whoever pressed and on the post', async () => {
    const stage = await startHeld();
    const ben = stage.slack.addUser({ name: 'ben' });
    stage.slack.join(stage.channel, ben);
    await rest(stage);
    stage.claude.progressBatch(stage.claude.batches()[0]?.id ?? '', 1);
    expect(await press(stage, ben)).toMatch(/^Canceling the run\./);
    expect(stage.woken).toContain('command');
    await stage.settle(() => shown(stage).includes('Being canceled'));
    expect(shown(stage)).toContain('Being canceled by ben: results so far are kept');
    expect(await stage.type('cancel')).toMatch(/already being canceled/);
    stage.claude.holdBatches(false);
    await stage.settle();
    expect(parents(stage)).toHaveLength(1);
    expect(shown(stage)).toContain('1 message');
    expect(shown(stage)).toContain('2 will be in the next run');
  });

  test('pressed when the run is over, while the post still shows it, does nothing', async () => {
    const stage = await startHeld();
    await rest(stage);
    stage.slack.faults.add({ method: 'chat.update', kind: 'rate_limit', retryAfter: 3600 });
    stage.claude.holdBatches(false);
    const open = () => stage.rows(sql`select * from runs where ended_at is null`);
    while ((await open()).length > 0) {
      await stage.step();
      stage.clock.jump(1000);
    }
    expect(await press(stage)).toBe('This run is over.');
    stage.slack.faults.clear();
    await stage.settle();
    expect(shown(stage)).toContain('3 messages');
    expect(await stage.rows(sql`select * from runs where canceled_by is not null`)).toEqual([]);
  });

  test('leaves nothing to summarize when nothing was judged, and the post says so', async () => {
    const stage = await startHeld();
    await stage.step();
    expect(await press(stage)).toMatch(/^Canceling the run\./);
    await rest(stage);
    stage.claude.holdBatches(false);
    await stage.settle();
    expect(stage.posts()).toHaveLength(1);
    expect(shown(stage)).toMatch(/^Canceled by ana before anything was classified/);
    expect(stage.slack.callCounts.get('chat.postEphemeral')).toBeUndefined();
    expect(await stage.type()).toMatch(/^Classifying 3 pending messages/);
    await stage.settle();
    expect(parents(stage)).toHaveLength(2);
  });
});

describe('a scheduled run', () => {
  test('posts only when its results are there', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.holdBatches(true);
    await schedule(stage);
    await rest(stage);
    expect(stage.posts()).toEqual([]);
    stage.claude.holdBatches(false);
    await stage.settle();
    expect(shown(stage)).toContain('3 messages');
    expect(shown(stage)).toContain('on schedule');
  });

  test('with nothing new and nothing open posts nothing', async () => {
    const stage = await startWith(['I love the new look']);
    await schedule(stage);
    await stage.settle();
    const posts = stage.posts().length;
    expect((await schedule(stage)).kind).toBe('nothing');
    await stage.settle();
    expect(stage.posts()).toHaveLength(posts);
  });

  test('with nothing new tells of what is still open, and asks Claude nothing', async () => {
    const stage = await startWith(['It crashes when I save']);
    await schedule(stage);
    await stage.settle();
    const calls = stage.claude.calls.length;
    const posts = stage.posts().length;
    stage.clock.jump(24 * HOUR_MS);
    expect((await schedule(stage)).kind).toBe('opened');
    await stage.settle();
    expect(stage.posts()).toHaveLength(posts + 1);
    expect(shown(stage)).toContain('No new feedback since the last summary.');
    expect(shown(stage)).toContain('1 needs attention (none new');
    expect(stage.claude.calls).toHaveLength(calls);
    // Without a summary there is nothing to do for it.
    expect((await schedule(stage, false)).kind).toBe('nothing');
  });
});
