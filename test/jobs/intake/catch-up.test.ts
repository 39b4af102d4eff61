import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { CatchUp, MAX_WAIT_MS } from '../../../src/jobs/intake/catch-up.ts';
import { sweep } from '../../../src/jobs/intake/sweep.ts';
import { remind } from '../../../src/jobs/people/remind.ts';
import { advanceRuns } from '../../../src/jobs/runs/advance.ts';
import { runSchedules } from '../../../src/jobs/runs/schedule.ts';
import { type Stage, startStage, startWith } from '../../harness.ts';
import { words } from '../../people/stage.ts';

/** What changed while nobody listened is known before anything is judged or published. */

const TEXTS = ['It crashes when I save', 'I love the new look', 'How do I export?'];

const digest = (stage: Stage) =>
  words(stage.posts().find(({ metadata }) => metadata?.event_type === 'winnow_digest')?.blocks);

/** In either lane. */
const judgedTexts = ({ claude }: Stage) => JSON.stringify([claude.batches(), claude.asked]);

/** Nobody listens: one message is edited, the one after it is deleted. */
function changeUnheard({ slack, channel, sent, context }: Stage & { sent: string[] }): void {
  const [edited = '', deleted = ''] = sent;
  slack.edit({ channel, ts: edited, text: 'Solved, I love it', silent: true });
  slack.delete({ channel, ts: deleted, silent: true });
  context.catchUp.missEvents(context.clock.now());
}

const EXPECTED = sql<Record<'expected_messages' | 'expected_nano_usd', number>>`select * from runs`;

const LOOK_BACK = { lookBackMs: 600_000 };

describe('a run waits until its channel has been read', () => {
  test('before it claims and submits; its receipt says so', async () => {
    const stage = await startWith(TEXTS);
    const { slack, channel, user } = stage;
    // The first sweep is over.
    await stage.step();
    changeUnheard(stage);
    slack.post({ channel, user, text: 'Please add a dark mode', silent: true });
    await stage.type();
    const wokenAt = await stage.step();
    expect(stage.claude.batches()).toEqual([]);
    expect(digest(stage)).toContain('Reading what was posted while I was away');
    const [opened] = await stage.rows(EXPECTED);
    expect(await stage.type('status')).toContain('reading what was posted while I was away');
    expect(wokenAt).toBeLessThanOrEqual(stage.clock.now() + MAX_WAIT_MS);

    await sweep(stage.context, LOOK_BACK);
    await stage.settle();
    expect(judgedTexts(stage)).toContain('Solved, I love it');
    expect(judgedTexts(stage)).not.toMatch(/crashes when I save|love the new look/);
    expect(judgedTexts(stage)).toContain('Please add a dark mode');
    expect(digest(stage)).toContain('3 messages');
    const [claimed] = await stage.rows(EXPECTED);
    expect(claimed?.expected_messages).toBe(3);
    expect(claimed?.expected_nano_usd).not.toBe(opened?.expected_nano_usd);
  });

  test.each(['a batch is ready', 'a batch was collected'])(
    'when the connection is lost in the middle of a step, after "%s"',
    async (moment) => {
      let lost = false;
      let onInfo = (_message: string) => {};
      const pass = () => {};
      const info = (_fields: object, message: string) => onInfo(message);
      const log = { debug: pass, info, warn: pass, error: pass };
      const stage = await startWith(TEXTS);
      const { context, claude } = stage;
      // The first sweep is over.
      await stage.step();
      context.log = log;
      onInfo = (message) => {
        if (lost || message !== moment) return;
        lost = true;
        changeUnheard(stage);
      };
      await stage.type();
      await stage.settle(() => lost);
      expect(claude.batches()).toHaveLength(moment === 'a batch is ready' ? 0 : 1);
      expect(digest(stage)).toContain('Preparing the feedback summary…');
      await sweep(context, LOOK_BACK);
      await stage.settle();
      expect(digest(stage)).not.toContain('Preparing the feedback summary…');
      expect(words(stage.posts().flatMap(({ blocks }) => blocks ?? []))).not.toContain('new look');
    },
  );

  test('not longer than 20 seconds', async () => {
    const stage = await startWith(TEXTS);
    changeUnheard(stage);
    await stage.type();
    stage.clock.jump(MAX_WAIT_MS);
    await stage.settle();
    expect(stage.claude.batches()).toHaveLength(1);
  });

  test('and not until the channels after it have been read', async () => {
    const stage = await startWith(TEXTS);
    const { slack, context, user, claude } = stage;
    const other = slack.addChannel({ id: 'CZ', name: 'other', members: [user] });
    slack.inviteBot(other, user);
    await slack.idle();
    await stage.type();
    changeUnheard(stage);
    slack.faults.add({
      method: 'conversations.history',
      kind: 'status',
      status: 500,
      match: ({ channel }) => channel === other,
    });
    let read = 0;
    expect(await sweep(context, { ...LOOK_BACK, onRead: () => read++ })).toBe('failed');
    expect(read).toBe(1);
    await stage.step();
    expect(claude.batches()).toHaveLength(1);
  });
});

