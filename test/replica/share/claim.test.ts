import { expect, test } from 'vitest';
import { HOUR_MS } from '../../../src/core/durations.ts';
import type { Place } from '../../../src/replica/places/place.ts';
import { createClaim } from '../../../src/replica/share/claim.ts';
import type { Stopped } from '../../../src/start/workspace.ts';
import { saveInstallation } from '../../../src/store/workspaces/installations.ts';
import { setWritesPerHour } from '../../../src/store/workspaces/workspaces.ts';
import { createTestClock } from '../../harness.ts';
import { added, installationOf, sealer, startControl } from '../../store/workspaces/stage.ts';

/** What one replica takes and gives back, beside others that may take nothing. */

async function createScene(count: number) {
  const control = await startControl();
  const teams = Array.from({ length: count }, (_, at) => `T${at + 1}`);
  await saveInstallation(control, sealer, installationOf('E1'), teams.map(added));
  const clock = createTestClock();
  /** Who has each workspace. */
  const owners = new Map<string, 'it' | 'another'>();
  const scene = { control, clock, owners, replicas: 1, moves: 0, round: async () => {}, own };
  function own() {
    return teams.filter((team) => owners.get(team) === 'it');
  }
  const place: Pick<Place, 'countReplicas' | 'listFree' | 'take'> = {
    countReplicas: async () => scene.replicas,
    listFree: async (asked) => asked.filter((team) => !owners.has(team)),
    async take(asked) {
      const free = asked.filter((team) => !owners.has(team));
      for (const team of free) owners.set(team, 'it');
      return free;
    },
  };
  const versions = new Map<string, string>();
  const units = {
    list: own,
    has: (team: string) => owners.get(team) === 'it',
    versionOf: (team: string) => versions.get(team),
    start: (team: string, version: string) => void versions.set(team, version),
    async stop(team: string): Promise<Stopped> {
      scene.moves += 1;
      owners.delete(team);
      return 'drained';
    },
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const claim = createClaim({ control, place, units, clock, log });
  scene.round = async () => {
    const next = await claim();
    clock.jump(next - clock.now());
  };
  return scene;
}

test('a replica keeps the busy workspace, and gives the idle ones to another one', async () => {
  const scene = await createScene(6);
  await scene.round();
  expect(scene.own()).toHaveLength(6);
  await setWritesPerHour(scene.control, 'T3', 100_000);
  scene.replicas = 2;
  await scene.round();
  await scene.round();
  expect(scene.own()).toEqual(['T3']);
});

test('what nobody else takes is taken, and kept until replicas come or go', async () => {
  const scene = await createScene(6);
  scene.replicas = 2;
  await scene.round();
  expect(scene.own()).toHaveLength(3);
  for (let rounds = 0; rounds < 8; rounds++) await scene.round();
  expect(scene.own()).toHaveLength(6);
  for (let rounds = 0; rounds < 100; rounds++) await scene.round();
  expect(scene.moves).toBe(0);
  scene.replicas = 3;
  for (let rounds = 0; rounds < 4; rounds++) await scene.round();
  expect(scene.own()).toHaveLength(2);
});

test('another one is given its share later, if it can take it by then', async () => {
  const scene = await createScene(6);
  scene.replicas = 2;
  for (let rounds = 0; rounds < 9; rounds++) await scene.round();
  expect(scene.own()).toHaveLength(6);
  scene.clock.jump(HOUR_MS);
  await scene.round();
  expect(scene.own()).toHaveLength(3);
});
