import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { createSteadyTime } from '../../src/core/steady-time.ts';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { createTestClock, type Stage, type StageOptions, startWith } from '../harness.ts';
import { postedKeys } from '../slack/outbox.ts';

/** The clock is set while the bot works: by hours, in either direction. */

const HOUR_MS = 3_600_000;
const TEXTS = ['The app crashes on every login', 'I love it', 'Please add a dark mode'];

/** Only the clock of this machine is set: those of Slack and Claude go on. */
function startBesideOthers(options: StageOptions = {}) {
  const clock = createTestClock();
  const time = createSteadyTime(() => clock.now());
  const ticking = createSteadyTime(() => clock.tick());
  return startWith(TEXTS, { ...options, clock, slack: { now: ticking }, claude: { now: time } });
}

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
    const stage = await startBesideOthers();
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
    const stage = await startBesideOthers();
    stage.claude.faults.add({ kind: 'lost_answer' });
    await stage.type();
    await stage.step();
    stage.clock.jump(hours * HOUR_MS);
    await stage.settle();
    await expectSummedUpOnce(stage, 1);
    expect(stage.claude.batches()).toHaveLength(1);
  });

  test('while the answer to a post is lost: it is found, and not posted twice', async () => {
    const stage = await startBesideOthers();
    stage.slack.faults.add({ method: 'chat.postMessage', kind: 'cut', when: 'after', times: 2 });
    await stage.type();
    await stage.settle(() => stage.posts().length > 0);
    stage.clock.jump(hours * HOUR_MS);
    await stage.settle();
    await expectSummedUpOnce(stage, 1);
  });

  test('between two runs: what comes after is stored, swept, judged and summed up like any other', async () => {
    const stage = await startBesideOthers();
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
  const stage = await startBesideOthers();
  stage.clock.jump(hours * HOUR_MS);
  await stage.type();
  await stage.settle();
  await expectSummedUpOnce(stage, 1);
}

test('forwards between the messages and their run: they are claimed all the same', async () => {
  await judgeAfterJump(5);
});

test('backwards between the messages and their run: they are claimed all the same', async () => {
  await judgeAfterJump(-5);
});

describe('set back by two hours, nothing waits for them', () => {
  const SHORTLY_MS = 10 * 60_000;

  /** Sets the clock back, lets everything happen, and fails when that takes longer than it would have. */
  async function settleShortly(stage: Stage): Promise<void> {
    stage.clock.jump(-2 * HOUR_MS);
    const until = stage.clock.now() + SHORTLY_MS;
    await stage.settle();
    expect(stage.clock.now()).toBeLessThan(until);
    expect(stage.logs).toContainEqual(
      expect.objectContaining({ message: 'the clock was set back; what waits goes on' }),
    );
  }

  test('a batch that is polled', async () => {
    const stage = await startBesideOthers();
    stage.claude.holdBatches(true);
    await stage.type();
    await stage.settle(() => stage.claude.batches().length === 1);
    stage.claude.holdBatches(false);
    await settleShortly(stage);
    await expectSummedUpOnce(stage, 1);
  });

  test('a post that Slack has refused for a moment', async () => {
    const stage = await startBesideOthers();
    stage.slack.faults.add({ method: 'chat.postMessage', kind: 'rate_limit', retryAfter: 60 });
    await stage.type();
    await stage.step();
    await settleShortly(stage);
    await expectSummedUpOnce(stage, 1);
  });

  test('calls that are paced', async () => {
    const stage = await startBesideOthers({ rateScale: 1 });
    await stage.type();
    await stage.settle(() => stage.reactionsOf(stage.sent[0] ?? '').length > 0);
    await settleShortly(stage);
    await expectSummedUpOnce(stage, 1);
  });

  test('what a process wrote while the clock was ahead, by the next one', async () => {
    const stage = await startBesideOthers({ onDisk: true });
    stage.clock.jump(50 * HOUR_MS);
    stage.claude.holdBatches(true);
    await stage.type();
    await stage.settle(() => stage.claude.batches().length === 1);
    stage.clock.jump(-50 * HOUR_MS);
    stage.claude.holdBatches(false);
    await stage.restart();
    await stage.connect();
    const until = stage.clock.now() + SHORTLY_MS;
    await stage.settle();
    expect(stage.clock.now()).toBeLessThan(until);
    await expectSummedUpOnce(stage, 1);
  });
});
