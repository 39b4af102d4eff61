import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createMetrics } from '../../src/health/metrics.ts';
import { checkReadiness } from '../../src/health/readiness.ts';
import { startWith } from '../harness.ts';
import { onPostgres } from '../postgres/fresh-workspace.ts';

const NOWHERE = { kind: 'sqlite', file: '/nowhere/winnow.db' } as const;

/** What an operator sees of a bot, from its database and its calls. */

/** The figures of a scrape by their names and labels. */
function readFigures(text: string): Map<string, number> {
  const figures = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const cut = line.lastIndexOf(' ');
    figures.set(line.slice(0, cut), Number(line.slice(cut + 1)));
  }
  return figures;
}

test('messages, runs, effects and money, as they are in the database', async () => {
  const stage = await startWith(['The export crashes', 'I love it', 'Please add a dark mode']);
  const { context, clock } = stage;
  const metrics = createMetrics(clock);
  metrics.watchDatabase(context.db, NOWHERE);
  const scrape = async () => readFigures(await metrics.render());

  const before = await scrape();
  expect(before.get('winnow_messages{state="pending"}')).toBe(3);
  expect(before.get('winnow_verdicts_total')).toBe(0);
  expect(before.get('winnow_open_runs{lane="batch"}')).toBe(0);
  expect(before.get('winnow_database_bytes{file="database"}')).toBe(0);

  await stage.type();
  clock.jump(90_000);
  const running = await scrape();
  expect(running.get('winnow_open_runs{lane="batch"}')).toBe(1);
  expect(running.get('winnow_oldest_open_run_age_seconds')).toBeGreaterThanOrEqual(90);
  const lanes = [...running].filter(([name]) => name.startsWith('winnow_outbox_effects'));
  expect(lanes.map(([, effects]) => effects)).toEqual([1]);
  const [age] = [...running].filter(([name]) => name.includes('oldest_effect_age'));
  expect(age?.[1]).toBeGreaterThanOrEqual(90);

  await stage.settle();
  const after = await scrape();
  expect(after.get('winnow_messages{state="pending"}')).toBe(0);
  expect(after.get('winnow_verdicts_total')).toBe(3);
  expect(after.get('winnow_open_runs{lane="batch"}')).toBe(0);
  expect(after.get('winnow_oldest_open_run_age_seconds')).toBe(0);
  expect([...after.keys()].filter((name) => name.startsWith('winnow_outbox_effects'))).toEqual([]);
  expect(after.get('winnow_claude_tokens_total{direction="input"}')).toBeGreaterThan(100);
  expect(after.get('winnow_claude_cost_usd_total')).toBeGreaterThan(0);
  // A second scrape of the same database says the same.
  const again = await scrape();
  for (const [name, figure] of after) {
    if (name.startsWith('winnow_')) expect([name, again.get(name)]).toEqual([name, figure]);
  }
});

test('a run in trouble, a dead effect and what is held are seen', async () => {
  const stage = await startWith(['The export crashes']);
  const metrics = createMetrics(stage.clock);
  metrics.watchDatabase(stage.context.db, NOWHERE);
  stage.claude.faults.add({ kind: 'spend_cap', times: Number.POSITIVE_INFINITY });
  stage.slack.limitPosting(stage.channel, 'read_only');
  await stage.type();
  for (let step = 0; step < 5; step++) await stage.step();
  const figures = readFigures(await metrics.render());
  expect(figures.get('winnow_runs_in_trouble{cause="budget"}')).toBe(1);
  expect(figures.get('winnow_holds')).toBe(1);
});

test('calls are counted by method and outcome', async () => {
  const metrics = createMetrics({ now: () => 0, sleep: async () => {} });
  const call = { service: 'slack', method: 'chat.postMessage' } as const;
  metrics.recordCall({ ...call, outcome: 'ok', ms: 120 });
  metrics.recordCall({ ...call, outcome: 'limited', ms: 30 });
  const figures = readFigures(await metrics.render());
  const labels = 'service="slack",method="chat.postMessage"';
  expect(figures.get(`winnow_call_duration_seconds_count{${labels},outcome="ok"}`)).toBe(1);
  expect(figures.get(`winnow_call_duration_seconds_sum{${labels},outcome="ok"}`)).toBe(0.12);
  expect(figures.get(`winnow_rate_limited_total{${labels}}`)).toBe(1);
});

test('every metric follows the rules of Prometheus for names, units and help', async () => {
  const metrics = createMetrics({ now: () => 0, sleep: async () => {} });
  const text = await metrics.render();
  const own = [...text.matchAll(/^# TYPE (winnow_\S+) (\w+)$/gm)];
  expect(own.length).toBeGreaterThan(10);
  for (const [, name = '', type] of own) {
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S.*\\.$`, 'm'));
  }
});

test('a bot is ready once it is connected and has read history, and as long as it does', async () => {
  const stage = await startWith([]);
  const { context, clock } = stage;
  const wrong = async () => (await checkReadiness(context)).checks;
  expect((await wrong()).sweep).toMatch(/no channel history/);
  await stage.step();
  expect(await checkReadiness(context)).toEqual({
    ready: true,
    checks: { connection: null, database: null, sweep: null },
  });
  clock.jump(20 * 60_000);
  expect((await wrong()).sweep).toMatch(/no channel history/);
  await stage.step();
  context.connection.lose();
  expect(await wrong()).toEqual({
    connection: 'not connected to Slack',
    database: null,
    sweep: null,
  });
});

test.skipIf(onPostgres)(
  'a database that takes no write is not ready, and trying leaves it as it was',
  async () => {
    const stage = await startWith([]);
    await stage.step();
    const { context } = stage;
    const read = () => stage.rows(sql`select * from indexed_verdicts`);
    const before = await read();
    expect((await checkReadiness(context)).ready).toBe(true);
    expect(await read()).toEqual(before);
    await sql`pragma query_only = 1`.execute(context.db);
    const { ready, checks } = await checkReadiness(context);
    await sql`pragma query_only = 0`.execute(context.db);
    expect([ready, checks.database]).toEqual([false, expect.stringMatching(/readonly/)]);
  },
);
