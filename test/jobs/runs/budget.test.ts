import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { sweep } from '../../../src/jobs/intake/sweep.ts';
import { runSchedules } from '../../../src/jobs/runs/schedule.ts';
import { ACTIONS } from '../../../src/slack/blocks/actions.ts';
import { type Stage, type StageOptions, startWith } from '../../harness.ts';
import { words } from '../../people/stage.ts';

/** A month's budget: express stops first, then everything, and people are told. */

const TEXTS = ['It crashes', 'I love it', 'How do I export?', 'Could you add a dark mode?'];
const DAY_MS = 86_400_000;

const withBudget = (usd: number, more: StageOptions['settings'] = {}, texts = TEXTS) =>
  startWith(texts, { settings: { monthlyBudgetUsd: usd, ...more } });

const runs = (stage: Stage) =>
  stage.rows(sql<{ lane: string; hurry_reason: string | null }>`select * from runs order by id`);

const pending = async (stage: Stage) =>
  (await stage.rows(sql`select ts from messages where state = 'pending'`)).length;

const shown = (stage: Stage) => stage.posts().map(({ blocks }) => words(blocks));

test('a run that might exceed it is not started, and the person who asks is told why', async () => {
  const stage = await withBudget(0.0001);
  const said = await stage.type();
  expect(said).toContain("This month's budget for Claude is $0.0001");
  expect(said).toContain('nothing was started');
  expect(said).toContain('MONTHLY_BUDGET_USD');
  await stage.settle();
  expect(await runs(stage)).toEqual([]);
  expect(stage.claude.calls).toEqual([]);
  expect(await pending(stage)).toBe(4);
});

test('what is left is in the status, and what was spent is taken off', async () => {
  const stage = await withBudget(0.01);
  expect(await stage.type('status')).toContain('$0.0100 for all channels, $0.0100 is left');
  await stage.type();
  await stage.settle();
  const [{ nano } = { nano: 0 }] = await stage.rows(
    sql<{ nano: number }>`
      select (select sum(nano_usd) from batches) + (select sum(nano_usd) from groupings) as nano`,
  );
  expect(nano).toBeGreaterThan(0);
  const left = 0.01 - nano / 1e9;
  expect(await stage.type('status')).toContain(`$${left.toFixed(4)} is left`);
});

test('what an open run may still cost is taken off, too', async () => {
  const stage = await withBudget(0.01);
  stage.claude.holdBatches(true);
  await stage.type();
  await stage.settle(() => stage.claude.batches().length > 0);
  expect(await stage.type('status')).not.toContain('$0.0100 is left');
});

test('express stops at it first: the same run goes as a batch', async () => {
  const stage = await withBudget(1, { expressUpToUsd: 1 });
  await stage.type();
  const [express] = await stage.rows(
    sql<{ nano: number }>`select expected_nano_usd as nano from runs`,
  );
  await stage.settle();
  expect(await runs(stage)).toMatchObject([{ lane: 'express' }]);
  const tight = await withBudget(((express?.nano ?? 0) / 1e9) * 0.9, { expressUpToUsd: 1 });
  await tight.type();
  await tight.settle();
  expect(await runs(tight)).toMatchObject([{ lane: 'batch' }]);
  expect(await pending(tight)).toBe(0);
});

test('nobody is offered to hurry for more than is left', async () => {
  const stage = await withBudget(1);
  stage.claude.holdBatches(true);
  await stage.type();
  await stage.settle(() => JSON.stringify(stage.posts()).includes(ACTIONS.hurry));
  const [batch] = await stage.rows(
    sql<{ nano: number }>`select expected_nano_usd as nano from runs`,
  );
  const tight = await withBudget(((batch?.nano ?? 0) / 1e9) * 1.05);
  tight.claude.holdBatches(true);
  await tight.type();
  await tight.settle(() => tight.claude.batches().length > 0);
  await tight.settle(() => tight.posts().length > 0);
  expect(JSON.stringify(tight.posts())).not.toContain(ACTIONS.hurry);
});

test('a channel is told once a month that its messages wait, and goes on in the next', async () => {
  const stage = await withBudget(0.0001, { summarySchedule: '0 14 * * *' });
  const pass = async (days: number) => {
    const end = stage.clock.now() + days * DAY_MS;
    while (stage.clock.now() < end) {
      const next = await runSchedules(stage.context);
      await stage.settle();
      stage.clock.jump(Math.max(60_000, (next ?? end) - stage.clock.now()));
    }
  };
  await pass(5);
  expect(shown(stage).filter((text) => text.includes('budget for Claude'))).toHaveLength(1);
  expect(await pending(stage)).toBe(4);
  // It is December.
  await pass(5);
  expect(shown(stage).filter((text) => text.includes('budget for Claude'))).toHaveLength(2);
  stage.changeSettings({ monthlyBudgetUsd: 5 });
  await pass(2);
  expect(await pending(stage)).toBe(0);
});

test('a model whose price is not known is not used under a budget', async () => {
  const stage = await withBudget(5, { model: 'claude-next-9' });
  expect(await stage.type()).toContain('the price of claude-next-9 is not known to me');
  expect(await runs(stage)).toEqual([]);
});

test('a run that turns out larger than it was when somebody asked is not express at any price', async () => {
  const stage = await startWith(TEXTS.slice(0, 1), { settings: { expressUpToUsd: 0.001 } });
  await stage.step();
  const { slack, channel, user, context, clock } = stage;
  for (let n = 0; n < 60; n++) {
    slack.post({ channel, user, text: `The page ${n} is missing`, silent: true });
  }
  context.catchUp.missEvents(clock.now());
  await stage.type();
  await stage.step();
  expect(await runs(stage)).toMatchObject([{ lane: 'express' }]);
  await sweep(context, { lookBackMs: 600_000 });
  await stage.settle();
  expect(await runs(stage)).toMatchObject([{ lane: 'batch', lane_reason: 'half price' }]);
  expect(await pending(stage)).toBe(0);
});
