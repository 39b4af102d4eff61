import { describe, expect, test } from 'vitest';
import { budgetInForce } from '../../../src/core/workspaces/own-budget.ts';
import {
  endInstallation,
  findInstallation,
  grantWorkspaces,
  saveInstallation,
  setBotId,
  updateTokens,
} from '../../../src/store/workspaces/installations.ts';
import { createSealer, SealError } from '../../../src/store/workspaces/seal.ts';
import type { ControlDb } from '../../../src/store/workspaces/tables.ts';
import {
  addWorkspaces,
  endWorkspace,
  findWorkspace,
  isActive,
  listActiveWorkspaces,
  setAnthropicKey,
  setBudget,
  setUrl,
  setWritesPerHour,
} from '../../../src/store/workspaces/workspaces.ts';
import { onPostgres } from '../../postgres/fresh-workspace.ts';
import { keyOf } from './keys.ts';
import { added, createPlace, installationOf, START, sealer, startControl } from './stage.ts';

const save = (db: ControlDb, id: string, teams = [id], change = {}) =>
  saveInstallation(db, sealer, installationOf(id, change), teams.map(added));

const listTeams = async (db: ControlDb) => (await listActiveWorkspaces(db)).map(({ team }) => team);

const rotating = (n: number) => ({
  bot: `xoxe.xoxb-${n}`,
  refresh: `xoxe-${n}`,
  expiresAt: START + n,
});

describe('an installation', () => {
  test('is read as it was saved', async () => {
    const db = await startControl();
    const rare = { enterprise: 'E1', botId: null, scopes: [], tokens: rotating(1) };
    const all = [installationOf('T1'), installationOf('T2', rare), installationOf('E1')];
    for (const one of all) await saveInstallation(db, sealer, one, []);
    for (const one of all) expect(await findInstallation(db, sealer, one.id)).toEqual(one);
    expect(await findInstallation(db, sealer, 'T3')).toBeUndefined();
  });

  test('is kept without a readable token', async () => {
    const db = await startControl();
    await save(db, 'T1', ['T1'], { tokens: rotating(7) });
    await setAnthropicKey(db, sealer, 'T1', 'sk-ant-7');
    const rows = [
      ...(await db.selectFrom('installations').selectAll().execute()),
      ...(await db.selectFrom('workspaces').selectAll().execute()),
    ];
    expect(JSON.stringify(rows)).not.toMatch(/xox|sk-ant/);
  });

  test('that is made again replaces the one before, and keeps what Slack does not say', async () => {
    const db = await startControl();
    await save(db, 'T1', ['T1'], { tokens: rotating(1) });
    await setUrl(db, 'T1', 'https://acme.slack.com/');
    await setAnthropicKey(db, sealer, 'T1', 'sk-ant-1');
    const again = installationOf('T1', { botUser: 'U9', scopes: ['commands'], installedAt: 5 });
    await saveInstallation(db, sealer, again, [{ team: 'T1', name: 'Acme 2', url: null }]);
    expect(await findInstallation(db, sealer, 'T1')).toEqual(again);
    expect(await findWorkspace(db, sealer, 'T1')).toEqual({
      ...{ team: 'T1', installation: 'T1', name: 'Acme 2', url: 'https://acme.slack.com/' },
      ...{ anthropicKey: 'sk-ant-1', endedAt: null, budget: 'default' },
    });
  });

  test('is saved with all of its workspaces, or not at all', async () => {
    const db = await startControl();
    const teams = [added('T1'), { ...added('T2'), team: null as never }];
    await expect(saveInstallation(db, sealer, installationOf('E1'), teams)).rejects.toThrow(
      /null/i,
    );
    expect(await findInstallation(db, sealer, 'E1')).toBeUndefined();
    expect(await listTeams(db)).toEqual([]);
  });

  test('does not open by a token that was copied from another one', async () => {
    const db = await startControl();
    await save(db, 'T1');
    await save(db, 'T2');
    const row = await db
      .selectFrom('installations')
      .select('bot_token')
      .where('id', '=', 'T1')
      .executeTakeFirstOrThrow();
    await db.updateTable('installations').set(row).where('id', '=', 'T2').execute();
    await expect(findInstallation(db, sealer, 'T2')).rejects.toThrow(
      /^installation T2 bot_token does not open/,
    );
  });

  test('without its key is known, and does not open', async () => {
    const db = await startControl();
    await save(db, 'T1');
    const other = createSealer([keyOf('other')]);
    await expect(findInstallation(db, other, 'T1')).rejects.toThrow(SealError);
    expect(await listTeams(db)).toEqual(['T1']);
  });
});

