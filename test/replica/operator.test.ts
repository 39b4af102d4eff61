import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { onPostgres } from '../postgres/fresh-workspace.ts';
import { type CloudStage, counted, openCloudStage, openControlOf, until } from './stage.ts';

/** `npm run workspaces`, beside a bot that runs. */

async function openInstalled(names = ['Acme']) {
  const stage = await openCloudStage();
  const replica = await stage.start({ MONTHLY_BUDGET_USD: '5' });
  const tenants = names.map((name) => stage.addTenant({ name }));
  for (const tenant of tenants) await stage.install(tenant);
  await counted([replica], tenants);
  return { stage, replica, tenants };
}

async function list({ operate }: CloudStage, environment?: Record<string, string>) {
  const { code, text, error } = await operate(['list', '--json'], environment);
  expect([code, error]).toEqual([0, '']);
  return JSON.parse(text);
}

test('list says who is there, what they may spend and have spent, and what is pending', async () => {
  const { stage, tenants } = await openInstalled(['Acme', 'Zeta']);
  const [acme, zeta] = tenants;
  if (!acme || !zeta) throw new Error('there are two');
  acme.post('The export is broken');
  await stage.cloud.idle();
  await acme.type();
  await until(() => acme.reacted().length).toBe(1);
  acme.post('The colours are lovely');
  zeta.post('Where is the search?');
  await stage.cloud.idle();
  stage.cloud.uninstall(zeta.slack.teamId);
  await until(async () =>
    (await list(stage)).map((one: { endedAt: unknown }) => one.endedAt !== null),
  ).toEqual([false, true]);

  const [first, second] = await list(stage, { MONTHLY_BUDGET_USD: '5' });
  expect(first).toEqual({
    ...{ team: acme.slack.teamId, name: 'Acme', url: expect.stringMatching(/^https?:/) },
    ...{ installedBy: acme.user, installedAt: expect.stringMatching(/^20.*Z$/), endedAt: null },
    keptUntil: null,
    ...{ hasOwnKey: false, budget: 'default', budgetUsd: 5 },
    ...{ spentUsd: expect.any(Number), messages: 2, pending: 1 },
  });
  expect(first.spentUsd).toBeGreaterThan(0);
  expect(second).toMatchObject({ messages: 1, pending: 1, spentUsd: 0 });

  const { text } = await stage.operate(['list']);
  const [head, ...lines] = text.split('\n');
  expect(head).toMatch(
    /^WORKSPACE +ADDRESS +INSTALLED +BY +STATE +KEY +BUDGET +THIS MONTH +MESSAGES +PENDING$/,
  );
  expect(lines[0]).toMatch(
    new RegExp(`^${acme.slack.teamId} .* active +default none +\\$0\\.0\\d+ +2 +1$`),
  );
  expect(lines[1]).toMatch(
    new RegExp(`^${zeta.slack.teamId} .* ended 20\\S+, kept until 20.*\\$0\\.00 +1 +1$`),
  );
  expect(lines[3]).toBe('2 workspaces, 1 of them ended.');
});

test('budget limits one workspace, and a bot that runs goes by it', async () => {
  const { stage, replica, tenants } = await openInstalled(['Acme', 'Zeta']);
  const [acme, zeta] = tenants;
  if (!acme || !zeta) throw new Error('there are two');
  const team = acme.slack.teamId;
  const changes = () => replica.lines.filter(({ msg }) => msg === 'a workspace has changed');
  const status = async () => {
    const { response } = (await acme.type('status')) as { response?: { text?: string } };
    return response?.text ?? '';
  };
  const set = async (budget: string) => {
    const { code, text } = await stage.operate(['budget', team, budget], {
      MONTHLY_BUDGET_USD: '5',
    });
    expect(code).toBe(0);
    return text;
  };
  expect(await set('0.00001')).toMatch(
    /may spend less than \$0\.0001 a month\. It has spent \$0\.00/,
  );
  await until(() => changes().map((line) => line.team)).toEqual([team]);
  await until(status).toContain('less than $0.0001');
  for (const tenant of [acme, zeta]) tenant.post('The export is broken');
  await stage.cloud.idle();
  for (const tenant of [acme, zeta]) await tenant.type();
  await until(() => zeta.reacted().length).toBe(1);
  expect(acme.reacted()).toEqual([]);

  expect(await set('none')).toContain('may spend as much as it wants.');
  await until(async () => {
    await acme.type();
    return acme.reacted().length;
  }).toBe(1);
  expect((await list(stage)).map((one: { budget: unknown }) => one.budget)).toEqual([
    'none',
    'default',
  ]);
  expect(await set('default')).toContain('may spend $5.00 a month, as MONTHLY_BUDGET_USD says.');
  await until(() => changes().length).toBe(3);
});

