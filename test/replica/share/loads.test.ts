import { expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../../src/core/durations.ts';
import { createLoads } from '../../../src/replica/share/loads.ts';
import type { RunningUnit } from '../../../src/replica/units.ts';
import { saveInstallation } from '../../../src/store/workspaces/installations.ts';
import {
  listActiveWorkspaces,
  setWritesPerHour,
} from '../../../src/store/workspaces/workspaces.ts';
import { createTestClock } from '../../harness.ts';
import { added, installationOf, sealer, startControl } from '../../store/workspaces/stage.ts';

/** How busy workspaces are, as their owner measures and stores it. */

async function createScene(count: number) {
  const control = await startControl();
  const teams = Array.from({ length: count }, (_, at) => `T${at + 1}`);
  await saveInstallation(control, sealer, installationOf('E1'), teams.map(added));
  const clock = createTestClock();
  const writes = new Map<string, number>();
  const start = (team: string): RunningUnit => ({
    handle: async () => {},
    missEvents() {},
    track: (work) => work,
    writes: () => writes.get(team) ?? 0,
    isRefusedBySlack: () => false,
    measure: () => Promise.reject(new Error('nobody asks')),
  });
  const units = new Map(teams.map((team) => [team, start(team)]));
  const measure = createLoads({ control, units: { find: (team) => units.get(team) }, clock });
  /** Every minute each of these is written to so often. */
  const pass = async (ms: number, perMinute: Record<string, number> = {}) => {
    const end = clock.now() + ms;
    for (let written = clock.now(); clock.now() < end; ) {
      clock.jump((await measure()) - clock.now());
      if (clock.now() - written < MINUTE_MS) continue;
      written = clock.now();
      for (const [team, n] of Object.entries(perMinute)) {
        writes.set(team, (writes.get(team) ?? 0) + n);
      }
    }
  };
  const stored = async () => {
    const rows = await listActiveWorkspaces(control);
    return new Map(rows.map(({ team, writesPerHour }) => [team, writesPerHour]));
  };
  return { control, units, writes, start, pass, stored };
}

test('a busy workspace is known as busy after a while, and as idle again', async () => {
  const { pass, stored } = await createScene(2);
  await pass(9 * MINUTE_MS, { T1: 100 });
  expect([...(await stored())]).toEqual([
    ['T1', 0],
    ['T2', 0],
  ]);
  await pass(24 * HOUR_MS, { T1: 100 });
  const busy = (await stored()).get('T1') ?? 0;
  expect(busy).toBeGreaterThan(3_000);
  expect(busy).toBeLessThan(6_001);
  expect((await stored()).get('T2')).toBe(0);
  await pass(48 * HOUR_MS);
  expect((await stored()).get('T1')).toBeLessThan(1_000);
});

test('it is stored once in ten minutes, and only when it is much else', async () => {
  const { control, pass, stored } = await createScene(1);
  const seen = new Set<number>();
  for (let minute = 0; minute < 60; minute++) {
    await pass(MINUTE_MS, { T1: 10_000 });
    seen.add((await stored()).get('T1') ?? 0);
  }
  // Nothing, and then at most five times.
  expect(seen.size).toBeGreaterThan(2);
  expect(seen.size).toBeLessThanOrEqual(6);
  const last = (await stored()).get('T1') ?? 0;
  await pass(HOUR_MS, { T1: Math.round(last / 60) });
  expect((await stored()).get('T1')).toBe(last);
  expect(await control.selectFrom('workspaces').select('budget').execute()).toEqual([
    { budget: null },
  ]);
});

test('whoever starts it goes on with what is known, and with what is written from then on', async () => {
  const { control, units, writes, start, pass, stored } = await createScene(2);
  await setWritesPerHour(control, 'T1', 6_000);
  writes.set('T2', 1_000_000);
  await pass(HOUR_MS, { T1: 100 });
  expect(Object.fromEntries(await stored())).toEqual({ T1: 6_000, T2: 0 });
  units.set('T1', start('T1'));
  units.delete('T2');
  await pass(HOUR_MS, { T1: 100, T2: 10_000 });
  expect(Object.fromEntries(await stored())).toEqual({ T1: 6_000, T2: 0 });
});

test('many that change are stored a few at a time, and none is forgotten', async () => {
  const { units, pass, stored } = await createScene(200);
  const busy = Object.fromEntries([...units.keys()].map((team) => [team, 10_000]));
  const count = async () =>
    (await stored())
      .values()
      .filter((perHour) => perHour > 0)
      .toArray().length;
  await pass(10 * MINUTE_MS + 5_000, busy);
  expect(await count()).toBeLessThanOrEqual(10);
  await pass(8 * MINUTE_MS, busy);
  expect(await count()).toBe(200);
});