describe('workspaces', () => {
  test('are listed while the app is in them', async () => {
    const db = await startControl();
    await save(db, 'T2');
    await save(db, 'T1');
    expect(await listTeams(db)).toEqual(['T1', 'T2']);
    expect([await isActive(db, 'T1'), await isActive(db, 'T3')]).toEqual([true, false]);
    expect(await findWorkspace(db, sealer, 'T3')).toBeUndefined();
  });

  test('are to be started again with another token, key or budget, and with nothing else', async () => {
    const db = await startControl();
    await save(db, 'T1');
    const versions = new Set<string | undefined>();
    const look = async () => versions.add((await listActiveWorkspaces(db))[0]?.version).size;
    expect(await look()).toBe(1);
    await setUrl(db, 'T1', 'https://acme.slack.com/');
    await setBotId(db, 'T1', 'B2');
    await setWritesPerHour(db, 'T1', 500);
    expect(await look()).toBe(1);
    await setAnthropicKey(db, sealer, 'T1', 'sk-ant-1');
    expect(await look()).toBe(2);
    await setAnthropicKey(db, sealer, 'T1', null);
    expect(await look()).toBe(3);
    const again = { ...installationOf('T1'), installedAt: START + 1 };
    await saveInstallation(db, sealer, again, [added('T1')]);
    expect(await look()).toBe(4);
    await save(db, 'E1', ['T1']);
    expect(await look()).toBe(5);
    await setBudget(db, 'T1', 25);
    expect(await look()).toBe(6);
    await setBudget(db, 'T1', 'default');
    expect(await look()).toBe(6);
  });

  test('of an org that Slack tells of late stay as they have become since', async () => {
    const db = await startControl();
    await save(db, 'E1', ['T1', 'T2']);
    const grant = (teams: string[], at: number) => grantWorkspaces(db, 'E1', teams, START + at);
    expect(await grant(['T3'], 10)).toBe(true);
    expect(await endWorkspace(db, 'T3', START + 20)).toBe(true);
    for (const at of [10, 20]) {
      expect(await grant(['T3'], at)).toBe(true);
      expect(await listTeams(db)).toEqual(['T1', 'T2']);
    }
    expect(await grant(['T3'], 30)).toBe(true);
    // Told once more: what has happened in between still counts.
    expect(await grant(['T3'], 10)).toBe(true);
    expect(await endWorkspace(db, 'T3', START + 29)).toBe(false);
    expect(await listTeams(db)).toEqual(['T1', 'T2', 'T3']);
    expect(await endWorkspace(db, 'T3', START + 30)).toBe(true);
  });

  test('of an installation that has ended are not added', async () => {
    const place = await createPlace();
    const db = await startControl(place);
    // A file has one process, and so one transaction at a time.
    const other = onPostgres ? await startControl(place) : db;
    expect(await grantWorkspaces(db, 'E1', ['T1'], START)).toBe(false);
    for (let round = 0; round < 20; round++) {
      await save(db, 'E1', [], { installedAt: START + round });
      const at = START + round;
      const end = () => endInstallation(other, 'E1', { why: 'app_uninstalled', at });
      await Promise.all([grantWorkspaces(db, 'E1', [`T${round}`], at), end()]);
      expect(await listTeams(db)).toEqual([]);
    }
    expect(await grantWorkspaces(db, 'E1', ['T99'], START + 99)).toBe(false);
    expect(await findWorkspace(db, sealer, 'T99')).toBeUndefined();
  });

  test('of an org are added and taken out one by one', async () => {
    const db = await startControl();
    await save(db, 'E1', ['T1', 'T2']);
    await addWorkspaces(db, 'E1', [added('T3')], { at: START + 1 });
    expect(await listTeams(db)).toEqual(['T1', 'T2', 'T3']);
    expect(await endWorkspace(db, 'T2', START + 2)).toBe(true);
    expect(await endWorkspace(db, 'T2', START + 3)).toBe(false);
    expect(await listTeams(db)).toEqual(['T1', 'T3']);
    expect(await findWorkspace(db, sealer, 'T2')).toMatchObject({ endedAt: START + 2 });
    expect(await findInstallation(db, sealer, 'E1')).toBeDefined();
    await addWorkspaces(db, 'E1', [added('T2')], { at: START + 4 });
    expect(await listTeams(db)).toEqual(['T1', 'T2', 'T3']);
  });

  test('that were installed by themselves may come to belong to their org', async () => {
    const db = await startControl();
    await save(db, 'T1');
    await save(db, 'E1', ['T1']);
    expect(await endInstallation(db, 'T1', { why: 'app_uninstalled', at: START })).toBe(true);
    expect(await findWorkspace(db, sealer, 'T1')).toMatchObject({
      installation: 'E1',
      endedAt: null,
    });
  });

  test('have an Anthropic key or none', async () => {
    const db = await startControl();
    await save(db, 'T1');
    const read = async () => (await findWorkspace(db, sealer, 'T1'))?.anthropicKey;
    expect(await read()).toBeNull();
    await setAnthropicKey(db, sealer, 'T1', 'sk-ant-1');
    expect(await read()).toBe('sk-ant-1');
    await setAnthropicKey(db, sealer, 'T1', null);
    expect(await read()).toBeNull();
  });
});

