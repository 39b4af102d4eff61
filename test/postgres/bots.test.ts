import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { keysOf, openPlace, type Place } from '../process/bot.ts';
import { onPostgres } from './fresh-workspace.ts';
import { type Server, startServer } from './server.ts';

/** Bots as processes of their own, on a server that they share, and that dies as well. */

interface Scene extends Place {
  server: Server;
  url: string;
  /** What the superuser finds, who sees the rows of all. */
  query(text: string): Promise<Record<string, unknown>[]>;
  /** Ends the connections of a program. */
  cut(program: string): Promise<void>;
}

async function open(): Promise<Scene> {
  const server = await startServer();
  onTestFinished(() => server.stop());
  const place = await openPlace();
  const admin = async (text: string, database = 'winnow') => {
    const client = new pg.Client(server.url('postgres', database));
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  await admin('create database winnow owner bot', 'postgres');
  const url = server.url('bot', 'winnow');
  const start = place.start;
  return {
    ...place,
    ...{ server, url, query: admin },
    start: (settings = {}) => start({ DATABASE_URL: url, ...settings }),
    async cut(program) {
      await admin(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${program}'`,
      );
    },
  };
}

const countMessages = async ({ query }: Scene) =>
  Number((await query('select count(*) as messages from messages'))[0]?.messages);

/** Classifies what is pending, to its end. */
async function classify(scene: Scene, bot: ReturnType<Scene['start']>, runs: number) {
  await scene.type();
  await bot.logged('a run is done', runs);
}

describe.runIf(onPostgres)('a bot on PostgreSQL', () => {
  test('collects, classifies, sums up, and is followed by the next one', async () => {
    const scene = await open();
    const { slack } = scene;
    const first = scene.start();
    await first.logged('messages count from here on');
    const ts = scene.post('The export crashes');
    await slack.idle();
    await classify(scene, first, 1);
    await slack.waitFor(() => scene.reacted().some((message) => message.ts === ts));

    const refused = await scene.start({ TAKE_OVER_SECONDS: '0' }).ended;
    expect(refused.code).toBe(1);
    expect(refused.said).toMatch(/^DATABASE_URL: .*another Winnow is running for the workspace T/);
    const second = scene.start();
    await second.logged('another Winnow has the database; waiting for it to stop');
    first.process.kill('SIGKILL');
    await second.logged('ready');
    scene.post('Please add a dark mode');
    await slack.idle();
    expect(await countMessages(scene)).toBe(2);
    await classify(scene, second, 1);
    second.process.kill('SIGTERM');
    expect(await second.ended).toEqual({ code: 0, said: '' });
    expect(slack.lostEvents).toEqual([]);
  });

  test('goes on by itself when the server has been killed and started again', async () => {
    const scene = await open();
    const { slack, server } = scene;
    const bot = scene.start();
    await bot.logged('messages count from here on');
    scene.post('The export crashes');
    await slack.idle();
    await server.crash();
    scene.post('Please add a dark mode');
    slack.timeOut();
    await slack.idle();
    expect(await countMessages(scene)).toBe(2);
    await classify(scene, bot, 1);
    expect(slack.lostEvents).toEqual([]);
    bot.process.kill('SIGTERM');
    expect((await bot.ended).code).toBe(0);
  });

  test('says once that the server cannot be reached, and goes on once it can', async () => {
    const scene = await open();
    const { slack, server, user } = scene;
    const bot = scene.start();
    await bot.logged('messages count from here on');
    const restart = await server.halt();
    const texts = ['one', 'two', 'three'].map((word) => `It crashes for the ${word}`);
    for (const text of texts) scene.post(text);
    await bot.logged('the database cannot be reached: nothing is stored until it can');
    await scene.type('status');
    expect(slack.ephemerals(user).at(-1)?.text).toMatch(/^I cannot reach my database/);
    await restart();
    await bot.logged('the database can be reached again');
    slack.timeOut();
    await slack.idle();
    await expect.poll(() => countMessages(scene), { timeout: 60_000 }).toBe(3);
    const errors = bot.lines.filter(({ level }) => level >= 50).map(({ msg }) => msg);
    expect(errors).toEqual(['the database cannot be reached: nothing is stored until it can']);
  });

  test('waits at its start for a server that is not there yet', async () => {
    const scene = await open();
    const restart = await scene.server.halt();
    const bot = scene.start();
    await bot.logged('the database cannot be reached yet; trying again');
    await restart();
    await bot.logged('ready');
    scene.post('The export crashes');
    await scene.slack.idle();
    expect(await countMessages(scene)).toBe(1);
  });

  test('survives cuts of its connections, and keeps the workspace', async () => {
    const scene = await open();
    const { slack } = scene;
    const bot = scene.start();
    await bot.logged('messages count from here on');
    for (const round of [1, 2, 3]) {
      await scene.cut('winnow');
      await scene.cut('winnow owner');
      scene.post(`The export crashes, round ${round}`);
      await slack.idle();
      await bot.logged('the lock of the workspace is held again', round);
    }
    expect(await countMessages(scene)).toBe(3);
    const { code } = await scene.start({ TAKE_OVER_SECONDS: '0' }).ended;
    expect(code).toBe(1);
    await classify(scene, bot, 1);
    expect(slack.lostEvents).toEqual([]);
  });

  test('writes nothing more, and ends, when another one has taken over', async () => {
    const scene = await open();
    const bot = scene.start();
    await bot.logged('ready');
    // As another one does that the first has not heard of.
    await scene.query('update owners set epoch = epoch + 1');
    scene.post('The export crashes');
    const { code } = await bot.ended;
    expect(code).toBe(1);
    expect(bot.lines.map(({ msg }) => msg)).toContain(
      'another Winnow has taken over the workspace; ending',
    );
    expect(await countMessages(scene)).toBe(0);
  });

  test('is told of a server that cannot be used', async () => {
    const scene = await open();
    const superuser = await scene.start({ DATABASE_URL: scene.server.url('postgres', 'winnow') })
      .ended;
    expect(superuser.code).toBe(1);
    expect(superuser.said).toMatch(
      /^DATABASE_URL: postgres:\/\/\S* cannot be used: the role postgres is not kept from the rows/,
    );
    const none = await scene.start({ DATABASE_URL: scene.server.url('bot', 'nowhere') }).ended;
    expect(none.said).toMatch(/database "nowhere" does not exist\. Make the database: create/);
    const notOwned = await scene.start({ DATABASE_URL: scene.server.url('owner', 'winnow') }).ended;
    expect(notOwned.said).toMatch(/permission denied for schema public\. Let the role own/);
  });

  test('goes on where it was on SQLite, and back', async () => {
    const scene = await open();
    const { slack, url, database } = scene;
    const file = `sqlite:${database}`;
    const use = async (settings: Record<string, string>, text: string, messages: number) => {
      const bot = scene.start(settings);
      await bot.logged('ready');
      const ts = scene.post(text);
      await slack.idle();
      await classify(scene, bot, 1);
      await slack.waitFor(() => scene.reacted().some((message) => message.ts === ts));
      await scene.type('status');
      expect(slack.ephemerals(scene.user).at(-1)?.text).toMatch(/nothing/);
      bot.process.kill('SIGTERM');
      expect((await bot.ended).code).toBe(0);
      const summaries = scene
        .posts()
        .filter(({ metadata }) => metadata?.event_type === 'winnow_digest');
      expect(summaries).toHaveLength(messages);
      const keys = keysOf(scene.posts().filter(({ metadata }) => metadata));
      expect(new Set(keys).size).toBe(keys.length);
    };
    await use({ DATABASE_URL: file }, 'The export crashes', 1);
    const there = await scene.run('move.ts', [file, url]);
    expect(there).toMatchObject({ code: 0, said: '' });
    expect(there.text).toMatch(/^messages: 1$[\s\S]*now has the workspace T\S+ of .*winnow\.db/m);
    expect(there.text).not.toContain('bot@');
    await use({}, 'The export crashes again', 2);
    const again = await scene.run('move.ts', [file, url]);
    expect(again).toMatchObject({
      code: 1,
      said: expect.stringMatching(/has rows of this workspace/),
    });
    const back = await scene.run('move.ts', [url, `sqlite:${database}-2`]);
    expect(back).toMatchObject({ code: 0, said: '' });
    await use({ DATABASE_URL: `sqlite:${database}-2` }, 'The import crashes', 3);
  });

  test('is not moved while it runs', async () => {
    const scene = await open();
    const bot = scene.start();
    await bot.logged('ready');
    const moved = await scene.run('move.ts', [scene.url, `sqlite:${scene.database}`]);
    expect(moved).toMatchObject({
      code: 1,
      said: expect.stringMatching(/another Winnow is running/),
    });
    const same = await scene.run('move.ts', [scene.url, scene.url]);
    expect(same).toMatchObject({ code: 2, said: expect.stringMatching(/One has to be of SQLite/) });
  });

  test('is examined by the doctor, and copied by others', async () => {
    const scene = await open();
    const settings = { DATABASE_URL: scene.url };
    const before = await scene.run('doctor.ts', [], settings);
    expect(before.code).toBe(0);
    expect(before.text).toMatch(
      /postgres:\/\/\S* can be used; its tables will be made \(PostgreSQL \d+/,
    );
    const bot = scene.start();
    await bot.logged('messages count from here on');
    const beside = await scene.run('doctor.ts', [], settings);
    expect(beside.text).toContain('Winnow is running on postgres://');
    expect(beside.code).toBe(0);
    await scene.server.halt();
    const without = await scene.run('doctor.ts', [], settings);
    expect(without.text).toMatch(/postgres:\/\/\S* cannot be reached: [\s\S]*Start its server/);
    const backup = await scene.run('backup.ts', ['copy.db'], settings);
    expect(backup).toMatchObject({ code: 2, said: expect.stringMatching(/copied with pg_dump/) });
    const restore = await scene.run('restore.ts', ['copy.db'], settings);
    expect(restore).toMatchObject({ code: 2, said: expect.stringMatching(/with pg_restore/) });
  });
});
