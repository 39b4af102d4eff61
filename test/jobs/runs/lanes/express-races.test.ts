import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { CALLS_AT_ONCE, nameLimits, UNKNOWN_PACE } from '../../../../src/core/runs/pace.ts';
import { submit } from '../../../../src/jobs/runs/lanes/submit.ts';
import { findBatch } from '../../../../src/store/runs/batches.ts';
import { finishAsking } from '../../../../src/store/runs/express.ts';
import { findRun, hurryRun } from '../../../../src/store/runs/runs.ts';
import { type Stage, type StageOptions, startWith } from '../../../harness.ts';

/** Express calls while something else happens at the same moment. */

const MESSAGE = /^\/v1\/messages$/u;
const ALWAYS = Number.POSITIVE_INFINITY;

const SLOW = Array.from({ length: 30 }, (_, n) => `The page ${n} is slow`);

const express = (texts: string[], options: StageOptions = {}) =>
  startWith(texts, { ...options, settings: { expressUpToUsd: 1, ...options.settings } });

/** As after an answer that has named no limit: several calls begin at once. */
function atFullPace({ context, clock }: Stage): void {
  context.pace = nameLimits(UNKNOWN_PACE, {}, clock.now());
}

/** Calls `then` once, after the first express answer has come and before the bot has it. */
function afterFirstAnswer({ context }: Stage, then: () => Promise<unknown>): void {
  let done = false;
  context.claude = context.claude.withOptions({
    fetch: async (url, init) => {
      const answer = await fetch(url, init);
      if (!done && String(url).endsWith('/v1/messages')) {
        done = true;
        await then();
      }
      return answer;
    },
  });
}

const states = (stage: Stage) =>
  stage.rows(
    sql<{ state: string; n: number }>`select state, count(*) as n from messages group by state`,
  );

const newestRun = async ({ rows }: Stage) => {
  const [run] = await rows(
    sql<{ trouble: string | null; lane: string }>`select * from runs order by id desc limit 1`,
  );
  return run;
};

describe('when several calls fail at the same moment', () => {
  test('that is one failure: the pause is as short as after one', async () => {
    const stage = await express(SLOW);
    atFullPace(stage);
    stage.claude.faults.add({
      kind: 'status',
      status: 529,
      errorType: 'overloaded_error',
      path: MESSAGE,
      times: CALLS_AT_ONCE,
    });
    await stage.type();
    const began = stage.clock.now();
    await stage.step();
    // A moment's overload is no news.
    expect((await newestRun(stage))?.trouble).toBeNull();
    await stage.settle();
    expect(await states(stage)).toEqual([{ state: 'judged', n: 30 }]);
    expect(stage.clock.now() - began).toBeLessThan(30_000);
  });

  test('and others succeed, what the run waited for is over once it goes on', async () => {
    const stage = await express(SLOW);
    atFullPace(stage);
    stage.claude.faults.add({ kind: 'spend_cap', path: MESSAGE, times: 1 });
    await stage.type();
    await stage.settle();
    await stage.settle();
    expect(await states(stage)).toEqual([{ state: 'judged', n: 30 }]);
    expect((await newestRun(stage))?.trouble).toBeNull();
  });
});

test('a person who asks to try again does not wait for the pause after an outage', async () => {
  const stage = await express(SLOW.slice(0, 5));
  const mend = stage.claude.faults.add({ kind: 'cut', path: MESSAGE, times: ALWAYS });
  await stage.type();
  const waits = async () => {
    const [run] = await stage.rows(sql<{ cause: string }>`select trouble_cause as cause from runs`);
    return run?.cause === 'long outage';
  };
  for (let round = 0; round < 30 && !(await waits()); round++) {
    const next = await stage.step();
    stage.clock.jump(Math.max(0, (next ?? 0) - stage.clock.now()));
  }
  await stage.step();
  expect(await waits()).toBe(true);
  mend();
  const asked = stage.clock.now();
  expect(await stage.type()).toContain('I am trying again now');
  await stage.step();
  await stage.step();
  expect((await states(stage)).find(({ state }) => state === 'judged')?.n).toBe(5);
  expect(stage.clock.now() - asked).toBeLessThan(10_000);
});