test.each([
  ['default', 5],
  ['none', null],
  [0.25, 0.25],
] as const)('a budget of %s is kept when the workspace comes back', async (own, inForce) => {
  const db = await startControl();
  await save(db, 'T1');
  expect(await setBudget(db, 'T1', own)).toBe(true);
  await endInstallation(db, 'T1', { why: 'app_uninstalled', at: START });
  await save(db, 'T1');
  const { budget = 'none' } = (await findWorkspace(db, sealer, 'T1')) ?? {};
  expect(budget).toBe(own);
  expect(budgetInForce(budget, 5)).toBe(inForce);
  expect(budgetInForce(budget, null)).toBe(own === 'default' ? null : inForce);
  expect(await setBudget(db, 'T9', own)).toBe(false);
});

describe('the end of an installation', () => {
  test('removes its tokens, and ends its workspaces and no others', async () => {
    const db = await startControl();
    await save(db, 'E1', ['T1', 'T2'], { tokens: rotating(1) });
    await save(db, 'T3');
    await endWorkspace(db, 'T2', START);
    expect(await endInstallation(db, 'E1', { why: 'app_uninstalled', at: START + 9 })).toBe(true);
    expect(await findInstallation(db, sealer, 'E1')).toBeUndefined();
    expect(await listTeams(db)).toEqual(['T3']);
    expect(await findWorkspace(db, sealer, 'T1')).toMatchObject({ endedAt: START + 9 });
    expect(await findWorkspace(db, sealer, 'T2')).toMatchObject({ endedAt: START });
    const row = await db
      .selectFrom('installations')
      .select(['bot_token', 'refresh_token', 'expires_at', 'ended_at', 'ended_why'])
      .where('id', '=', 'E1')
      .executeTakeFirst();
    expect(row).toEqual({
      ...{ bot_token: null, refresh_token: null, expires_at: null },
      ...{ ended_at: START + 9, ended_why: 'app_uninstalled' },
    });
  });

  test('is over when the app is installed again: with the same key of Anthropic', async () => {
    const db = await startControl();
    await save(db, 'T1');
    await setAnthropicKey(db, sealer, 'T1', 'sk-ant-1');
    await endInstallation(db, 'T1', { why: 'app_uninstalled', at: START + 1 });
    await save(db, 'T1', ['T1'], { installedAt: START + 2 });
    expect(await listTeams(db)).toEqual(['T1']);
    expect(await findInstallation(db, sealer, 'T1')).toBeDefined();
    expect(await findWorkspace(db, sealer, 'T1')).toMatchObject({
      anthropicKey: 'sk-ant-1',
      endedAt: null,
    });
    const row = await db.selectFrom('installations').select(['ended_at', 'ended_why']).execute();
    expect(row).toEqual([{ ended_at: null, ended_why: null }]);
  });

  test('told twice, late, or of one that is not known changes nothing', async () => {
    const db = await startControl();
    await save(db, 'E1', ['T1'], { installedAt: START + 5 });
    const why = 'app_uninstalled';
    expect(await endInstallation(db, 'E1', { why, at: START + 4 })).toBe(false);
    expect(await endWorkspace(db, 'T1', START + 4)).toBe(false);
    expect(await listTeams(db)).toEqual(['T1']);
    expect(await endInstallation(db, 'E1', { why, at: START + 6 })).toBe(true);
    expect(await endInstallation(db, 'E1', { why: 'tokens_revoked', at: START + 7 })).toBe(false);
    expect(await findWorkspace(db, sealer, 'T1')).toMatchObject({ endedAt: START + 6 });
    expect(await endInstallation(db, 'T9', { why, at: START + 9 })).toBe(false);
    expect(await endWorkspace(db, 'T9', START + 9)).toBe(false);
  });
});

