import { expect, test } from 'vitest';
import { isRefusedBySlack, measureWorkspace } from '../../src/health/figures.ts';
import { createMetrics } from '../../src/health/metrics.ts';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { listTroubles } from '../../src/store/health/facts.ts';
import { startWith } from '../harness.ts';

/** What an operator sees of one of many workspaces. */

const ALWAYS = Number.POSITIVE_INFINITY;

test('what it has spent this month, what it may spend, and what is pending', async () => {
  const stage = await startWith(['The export crashes', 'I love it'], {
    settings: { monthlyBudgetUsd: 5 },
  });
  const measure = () => measureWorkspace(stage.context);
  expect(await measure()).toEqual({
    ...{ spentUsd: 0, budgetUsd: 5, pending: 2, isRefusedByClaude: false },
  });
  await stage.type();
  await stage.settle();
  const after = await measure();
  expect(after.pending).toBe(0);
  expect(after.spentUsd).toBeGreaterThan(0);
  expect(after.spentUsd).toBeLessThan(0.1);
  stage.clock.jump(32 * 86_400_000);
  expect(await measure()).toMatchObject({ spentUsd: 0 });
});

test.each(['spend_cap', 'no_key'] as const)('a workspace that Claude refuses: %s', async (kind) => {
  const stage = await startWith(['The export crashes'], { hosted: { key: 'own' } });
  stage.claude.faults.add(
    kind === 'spend_cap' ? { kind, times: ALWAYS } : { kind: 'status', status: 401, times: ALWAYS },
  );
  await stage.type();
  for (let step = 0; step < 5; step++) await stage.step();
  expect(await measureWorkspace(stage.context)).toMatchObject({ isRefusedByClaude: true });
});

test('a workspace whose people have set no key yet is not refused', async () => {
  const stage = await startWith(['The export crashes'], {
    hosted: { key: 'none' },
    settings: { asTheyCome: true },
  });
  for (let step = 0; step < 5; step++) await stage.step();
  // A run waits for it.
  expect(await listTroubles(stage.context.db)).toEqual(['key']);
  expect(await measureWorkspace(stage.context)).toMatchObject({ isRefusedByClaude: false });
});

test('a token that Slack refuses is known by the sweep, and by what was to be posted', async () => {
  const stage = await startWith(['The export crashes']);
  const { context, slack } = stage;
  await stage.step();
  expect(isRefusedBySlack(context)).toBe(false);
  const method = 'users.conversations';
  slack.faults.add({ method, kind: 'error', error: 'token_revoked', times: 1 });
  await sweep(context);
  expect(isRefusedBySlack(context)).toBe(true);
  await sweep(context);
  expect(isRefusedBySlack(context)).toBe(false);
  slack.faults.add({ method, kind: 'error', error: 'ekm_access_denied', times: 1 });
  await sweep(context);
  expect(isRefusedBySlack(context)).toBe(false);

  slack.faults.add({
    ...{ method: 'chat.postMessage', kind: 'error', error: 'account_inactive', times: 1 },
  });
  await stage.type();
  await stage.settle(() => isRefusedBySlack(context));
  expect(isRefusedBySlack(context)).toBe(true);
  await stage.settle();
  expect(isRefusedBySlack(context)).toBe(false);
});

test('each workspace has its figures, and none once it is gone', async () => {
  const metrics = createMetrics({ now: () => 0, sleep: async () => {} });
  const figures = { spentUsd: 1.5, budgetUsd: 25, pending: 3, isRefusedByClaude: false };
  const unlimited = { ...figures, spentUsd: null, budgetUsd: null };
  let teams = [
    { team: 'T1', isFailing: false, figures },
    { team: 'T2', isFailing: false, figures: unlimited },
    { team: 'T3', isFailing: true, figures: undefined },
  ];
  metrics.watchWorkspaces(async () => ({ running: 2, starting: 1, envelopes: 0, teams }));
  const scrape = async () =>
    (await metrics.render()).split('\n').filter((line) => line.startsWith('winnow_workspace_'));
  expect(await scrape()).toEqual([
    'winnow_workspace_spent_dollars{team="T1"} 1.5',
    'winnow_workspace_budget_dollars{team="T1"} 25',
    'winnow_workspace_pending{team="T1"} 3',
    'winnow_workspace_pending{team="T2"} 3',
    'winnow_workspace_failing{team="T1"} 0',
    'winnow_workspace_failing{team="T2"} 0',
    'winnow_workspace_failing{team="T3"} 1',
  ]);
  teams = teams.slice(1, 2);
  expect(await scrape()).toEqual([
    'winnow_workspace_pending{team="T2"} 3',
    'winnow_workspace_failing{team="T2"} 0',
  ]);
});