describe.each([
  ['batch', 0],
  ['express', 5],
])('commands right after a start, %s', (_, expressUpToUsd) => {
  const MISSED = 150;

  test('one run takes all that was posted while the bot was down, and nothing as it was before', async () => {
    const stage = await startWith(TEXTS, { onDisk: true, settings: { expressUpToUsd } });
    const { slack, channel, user, claude, clock } = stage;
    await stage.step();
    await stage.restart();
    const [edited = '', deleted = ''] = stage.sent;
    slack.edit({ channel, ts: edited, text: 'Solved, I love it', silent: true });
    slack.delete({ channel, ts: deleted, silent: true });
    const missed = Array.from({ length: MISSED }, (_, n) => `The page ${n} is missing.`);
    for (const text of missed) slack.post({ channel, user, text, silent: true });
    const { context } = stage;
    context.catchUp.missEvents(clock.now());
    // It takes a while to start, and again to connect.
    clock.jump(MAX_WAIT_MS - 1000);
    await stage.connect();
    context.catchUp.missEvents(clock.now());
    expect(await stage.type()).toContain('I am still reading what was posted while I was away');
    clock.jump(5000);
    // Its history has not been read yet.
    await advanceRuns(context);
    expect(claude.calls).toEqual([]);
    expect(await stage.type('status')).toContain('reading what was posted while I was away');
    await stage.settle(undefined, 500);

    const outcomes = await stage.rows(
      sql`select requests.ts, outcome from requests join messages using (channel, ts)
        where outcome <> 'judged' or run <> 1`,
    );
    expect(outcomes).toEqual([]);
    expect(await stage.rows(sql`select count(*) as n from requests`)).toEqual([{ n: MISSED + 2 }]);
    const judged = await stage.rows(
      sql<{ text: string }>`select text from messages where state = 'judged'`,
    );
    expect(judged.map(({ text }) => text).toSorted()).toEqual(
      [...missed, 'Solved, I love it', 'How do I export?'].toSorted(),
    );
    expect(await stage.rows(sql`select id from runs`)).toHaveLength(1);
    expect(digest(stage)).toContain(`${MISSED + 2} messages`);
    expect(JSON.stringify([claude.batches(), claude.asked])).not.toMatch(
      /crashes when I save|love the new look/,
    );
    expect(claude.batches().length > 0).toBe(expressUpToUsd === 0);
  });
});

test('a schedule that was due while the bot was down counts what was posted then', async () => {
  const stage = await startStage({ settings: { summarySchedule: '0 * * * *' } });
  await stage.connect();
  const { slack, channel, user, context, clock } = stage;
  await runSchedules(context);
  slack.post({ channel, user, text: 'It crashes', silent: true });
  clock.jump(3_600_000);
  context.catchUp.missEvents(clock.now());
  expect(await runSchedules(context)).toBe(context.catchUp.waitForAll(clock.now()));
  expect(await stage.rows(sql`select id from runs`)).toEqual([]);
  await sweep(context, { lookBackMs: 3 * 3_600_000 });
  await runSchedules(context);
  await stage.settle();
  expect(judgedTexts(stage)).toContain('It crashes');
});

test('nobody is reminded of a message that was deleted meanwhile', async () => {
  const stage = await startWith(['Urgent: the app crashes and I lost all my data'], {
    settings: { remindAfterMs: 3_600_000 },
  });
  const { slack, channel, context, clock } = stage;
  await stage.type();
  await stage.settle(() =>
    stage.posts().some(({ metadata }) => metadata?.event_type === 'winnow_card'),
  );
  clock.jump(2 * 3_600_000);
  slack.delete({ channel, ts: stage.sent[0] ?? '', silent: true });
  context.catchUp.missEvents(clock.now());
  expect(await remind(context)).toBe(context.catchUp.waitForAll(clock.now()));
  await sweep(context, { lookBackMs: 3 * 3_600_000 });
  await remind(context);
  expect(await stage.rows(sql`select key from outbox where key like 'reminder%'`)).toEqual([]);
});

test('a command that finds nothing says that not everything has been read', async () => {
  const stage = await startWith([]);
  const { context } = stage;
  context.catchUp.missEvents(context.clock.now());
  expect(await stage.type()).toContain('still reading what was posted while I was away');
  await sweep(context);
  expect(await stage.type()).toContain('every message of this channel has been classified');
});

describe('how long work waits', () => {
  test('not at all before events may have been missed', () => {
    const catchUp = new CatchUp();
    expect(catchUp.waitFor('C1', 1000)).toBeNull();
    expect(catchUp.waitForAll(1000)).toBeNull();
  });

  test('until a sweep that began afterwards has read the channel', () => {
    const catchUp = new CatchUp();
    const early = catchUp.beginReading();
    catchUp.missEvents(1000);
    early.channel('C1');
    early.everything();
    expect(catchUp.waitFor('C1', 1000)).toBe(1000 + MAX_WAIT_MS);
    const later = catchUp.beginReading();
    later.channel('C1');
    expect(catchUp.waitFor('C1', 1000)).toBeNull();
    expect(catchUp.waitFor('C2', 1000)).toBe(1000 + MAX_WAIT_MS);
    expect(catchUp.waitForAll(1000)).toBe(1000 + MAX_WAIT_MS);
    later.everything();
    expect(catchUp.waitFor('C2', 1000)).toBeNull();
    expect(catchUp.waitForAll(1000)).toBeNull();
  });

  test('no longer when the connection is lost again and again', () => {
    const catchUp = new CatchUp();
    for (const now of [0, 5000, 10_000, 15_000]) catchUp.missEvents(now);
    expect(catchUp.waitFor('C1', 15_000)).toBe(MAX_WAIT_MS);
    expect(catchUp.waitFor('C1', MAX_WAIT_MS)).toBeNull();
    catchUp.missEvents(MAX_WAIT_MS);
    expect(catchUp.waitFor('C1', MAX_WAIT_MS)).toBe(2 * MAX_WAIT_MS);
  });

  test('not when the clock has been set back', () => {
    const catchUp = new CatchUp();
    catchUp.missEvents(1_000_000);
    expect(catchUp.waitFor('C1', 900_000)).toBeNull();
  });
});
