import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../../src/slack/blocks/actions.ts';
import { lockDatabase } from '../../src/store/db/lock.ts';
import { openDatabase, openWorkspaceFile } from '../../src/store/db/open.ts';
import { controlIn, fileOf } from '../../src/store/workspaces/files.ts';
import { openControl } from '../../src/store/workspaces/open.ts';
import { createDatabase, onPostgres } from '../postgres/fresh-workspace.ts';
import { keysOf } from '../process/bot.ts';
import { createDirectory } from '../store/workspaces/folder.ts';
import { type CloudStage, counted, openCloudStage, until } from './stage.ts';
import { expectNothingTwice, isList, sumUp } from './summaries.ts';

/** `npm run move` with a bot of many workspaces. */

const ROOT = path.join(import.meta.dirname, '../..');

/** Runs the command; the stand-ins answer it meanwhile. */
async function move(args: string[], settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, [path.join(ROOT, 'src/move.ts'), ...args], {
    env: { PATH: process.env.PATH, ...settings },
  });
  const [out, said, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, out, said };
}

const isCard = ({ metadata }: { metadata?: { event_type?: unknown } | undefined }) =>
  metadata?.event_type === 'winnow_card';

const urlOf = ({ database }: CloudStage, team: string) =>
  database.kind === 'sqlite' ? `sqlite:${fileOf(database.file, team)}` : database.url;

test('a workspace that had a bot of its own goes on with its rows in one of many, also while others work there', async () => {
  const stage = await openCloudStage();
  const [acme, zeta] = [stage.addTenant({ name: 'Acme' }), stage.addTenant({ name: 'Zeta' })];
  const { slack, user, channel } = acme;
  const file = path.join(createDirectory(), 'winnow.db');
  const alone = await stage.startAlone(acme, file);
  await until(() => alone.lines.map(({ msg }) => msg)).toContain('messages count from here on');
  await sumUp(stage, acme, 'It crashes when I save');
  await until(() => acme.posts().filter(isCard).length).toBe(1);
  await alone.stop();
  const before = keysOf(acme.posts());

  const hosted = await stage.start();
  await stage.install(zeta);
  await counted([hosted], [zeta]);
  if (onPostgres) {
    const wrong = await move([`sqlite:${file}`, urlOf(stage, slack.teamId), '--team', 'T0WRONG']);
    expect(wrong).toMatchObject({
      code: 1,
      said: expect.stringContaining(`it belongs to the workspace ${slack.teamId}, not to T0WRONG`),
    });
  }
  const args = [`sqlite:${file}`, urlOf(stage, slack.teamId)];
  const moved = await move([...args, ...(onPostgres ? ['--team', slack.teamId] : [])]);
  expect(moved).toMatchObject({ code: 0, said: '' });
  expect(moved.out).toMatch(
    /messages: 1\n[\s\S]*now has the workspace .*: \d+ rows, which are the same/,
  );
  expect(await stage.install(acme)).toMatchObject({ status: 200 });
  await until(() => hosted.runs()).toContain(slack.teamId);

  // The cards of the bot before work, and what it has posted is known.
  const [card] = acme.posts().filter(isCard);
  await slack.click({ user, channel, ts: card?.ts ?? '', actionId: ACTIONS.claim });
  await until(() => JSON.stringify(slack.message(channel, card?.ts ?? ''))).toContain(
    'state-claimed',
  );
  await until(async () => {
    const { response } = (await acme.type('status')) as { response?: { text?: string } };
    return response?.text;
  }).toMatch(/1 message/);
  for (const tenant of [acme, zeta]) await sumUp(stage, tenant, 'It crashes when I print');
  expectNothingTwice([acme, zeta]);
  const after = keysOf(acme.posts());
  expect(after).toEqual(expect.arrayContaining(before));
  // The second summary is of a second run.
  expect(after).toContain('digest-r2');
  expect(acme.posts().filter(isList)).toHaveLength(2);
  expect(hosted.lines.filter(({ level }) => level >= 40)).toEqual([]);

  const again = await move([...args, ...(onPostgres ? ['--team', slack.teamId] : [])]);
  expect(again).toMatchObject({ code: 1, said: expect.stringContaining('another Winnow') });
});

test('what cannot be moved is said in plain words', async () => {
  const directory = createDirectory();
  const [file, folder] = [path.join(directory, 'winnow.db'), path.join(directory, 'workspaces')];
  const server = 'postgres://localhost/winnow';
  await (await openControl({ kind: 'sqlite', file: controlIn(folder) })).destroy();
  const owned = path.join(directory, 'owned.db');
  await (await openWorkspaceFile(owned, 'T2')).destroy();
  const [one, many] = [`sqlite:${file}`, `sqlite:${folder}`];
  const [first, second] = [`sqlite:${fileOf(folder, 'T1')}`, `sqlite:${fileOf(folder, 'T2')}`];
  for (const [args, code, words] of [
    [[server, 'postgres://localhost/other'], 2, 'pg_dump moves'],
    [[one, many], 2, 'A folder is moved into PostgreSQL, or out of it.'],
    [[many, `${many}-2`], 2, 'A folder is moved into PostgreSQL, or out of it.'],
    [[many, server, '--team', 'T1'], 2, 'A folder is moved whole, without --team'],
    [[many, many], 2, 'FROM and TO are the same.'],
    [[one, server], 2, 'Name the workspace by --team'],
    [[one, first], 1, `there is no ${file}`],
    [[second, first], 2, 'These are two workspaces, T2 and T1'],
    [[server, first, '--team', 'T2'], 2, 'These are two workspaces, T2 and T1'],
    [[`sqlite:${owned}`, first], 1, `${owned} cannot be used: it belongs to the workspace T2`],
    [[`${many}-2`, server], 1, 'there is no'],
  ] as const) {
    const answer = await move([...args]);
    expect(answer).toMatchObject({ code, said: expect.stringContaining(words) });
    expect(answer.said).not.toContain('    at ');
  }
  expect(existsSync(fileOf(folder, 'T1'))).toBe(false);
});

