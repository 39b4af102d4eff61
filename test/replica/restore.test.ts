import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { removeFiles } from '../../src/store/db/backup.ts';
import { backUpFolder } from '../../src/store/workspaces/backup.ts';
import { fileOf } from '../../src/store/workspaces/files.ts';
import { restoreFolder, restoreWorkspace } from '../../src/store/workspaces/restore.ts';
import { onPostgres } from '../postgres/fresh-workspace.ts';
import { keysOf } from '../process/bot.ts';
import { type CloudStage, counted, openCloudStage, until } from './stage.ts';
import { addChannel, expectNothingTwice, isList, sumUp } from './summaries.ts';

/** The bot of many workspaces on a copy of its folder: nothing is posted twice. */

const TAKEN_OVER = 'posts that the database did not know were taken over';

const folderOf = ({ database }: CloudStage) => (database.kind === 'sqlite' ? database.file : '');

describe.skipIf(onPostgres)('a copy of the folder that is brought back', () => {
  test('every workspace finds what it has posted since, and goes on behind it', async () => {
    const stage = await openCloudStage();
    const [acme, zeta] = [stage.addTenant({ name: 'Acme' }), stage.addTenant({ name: 'Zeta' })];
    const ideas = addChannel(acme, 'ideas');
    const first = await stage.start();
    for (const tenant of [acme, zeta]) await stage.install(tenant);
    await counted([first], [acme, zeta]);
    await until(() => first.lines.filter(({ msg }) => /count from here/.test(msg)).length).toBe(3);
    await sumUp(stage, acme, 'It crashes when I save');
    const copy = path.join(folderOf(stage), 'copy');
    expect(await backUpFolder(folderOf(stage), copy)).toMatchObject({ workspaces: 2 });
    await sumUp(stage, ideas, 'It crashes when I print');
    await sumUp(stage, zeta, 'It crashes when I scroll');
    const before = [acme, ideas, zeta].flatMap((channel) => keysOf(channel.posts()));
    await first.stop();

    restoreFolder(copy, folderOf(stage), Date.now());
    const second = await stage.start();
    // A run of this channel has to leave the number free that the other channel's run had.
    await sumUp(stage, acme, 'It crashes when I zoom');
    const taken = () => second.lines.filter(({ msg }) => msg === TAKEN_OVER);
    await until(() => taken().length).toBe(2);
    expect(taken()).toMatchObject([{ messages: 1 }, { messages: 1 }]);
    for (const channel of [ideas, zeta]) await sumUp(stage, channel, 'It crashes when I quit');
    expectNothingTwice([acme, ideas, zeta]);
    const after = [acme, ideas, zeta].flatMap((channel) => keysOf(channel.posts()));
    expect(after).toEqual(expect.arrayContaining(before));
    for (const [channel, lists] of [
      [acme, 2],
      [ideas, 2],
      [zeta, 2],
    ] as const) {
      expect(channel.posts().filter(isList)).toHaveLength(lists);
    }
  });

  test('one workspace is brought back; the others keep what they know', async () => {
    const stage = await openCloudStage();
    const [acme, zeta] = [stage.addTenant({ name: 'Acme' }), stage.addTenant({ name: 'Zeta' })];
    const first = await stage.start();
    for (const tenant of [acme, zeta]) await stage.install(tenant);
    await counted([first], [acme, zeta]);
    const copy = path.join(folderOf(stage), 'copy');
    await backUpFolder(folderOf(stage), copy);
    for (const tenant of [acme, zeta]) await sumUp(stage, tenant, 'It crashes when I save');
    expect(() =>
      restoreWorkspace(copy, folderOf(stage), { team: acme.slack.teamId, now: Date.now() }),
    ).toThrow(/stop it first/);
    await first.stop();
    restoreWorkspace(copy, folderOf(stage), { team: acme.slack.teamId, now: Date.now() });
    const second = await stage.start();
    for (const tenant of [acme, zeta]) await sumUp(stage, tenant, 'It crashes when I print');
    const taken = second.lines.filter(({ msg }) => msg === TAKEN_OVER);
    expect(taken.map(({ team }) => team)).toEqual([acme.slack.teamId]);
    expectNothingTwice([acme, zeta]);
  });

  test('with tokens that have been renewed since: the workspace installs the app again, and goes on', async () => {
    const stage = await openCloudStage({ tokenRotation: true });
    const tenant = stage.addTenant({ name: 'Acme' });
    const first = await stage.start();
    await stage.install(tenant);
    await counted([first], [tenant]);
    await sumUp(stage, tenant, 'It crashes when I save');
    const copy = path.join(folderOf(stage), 'copy');
    await backUpFolder(folderOf(stage), copy);
    await sumUp(stage, tenant, 'It crashes when I print');
    await first.stop();

    restoreFolder(copy, folderOf(stage), Date.now());
    const { teamId } = tenant.slack;
    stage.cloud.install(teamId, { user: tenant.user });
    stage.cloud.expireTokens(teamId);
    const second = await stage.start();
    await until(() => second.lines.map(({ msg }) => msg)).toContain(
      'Slack refuses the app itself; its settings need a look',
    );
    expect(await stage.install(tenant)).toMatchObject({ status: 200 });
    await until(() => second.lines.map(({ msg }) => msg)).toContain('a workspace has changed');
    await until(() => second.lines.map(({ msg }) => msg)).toContain(TAKEN_OVER);
    await sumUp(stage, tenant, 'It crashes when I scroll');
    expectNothingTwice([tenant]);
    expect(tenant.posts().filter(isList)).toHaveLength(3);
  });

  test('a workspace whose file is lost goes on with what it has posted, when its operator wants it so', async () => {
    const stage = await openCloudStage();
    const tenant = stage.addTenant({ name: 'Acme' });
    const ideas = addChannel(tenant, 'ideas');
    const first = await stage.start();
    await stage.install(tenant);
    await until(() => first.lines.filter(({ msg }) => /count from here/.test(msg)).length).toBe(2);
    for (const channel of [tenant, ideas]) await sumUp(stage, channel, 'It crashes when I save');
    await first.stop();
    removeFiles(fileOf(folderOf(stage), tenant.slack.teamId));
    await stage.start({ ADOPT_POSTS: 'on' });
    for (const channel of [tenant, ideas]) await sumUp(stage, channel, 'It crashes when I print');
    expectNothingTwice([tenant, ideas]);
  });
});
