import { expect, test } from 'vitest';
import { createFigures } from '../../src/replica/figures.ts';
import type { RunningUnit } from '../../src/replica/units.ts';
import { createTestClock } from '../harness.ts';
import { findFreePort } from '../process/free-port.ts';
import { counted, openCloudStage, openControlOf, until } from './stage.ts';

/** The figures of each workspace, which scrapes do not read from the database. */

const FIGURES = { spentUsd: 1, budgetUsd: null, pending: 0, isRefusedByClaude: false };

/** So many workspaces, which count how often they are measured. */
function createScene(count: number) {
  const clock = createTestClock();
  const measured: string[] = [];
  const writes = new Map<string, number>();
  const broken = new Set<string>();
  const start = (team: string): RunningUnit => ({
    handle: async () => {},
    missEvents() {},
    track: (work) => work,
    writes: () => writes.get(team) ?? 0,
    isRefusedBySlack: () => team === 'T2',
    async measure() {
      measured.push(team);
      if (broken.has(team)) throw new Error('the database is away');
      return { ...FIGURES, isRefusedByClaude: team === 'T3' };
    },
  });
  const units = new Map<string, RunningUnit | undefined>();
  for (let n = 1; n <= count; n++) units.set(`T${n}`, start(`T${n}`));
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const figures = createFigures({
    units: {
      list: () => [...units.keys()],
      find: (team) => units.get(team),
      couldNotStart: (team) => team === 'T4' && !units.get(team),
    },
    ...{ clock, log },
  });
  /** @returns the workspaces that were measured meanwhile */
  const pass = async (seconds: number): Promise<string[]> => {
    measured.length = 0;
    for (let second = 0; second < seconds; second++) {
      clock.jump((await figures.measure()) - clock.now());
    }
    return [...measured].sort();
  };
  return { units, writes, broken, start, figures, pass };
}

test('a thousand workspaces are measured by turns, a few a second', async () => {
  const { units, writes, figures, pass } = createScene(1000);
  expect(await pass(1)).toHaveLength(5);
  expect(figures.list().filter((one) => one.figures)).toHaveLength(5);
  const rest = await pass(199);
  expect(new Set(rest).size).toBe(995);
  expect(figures.list().filter((one) => one.figures)).toHaveLength(1000);
  // Nothing has changed.
  expect(await pass(300)).toEqual([]);
  for (const team of units.keys()) writes.set(team, 1);
  expect(new Set(await pass(200)).size).toBe(1000);
});

test('one is measured again when it has changed, once a minute at most; and once an hour', async () => {
  const { writes, pass } = createScene(3);
  expect(await pass(1)).toEqual(['T1', 'T2', 'T3']);
  writes.set('T2', 1);
  expect(await pass(50)).toEqual([]);
  expect(await pass(20)).toEqual(['T2']);
  expect(await pass(3_000)).toEqual([]);
  expect(await pass(700)).toEqual(['T1', 'T2', 'T3']);
});

test('one that was started again, or could not be read, has no figures from before', async () => {
  const { units, writes, broken, start, figures, pass } = createScene(2);
  const known = () => figures.list().map((one) => one.figures !== undefined);
  await pass(1);
  expect(known()).toEqual([true, true]);
  units.set('T1', start('T1'));
  expect(known()).toEqual([false, true]);
  await pass(1);
  broken.add('T2');
  writes.set('T2', 1);
  await pass(70);
  expect(known()).toEqual([true, false]);
  broken.delete('T2');
  expect(await pass(70)).toEqual(['T2']);
  expect(known()).toEqual([true, true]);
});

test('fails what Slack or Claude refuses, and what could not be started', async () => {
  const { units, figures, pass } = createScene(5);
  units.set('T4', undefined);
  units.set('T5', undefined);
  const failing = () => figures.list().flatMap(({ team, isFailing }) => (isFailing ? team : []));
  expect(failing()).toEqual(['T2', 'T4']);
  await pass(1);
  expect(failing()).toEqual(['T2', 'T3', 'T4']);
});

test('are told by a process that works for many', async () => {
  const stage = await openCloudStage();
  const port = await findFreePort();
  const settings = { HEALTH_PORT: String(port), MONTHLY_BUDGET_USD: '5' };
  const replica = await stage.start(settings);
  const [acme, zeta] = [stage.addTenant({ name: 'Acme' }), stage.addTenant({ name: 'Zeta' })];
  for (const tenant of [acme, zeta]) await stage.install(tenant);
  await counted([replica], [acme, zeta]);
  const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const nameOf = (tenant: typeof acme, name: string) =>
    `winnow_workspace_${name}{team="${tenant.slack.teamId}"}`;
  await until(scrape).toContain(`${nameOf(zeta, 'pending')} 0`);
  expect(await scrape()).toContain(`${nameOf(acme, 'budget_dollars')} 5`);
  expect(await scrape()).toContain(`${nameOf(acme, 'failing')} 0`);

  // Started again, it is measured at once.
  acme.post('The export is broken');
  await stage.cloud.idle();
  await stage.operate(['budget', acme.slack.teamId, 'none'], settings);
  await until(scrape).toContain(`${nameOf(acme, 'pending')} 1`);
  const text = await scrape();
  expect(text).toContain(`${nameOf(acme, 'spent_dollars')} 0`);
  expect(text).not.toContain(nameOf(acme, 'budget_dollars'));

  // A token that does not open keeps it from being started, until the app is installed again.
  const control = await openControlOf(stage);
  await control
    .updateTable('installations')
    .set({ bot_token: 'v1.broken', installed_at: 1 })
    .where('id', '=', acme.slack.teamId)
    .execute();
  await until(scrape).toContain(`${nameOf(acme, 'failing')} 1`);
  const failing = await scrape();
  expect(failing).not.toContain(nameOf(acme, 'pending'));
  expect(failing).toContain(`${nameOf(zeta, 'failing')} 0`);
  await stage.install(acme);
  await until(scrape).toContain(`${nameOf(acme, 'failing')} 0`);
});
