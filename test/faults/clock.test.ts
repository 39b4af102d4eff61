import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { type Stage, startWith } from '../harness.ts';
import { postedKeys } from '../slack/outbox.ts';

/** The clock is set while the bot works: by hours, in either direction. */

const HOUR_MS = 3_600_000;
const TEXTS = ['The app crashes on every login', 'I love it', 'Please add a dark mode'];

async function expectSummedUpOnce(stage: Stage, runs: number): Promise<void> {
  const states = await stage.rows(sql<{ state: string }>`select state from messages`);
  expect(states.every(({ state }) => state === 'judged')).toBe(true);
  const keys = postedKeys(stage);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.filter((key) => key?.startsWith('digest-'))).toHaveLength(runs);
  for (const { ts } of await stage.rows(sql<{ ts: string }>`select ts from messages`)) {
    const own = stage.reactionsOf(ts).filter((name) => name !== 'triangular_flag_on_post');
    expect(own).toHaveLength(1);
  }
}

describe.each([5, -5])('by %i hours', (hours) => {
  test('while Claude has the batch: it is asked for once more, and never sent again', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.holdBatches(true);
    await stage.type();
    await stage.settle(() => stage.claude.batches().length === 1);
    stage.clock.jump(hours * HOUR_MS);
    stage.claude.holdBatches(false);
    await stage.settle();
    await expectSummedUpOnce(stage, 1);
    expect(stage.claude.batches()).toHaveLength(1);
  });

  test('while the answer to a submission is lost: its batch is found', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({ kind: 'lost_answer' });
    await stage.type();
    await stage.step();
    stage.clock.jump(hours * HOUR_MS);
    await stage.settle();
    await expectSummedUpOnce(stage, 1);
    expect(stage.claude.batches()).toHaveLength(1);
  });

  test('while the answer to a post is lost: it is found, and not posted twice', async () => {
    const stage = await startWith(TEXTS);
    stage.slack.faults.add({ method: 'chat.postMessage', kind: 'cut', when: 'after', times: 2 });
    await stage.type();
    await stage.settle(() => stage.posts().length > 0);
    stage.clock.jump(hours * HOUR_MS);
    await stage.settle();
    await expectSummedUpOnce(stage, 1);
  });

  test('between two runs: what comes after is stored, swept, judged and summed up like any other', async () => {
    const stage = await startWith(TEXTS);
    const { slack, channel, user } = stage;
    await sweep(stage.context);
    await stage.type();
    await stage.settle();
    stage.clock.jump(hours * HOUR_MS);
    slack.post({ channel, user, text: 'The export fails' });
    slack.post({ channel, user, text: 'How do I invite a colleague?', silent: true });
    await slack.idle();
    await sweep(stage.context);
    await stage.type();
    await stage.settle();
    await expectSummedUpOnce(stage, 2);
  });
});

async function judgeAfterJump(hours: number): Promise<void> {
  const stage = await startWith(TEXTS);
  stage.clock.jump(hours * HOUR_MS);
  await stage.type();
  await stage.settle();
  await expectSummedUpOnce(stage, 1);
}

test('forwards between the messages and their run: they are claimed all the same', async () => {
  await judgeAfterJump(5);
});

// Known: claimMessages takes nothing that was collected "later" than its run was opened.
test('backwards between the messages and their run: they are claimed all the same', async () => {
  await judgeAfterJump(-5);
});
