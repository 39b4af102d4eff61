import { copyFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openPlace, type Place } from './bot.ts';
import { findFreePort } from './free-port.ts';

/** One database: one bot works on it, and others may only look. */

function count({ database }: Pick<Place, 'database'>, query: string): number {
  const db = new Sqlite(database, { readonly: true });
  try {
    return Number(db.prepare(query).pluck().get());
  } finally {
    db.close();
  }
}

const MESSAGES = 'select count(*) from messages';

test('a second bot on the same database is refused; the first one goes on; killed, it is followed at once', async () => {
  const place = await openPlace();
  const first = place.start();
  await first.logged('ready');
  const { code, said } = await place.start({ TAKE_OVER_SECONDS: '0' }).ended;
  expect(code).toBe(1);
  expect(said).toMatch(/^DATABASE_URL: .*another Winnow is running on .*winnow\.db/);
  expect(said).not.toContain('    at ');
  place.post('It crashes');
  await place.slack.idle();
  expect(count(place, MESSAGES)).toBe(1);

  first.process.kill('SIGKILL');
  await first.ended;
  const next = place.start();
  await next.logged('ready');
  place.post('It crashes again');
  await place.slack.idle();
  expect(count(place, MESSAGES)).toBe(2);
  next.process.kill('SIGTERM');
  expect((await next.ended).code).toBe(0);
});

test('a second bot waits while the first one drains, and takes over', async () => {
  const place = await openPlace();
  const { slack } = place;
  const settings = { HEALTH_PORT: String(await findFreePort()) };
  const first = place.start(settings);
  await first.logged('messages count from here on');
  slack.faults.add({ kind: 'hang', method: 'chat.postMessage', times: Number.POSITIVE_INFINITY });
  place.post('It crashes');
  await slack.idle();
  await place.type();
  await slack.waitFor(() => (slack.callCounts.get('chat.postMessage') ?? 0) > 0);
  const next = place.start(settings);
  await next.logged('another Winnow has the database; waiting for it to stop');
  // It has asked all that needs no database: nobody waits for that once the first one has gone.
  expect(slack.callCounts.get('auth.test')).toBe(2);
  first.process.kill('SIGTERM');
  slack.faults.clear();
  await next.logged('ready');
  await slack.waitFor(() => place.posts().length > 1);
  next.process.kill('SIGTERM');
  expect((await next.ended).code).toBe(0);
});

test('a second bot that has waited in vain says so', async () => {
  const place = await openPlace();
  await place.start().logged('ready');
  const { code, said } = await place.start({ TAKE_OVER_SECONDS: '0.5' }).ended;
  expect(code).toBe(1);
  expect(said).toMatch(/another Winnow is running on/);
});

test('a backup while the bot works is whole, and one afterwards has everything', async () => {
  const place = await openPlace();
  const bot = place.start();
  await bot.logged('ready');
  for (let n = 0; n < 300; n++) place.post(`It crashes (No. ${n})`);
  const during = `${place.directory}/during.db`;
  const [backup] = await Promise.all([
    place.run('backup.ts', [during]),
    place.slack.idle().then(() => place.type()),
  ]);
  expect(backup).toMatchObject({ code: 0, said: '' });
  await place.slack.waitFor(() => place.posts().length > 2);

  const after = `${place.directory}/after.db`;
  expect((await place.run('backup.ts', [after])).code).toBe(0);
  for (const database of [during, after]) {
    const copy = { database };
    const db = new Sqlite(database, { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('foreign_key_check')).toEqual([]);
    db.close();
    expect(count(copy, MESSAGES)).toBeLessThanOrEqual(300);
  }
  expect(count({ database: after }, MESSAGES)).toBe(300);
  expect(count({ database: after }, 'select count(*) from verdicts')).toBe(300);
  expect(bot.lines.filter(({ level }) => level >= 40)).toEqual([]);
});

test('stopped while something else has the database open: the file alone has everything', async () => {
  const place = await openPlace();
  const bot = place.start();
  await bot.logged('messages count from here on');
  const other = new Sqlite(place.database, { readonly: true });
  other.prepare(MESSAGES).get();
  place.post('It crashes');
  await place.slack.idle();
  bot.process.kill('SIGTERM');
  expect((await bot.ended).code).toBe(0);
  const copy = `${place.directory}/copy.db`;
  copyFileSync(place.database, copy);
  expect(count({ database: copy }, MESSAGES)).toBe(1);
  other.close();
});

test('the database of another program is refused, and left as it was', async () => {
  const place = await openPlace();
  const other = new Sqlite(place.database);
  other.exec(`create table notes (text); insert into notes values ('mine')`);
  other.close();
  const { code, said } = await place.start().ended;
  expect(said).toMatch(/^DATABASE_URL: .*winnow\.db cannot be used: .*another program/);
  expect(code).toBe(1);
  expect(count(place, `select count(*) from sqlite_master where type = 'table'`)).toBe(1);
});

const NOT_HANDLED = 'something from Slack was not handled';

test('locked by somebody else, for longer than it waits: everything is stored once it is free', async () => {
  const place = await openPlace();
  const bot = place.start();
  await bot.logged('ready');
  await bot.logged('messages count from here on');
  const other = new Sqlite(place.database);

  other.exec('begin immediate');
  place.post('while it is locked for a moment');
  setTimeout(() => other.exec('commit'), 300);
  await place.slack.idle();
  expect(count(place, MESSAGES)).toBe(1);
  expect(bot.lines.filter(({ msg }) => msg === NOT_HANDLED)).toEqual([]);

  other.exec('begin immediate');
  place.post('while it is locked for long');
  const refused = await bot.logged(NOT_HANDLED);
  expect(JSON.stringify(refused)).toContain('SQLITE_BUSY');
  other.exec('commit');
  other.close();
  place.slack.timeOut();
  await place.slack.idle();
  expect(count(place, MESSAGES)).toBe(2);
  expect(place.slack.lostEvents).toEqual([]);
  bot.process.kill('SIGTERM');
  expect((await bot.ended).code).toBe(0);
});

test('the database of another workspace is refused, and left as it is', async () => {
  const place = await openPlace();
  const first = place.start();
  await first.logged('ready');
  first.process.kill('SIGTERM');
  await first.ended;
  const other = await openPlace();
  const { code, said } = await other.start({ DATABASE_URL: `sqlite:${place.database}` }).ended;
  const { teamId } = place.slack;
  expect(code).toBe(1);
  expect(said.split('\n')[0]).toBe(
    `DATABASE_URL: ${place.database} cannot be used: it belongs to the workspace ${teamId}, not to ${other.slack.teamId}. Name another file, or take the SLACK_BOT_TOKEN of ${teamId}.`,
  );
  await place.start().logged('ready');
});