describe.runIf(onPostgres)('a bot of many workspaces', () => {
  async function readControl(url: string) {
    const place = url.startsWith('sqlite:')
      ? { kind: 'sqlite' as const, file: controlIn(url.slice('sqlite:'.length)) }
      : { kind: 'postgres' as const, url };
    const control = await openControl(place);
    const rows = {
      installations: await control.selectFrom('installations').selectAll().orderBy('id').execute(),
      workspaces: await control.selectFrom('workspaces').selectAll().orderBy('team').execute(),
    };
    await control.destroy();
    return rows;
  }

  test('is moved whole from PostgreSQL into a folder, and into PostgreSQL again', async () => {
    const stage = await openCloudStage();
    const tenants = [stage.addTenant({ name: 'Acme' }), stage.addTenant({ name: 'Zeta' })];
    const [acme, zeta] = tenants;
    if (!acme || !zeta || stage.database.kind !== 'postgres') throw new Error('there are two');
    const first = stage.database.url;
    const folder = path.join(createDirectory(), 'workspaces');
    const second = await createDatabase('template1');
    let running = await stage.start();
    for (const tenant of tenants) await stage.install(tenant);
    await counted([running], tenants);
    for (const tenant of tenants) await sumUp(stage, tenant, 'It crashes when I save');
    expect(await move([first, `sqlite:${folder}`])).toMatchObject({
      code: 1,
      said: expect.stringContaining('stop it first'),
    });
    await running.stop();
    const known = await readControl(first);
    expect(known.workspaces).toHaveLength(2);

    // Broken off at one of the workspaces, and run again.
    const unlock = lockDatabase(fileOf(folder, zeta.slack.teamId));
    expect(await move([first, `sqlite:${folder}`])).toMatchObject({ code: 1 });
    unlock();
    expect((await readControl(`sqlite:${folder}`)).workspaces).toEqual([]);
    const there = await move([first, `sqlite:${folder}`]);
    expect(there).toMatchObject({ code: 0, said: '' });
    expect(there.out).toMatch(/now has 2 workspaces of .*, with their installations: \d+ rows/);
    expect(await readControl(`sqlite:${folder}`)).toEqual(known);
    running = await stage.start({ DATABASE_URL: `sqlite:${folder}` });
    for (const tenant of tenants) await sumUp(stage, tenant, 'It crashes when I print');
    await running.stop();

    expect(await move([`sqlite:${folder}`, first])).toMatchObject({
      code: 1,
      said: expect.stringContaining('has rows already'),
    });
    expect(await move([`sqlite:${folder}`, second])).toMatchObject({ code: 0, said: '' });
    expect(await readControl(second)).toEqual(known);
    running = await stage.start({ DATABASE_URL: second });
    for (const tenant of tenants) await sumUp(stage, tenant, 'It crashes when I scroll');
    expectNothingTwice(tenants);
    for (const tenant of tenants) expect(tenant.posts().filter(isList)).toHaveLength(3);
  });

  test('a wrong --team leaves a file that can be moved into', async () => {
    const stage = await openCloudStage();
    const tenant = stage.addTenant({ name: 'Acme' });
    if (stage.database.kind !== 'postgres') throw new Error('it is PostgreSQL');
    const running = await stage.start();
    await stage.install(tenant);
    await counted([running], [tenant]);
    await running.stop();
    const { teamId } = tenant.slack;
    const file = path.join(createDirectory(), 'winnow.db');
    const into = [stage.database.url, `sqlite:${file}`, '--team'];
    expect(await move([...into, 'T0WRONG'])).toMatchObject({
      code: 1,
      said: expect.stringContaining('there is nothing of this workspace to move'),
    });
    expect(await move([...into, teamId])).toMatchObject({ code: 0, said: '' });
    await expect(openWorkspaceFile(file, 'T0WRONG')).rejects.toThrow(
      `belongs to the workspace ${teamId}`,
    );
  });

  test('what a move finds on the other side is compared: when it differs, nothing more is moved', async () => {
    const stage = await openCloudStage();
    const tenant = stage.addTenant({ name: 'Acme' });
    if (stage.database.kind !== 'postgres') throw new Error('it is PostgreSQL');
    const folder = path.join(createDirectory(), 'workspaces');
    const running = await stage.start();
    await stage.install(tenant);
    await counted([running], [tenant]);
    await running.stop();
    const { teamId } = tenant.slack;
    const file = `sqlite:${fileOf(folder, teamId)}`;
    expect(await move([stage.database.url, file, '--team', teamId])).toMatchObject({ code: 0 });
    const db = await openDatabase(fileOf(folder, teamId));
    await db.insertInto('taxonomies').values({ content: 'another', created_at: 1 }).execute();
    await db.destroy();
    expect(await move([stage.database.url, `sqlite:${folder}`])).toMatchObject({
      code: 1,
      said: expect.stringMatching(/T\w+: its table \w+ has rows of this workspace already/),
    });
    expect((await readControl(`sqlite:${folder}`)).installations).toEqual([]);
  });
});