test('calls of several runs together are as few as those of one', async () => {
  const stage = await express([], {
    claude: { latency: { message: { p50Ms: 900, p90Ms: 1500 } } },
  });
  const { slack, user } = stage;
  const channels = ['one', 'two', 'three'].map((name) =>
    slack.addChannel({ name, members: [user] }),
  );
  for (const channel of channels) slack.inviteBot(channel, user);
  await slack.idle();
  for (const channel of channels) {
    for (const text of SLOW.slice(0, 12)) slack.post({ channel, user, text });
  }
  await slack.idle();
  for (const channel of channels) await stage.type('', { channel });
  atFullPace(stage);
  await stage.settle(undefined, 500);
  expect(await states(stage)).toEqual([{ state: 'judged', n: 36 }]);
  expect(stage.claude.inFlight.most).toBeGreaterThan(1);
  expect(stage.claude.inFlight.most).toBeLessThanOrEqual(CALLS_AT_ONCE);
});

test('a channel that gets another id meanwhile keeps the answers, and pays once', async () => {
  const stage = await express(SLOW.slice(0, 5));
  const { slack, channel } = stage;
  afterFirstAnswer(stage, async () => {
    slack.changeId(channel, 'CNEW');
    await slack.idle();
    await stage.waitFor(() =>
      stage.logs.some(({ message }) => message === 'a channel has another id'),
    );
  });
  await stage.type();
  await stage.settle();
  expect(await stage.rows(sql`select distinct channel from messages`)).toEqual([
    { channel: 'CNEW' },
  ]);
  expect(await states(stage)).toEqual([{ state: 'judged', n: 5 }]);
  const asks = await stage.rows(sql<{ asks: number }>`select asks from requests`);
  expect(asks.map((row) => row.asks)).toEqual([1, 1, 1, 1, 1]);
});

test('with another model after a restart, an express run whose model was refused takes that one', async () => {
  const settings = { model: 'claude-haiku-5-5', expressUpToUsd: 1 };
  const stage = await startWith(SLOW.slice(0, 5), { onDisk: true, settings });
  const mend = stage.claude.faults.add({
    kind: 'status',
    status: 404,
    errorType: 'not_found_error',
    message: 'model: not available',
    path: MESSAGE,
    times: ALWAYS,
  });
  await stage.type();
  await stage.step();
  await stage.step();
  expect((await newestRun(stage))?.trouble).toContain('not available');
  mend();
  settings.model = 'claude-sonnet-5-5';
  await stage.restart();
  await stage.connect();
  await stage.settle();
  expect(await states(stage)).toEqual([{ state: 'judged', n: 5 }]);
  expect(new Set(stage.claude.asked.slice(-5).map(({ model }) => model))).toEqual(
    new Set(['claude-sonnet-5-5']),
  );
});

/** A run whose batch is ready, and as a job has read both before something else happened. */
async function readyBatch(stage: Stage) {
  stage.claude.faults.add({ kind: 'status', status: 429, headers: { 'retry-after': '5' } });
  await stage.type();
  await stage.step();
  const { db } = stage.context;
  const [batch, run] = [await findBatch(db, 1), await findRun(db, 1)];
  if (batch?.stage !== 'ready' || !run) throw new Error('no batch is ready');
  return { batch, run };
}

test.each(['hurried', 'canceled'])(
  'a run that is %s right before its batch is sent does not send it',
  async (what) => {
    const stage = await startWith(SLOW);
    const { batch, run } = await readyBatch(stage);
    const { db } = stage.context;
    const now = stage.clock.now();
    if (what === 'hurried') {
      await db
        .transaction()
        .execute((tx) => hurryRun(tx, run, { reason: 'person', by: stage.user, moreUsd: 0 }, now));
    } else await stage.type('cancel');
    await submit(stage.context, run, batch);
    expect(stage.claude.batches()).toHaveLength(0);
    await stage.settle();
    expect(stage.claude.batches()).toHaveLength(0);
    const rest = what === 'hurried' ? 'judged' : 'pending';
    expect(await states(stage)).toEqual([{ state: rest, n: 30 }]);
  },
);

test('an express batch is not over while it has a message without an answer', async () => {
  const stage = await express(SLOW.slice(0, 3));
  await stage.type();
  await stage.settle();
  const { db } = stage.context;
  await stage.rows(sql`update batches set stage = 'asking'`);
  await stage.rows(sql`update requests set outcome = null where ts = ${stage.sent[0]}`);
  const finish = () => db.transaction().execute((tx) => finishAsking(tx, 1, stage.clock.now()));
  expect(await finish()).toBe(false);
  expect((await findBatch(db, 1))?.stage).toBe('asking');
  await stage.rows(sql`update requests set outcome = 'judged'`);
  expect(await finish()).toBe(true);
  expect((await findBatch(db, 1))?.stage).toBe('collected');
});