test.skipIf(onPostgres)('files of workspaces that are not known are named', async () => {
  const { stage, replica } = await openInstalled();
  const { database } = stage;
  if (database.kind !== 'sqlite') throw new Error('it is no folder');
  const named = () => stage.operate(['list']).then(({ text }) => /not known: .*/.exec(text)?.[0]);
  expect(await named()).toBeUndefined();
  writeFileSync(path.join(database.file, 'T0LOST.db'), '');
  expect(await named()).toMatch(/^not known: T0LOST\.db\. They go on/);
  await replica.stop();
  const control = await openControlOf(stage);
  await control.deleteFrom('workspaces').execute();
  expect(await named()).toMatch(/^not known: T\w+\.db, T\w+\.db\./);
});

test('what fails is said, and is not taken for a database that cannot be used', async () => {
  const { stage, replica, tenants } = await openInstalled();
  const { database } = stage;
  const team = tenants[0]?.slack.teamId ?? '';
  if (database.kind === 'sqlite') {
    stage.cloud.uninstall(team);
    await until(() => replica.lines.map(({ msg }) => msg)).toContain('a workspace has ended');
    await until(() => replica.runs()).toEqual([]);
    // Only files are expected there.
    mkdirSync(path.join(database.file, `${team}.db-export`));
    await until(async () => (await stage.operate(['delete', team, '--yes', team])).error).toMatch(
      /^T\w+ \(\S+\) could not be deleted, or not all of it: .*export.* try again\.\n$/s,
    );
  }
  const control = await openControlOf(stage);
  await control.updateTable('workspaces').set({ url: 'no address' }).execute();
  const { code, error } = await stage.operate(['list']);
  expect([code, error]).toEqual([
    1,
    expect.stringMatching(/^It has failed: TypeError: Invalid URL/),
  ]);
});

test('delete wants to be told twice, and takes only what has ended; who comes back begins anew', async () => {
  const { stage, replica, tenants } = await openInstalled(['Acme', 'Zeta']);
  const [acme, zeta] = tenants;
  if (!acme || !zeta) throw new Error('there are two');
  const team = acme.slack.teamId;
  for (const tenant of tenants) tenant.post('The export is broken');
  await stage.cloud.idle();
  expect(await stage.operate(['delete', team, '--yes', team])).toMatchObject({
    code: 1,
    error: expect.stringMatching(/has the app, so nothing was deleted\. Somebody who manages apps/),
  });
  stage.cloud.uninstall(team);
  await until(() => replica.lines.map(({ msg }) => msg)).toContain('a workspace has ended');
  for (const yes of [[], ['--yes', zeta.slack.teamId]]) {
    expect(await stage.operate(['delete', team, ...yes])).toMatchObject({
      code: 1,
      error: expect.stringMatching(
        new RegExp(`ended on 20.*has 1 message\\..* type: .* delete ${team} --yes ${team}\n$`),
      ),
    });
  }
  const { database } = stage;
  const aside = `${team}.db.before-20261130T092000Z`;
  if (database.kind === 'sqlite') writeFileSync(path.join(database.file, aside), '');
  const left = database.kind === 'sqlite' ? ` [^\n]* delete ${aside} yourself\\.` : '';
  await until(async () => (await stage.operate(['delete', team, '--yes', team])).text).toMatch(
    new RegExp(`is deleted, with all that Winnow has stored for it\\.${left}\n$`),
  );
  expect((await stage.operate(['delete', team])).error).toContain(`There is no workspace ${team}.`);
  expect(await list(stage)).toMatchObject([{ team: zeta.slack.teamId, messages: 1 }]);

  await stage.install(acme);
  acme.slack.inviteBot(acme.channel, acme.user);
  await until(async () =>
    (await list(stage)).map((one: { messages: number }) => one.messages),
  ).toEqual([0, 1]);
  await until(async () => {
    acme.post('The colours are lovely');
    await stage.cloud.idle();
    return (await list(stage))[0].messages;
  }).toBeGreaterThan(0);
  expect(replica.lines.filter(({ level }) => level >= 50)).toEqual([]);
});