describe('rotated tokens', () => {
  const update = (db: ControlDb, used: number, next: number) =>
    updateTokens(db, sealer, 'T1', { used: `xoxe-${used}`, tokens: rotating(next) });
  const read = async (db: ControlDb) => (await findInstallation(db, sealer, 'T1'))?.tokens;

  test('are saved once for each refresh token', async () => {
    const db = await startControl();
    await save(db, 'T1', ['T1'], { tokens: rotating(1) });
    expect(await update(db, 1, 2)).toBe(true);
    expect(await update(db, 1, 3)).toBe(false);
    expect(await read(db)).toEqual(rotating(2));
    expect(await update(db, 2, 4)).toBe(true);
    expect(await read(db)).toEqual(rotating(4));
  });

  test('of several processes at once are those of one of them', async () => {
    const place = await createPlace();
    const all = [await startControl(place), await startControl(place), await startControl(place)];
    const [first] = all as [ControlDb];
    await save(first, 'T1', ['T1'], { tokens: rotating(1) });
    let used = 1;
    for (let round = 1; round <= 20; round++) {
      const won = await Promise.all(all.map((db, n) => update(db, used, 10 * round + n)));
      expect(won.filter(Boolean)).toHaveLength(1);
      used = 10 * round + won.indexOf(true);
      expect(await read(first)).toEqual(rotating(used));
    }
  });

  test('do not bring back an installation that has ended, nor replace a newer one', async () => {
    const db = await startControl();
    await save(db, 'T1', ['T1'], { tokens: rotating(1) });
    await save(db, 'T1', ['T1'], { tokens: rotating(5) });
    expect(await update(db, 1, 2)).toBe(false);
    await endInstallation(db, 'T1', { why: 'app_uninstalled', at: START + 1 });
    expect(await update(db, 5, 6)).toBe(false);
    expect(await read(db)).toBeUndefined();
    await save(db, 'T1');
    expect(await update(db, 5, 6)).toBe(false);
    expect(await updateTokens(db, sealer, 'T9', { used: '', tokens: rotating(1) })).toBe(false);
  });
});
