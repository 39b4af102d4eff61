import { expect, test } from 'vitest';
import {
  endInstallation,
  findInstallation,
  saveInstallation,
  updateTokens,
} from '../../../src/store/workspaces/installations.ts';
import { resealAll } from '../../../src/store/workspaces/reseal.ts';
import { createSealer, SealError } from '../../../src/store/workspaces/seal.ts';
import type { ControlDb } from '../../../src/store/workspaces/tables.ts';
import {
  findWorkspace,
  listActiveWorkspaces,
  setAnthropicKey,
} from '../../../src/store/workspaces/workspaces.ts';
import { keyOf } from './keys.ts';
import { added, createPlace, installationOf, START, startControl } from './stage.ts';

const [OLD, NEW, LOST] = [keyOf('old'), keyOf('new'), keyOf('lost')];
const before = createSealer([OLD]);
const both = createSealer([NEW, OLD]);
const after = createSealer([NEW]);

const tokens = { bot: 'xoxb-1', refresh: 'xoxe-1', expiresAt: START };

/** Two tokens, and a key. */
async function fill(db: ControlDb, id: string, sealer = before): Promise<void> {
  await saveInstallation(db, sealer, installationOf(id, { tokens }), [added(id)]);
  await setAnthropicKey(db, sealer, id, `sk-ant-${id}`);
}

const read = async (db: ControlDb, id: string, sealer = after) => [
  (await findInstallation(db, sealer, id))?.tokens,
  (await findWorkspace(db, sealer, id))?.anthropicKey,
];

test('everything is sealed with the newest key: then the older ones may go', async () => {
  const db = await startControl();
  await fill(db, 'T1');
  await fill(db, 'T2');
  await fill(db, 'T3', both);
  await fill(db, 'T4');
  await endInstallation(db, 'T4', { why: 'app_uninstalled', at: START });
  await saveInstallation(db, before, installationOf('E1'), []);
  await expect(read(db, 'T1')).rejects.toThrow(SealError);
  expect(await resealAll(db, both)).toBe(8);
  for (const id of ['T1', 'T2', 'T3']) {
    expect(await read(db, id)).toEqual([tokens, `sk-ant-${id}`]);
  }
  expect(await read(db, 'T4')).toEqual([undefined, 'sk-ant-T4']);
  expect(await resealAll(db, both)).toBe(0);
  expect(await resealAll(db, after)).toBe(0);
});

test('no workspace is started again for that: other processes might not open what it has sealed', async () => {
  const db = await startControl();
  await fill(db, 'T1');
  const working = await listActiveWorkspaces(db);
  expect(await resealAll(db, both)).toBe(3);
  expect(await listActiveWorkspaces(db)).toEqual(working);
});

test('what does not open is said to, and left; the rest is sealed all the same', async () => {
  const db = await startControl();
  await fill(db, 'T1', createSealer([LOST]));
  await fill(db, 'T2');
  await expect(resealAll(db, both)).rejects.toThrow(
    /^installation T1 bot_token was sealed with the key \w+, which is not among the keys/,
  );
  expect(await read(db, 'T2')).toEqual([tokens, 'sk-ant-T2']);
  expect(await read(db, 'T1', createSealer([LOST]))).toEqual([tokens, 'sk-ant-T1']);
});

test('several processes may do it at once, while tokens are rotated', async () => {
  const place = await createPlace();
  const all = [await startControl(place), await startControl(place), await startControl(place)];
  const [first, second, third] = all as [ControlDb, ControlDb, ControlDb];
  for (let n = 1; n <= 20; n++) await fill(first, `T${n}`);
  const next = { ...tokens, refresh: 'xoxe-2' };
  const rotate = async () => {
    const saved = [];
    for (let n = 20; n >= 1; n--) {
      saved.push(await updateTokens(third, both, `T${n}`, { used: 'xoxe-1', tokens: next }));
    }
    return saved;
  };
  const [one, other, saved] = await Promise.all([
    resealAll(first, both),
    resealAll(second, both),
    rotate(),
  ]);
  expect(saved).not.toContain(false);
  expect(one + other).toBeGreaterThanOrEqual(20);
  expect(one + other).toBeLessThanOrEqual(60);
  for (let n = 1; n <= 20; n++) expect(await read(first, `T${n}`)).toEqual([next, `sk-ant-T${n}`]);
});