test('a workspace that has ended is deleted when its time is over', async () => {
  const { stage, replica, tenants } = await openInstalled(['Acme', 'Zeta']);
  const [acme, zeta] = tenants;
  if (!acme || !zeta) throw new Error('there are two');
  stage.cloud.uninstall(acme.slack.teamId);
  await until(() => replica.lines.map(({ msg }) => msg)).toContain('a workspace has ended');
  await replica.stop();
  const [ended] = await list(stage, { KEEP_ENDED_DAYS: '10' });
  expect(Date.parse(ended.keptUntil) - Date.parse(ended.endedAt)).toBe(10 * 86_400_000);
  const control = await openControlOf(stage);
  await control
    .updateTable('workspaces')
    .set({ ended_at: Date.now() - 91 * 86_400_000 })
    .where('team', '=', acme.slack.teamId)
    .execute();

  const keeping = await stage.start({ KEEP_ENDED_DAYS: '0' });
  await until(() => keeping.runs()).toEqual([zeta.slack.teamId]);
  await keeping.stop();
  expect(await list(stage, { KEEP_ENDED_DAYS: '0' })).toMatchObject([{ keptUntil: null }, {}]);
  const deleting = await stage.start();
  await until(() => deleting.lines).toContainEqual(
    expect.objectContaining({
      msg: 'a workspace that ended long ago is deleted',
      ...{ team: acme.slack.teamId, level: 30 },
    }),
  );
  expect((await list(stage)).map((one: { team: string }) => one.team)).toEqual([zeta.slack.teamId]);
});

test('what it cannot do is said in plain words', async () => {
  const stage = await openCloudStage();
  const nothing = await stage.operate(['list']);
  expect(nothing).toMatchObject({
    code: 1,
    text: '',
    error: expect.stringMatching(
      /^DATABASE_URL: .* cannot be used: no Winnow for many workspaces has been started on it; start one, or correct DATABASE_URL\n$/,
    ),
  });
  await openControlOf(stage);
  expect((await stage.operate(['list'])).text).toBe('Nobody has installed the app yet.\n');
  for (const [args, code, words] of [
    [[], 2, 'Say what to do: list, budget or delete.'],
    [['list', 'T1'], 2, 'list shows all workspaces'],
    [['budget', 'T1'], 2, 'Name a workspace and what it may spend'],
    [['budget', 'T1', 'much'], 2, '"much" is no budget: write US dollars above 0'],
    [['budget', 'T1', '0'], 2, '"0" is no budget: write US dollars above 0'],
    [['budget', '--all'], 2, "Unknown option '--all'"],
    [['delete'], 2, 'Name one workspace to delete.'],
    [['delete', 'T1', 'T2'], 2, 'Name one workspace to delete.'],
    [['delete', 'T1', '--yes'], 2, "'--yes <value>' argument missing"],
    [['delete', 'T1', '--yes', 'T1'], 1, 'There is no workspace T1.'],
    [['budget', 'T1', '25'], 1, 'There is no workspace T1. Type npm run workspaces -- list'],
  ] as const) {
    const answer = await stage.operate([...args]);
    expect(answer).toMatchObject({ code, error: expect.stringContaining(words) });
    expect(answer.error).not.toContain('    at ');
  }
  for (const [environment, words] of [
    [
      { SLACK_CLIENT_ID: '', ENCRYPTION_KEYS: '' },
      'SLACK_CLIENT_ID is missing: without it, Winnow is the bot of one',
    ],
    [{ MONTHLY_BUDGET_USD: 'much' }, 'MONTHLY_BUDGET_USD has to be US dollars a month'],
    [{ DATABASE_URL: 'sqlite:data/winnow.db' }, 'DATABASE_URL has to name a folder'],
  ] as const) {
    const answer = await stage.operate(['list'], environment);
    expect(answer).toMatchObject({ code: 1, error: expect.stringContaining(words) });
  }
  expect((await stage.operate(['--help'])).text).toContain('npm run workspaces -- list');
});
