import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { ACTIONS } from '../../src/slack/blocks/actions.ts';
import { mountTmpfs } from '../doctor/stage.ts';
import { openPlace, type Place } from './bot.ts';
import { findFreePort } from './free-port.ts';

/** No room on the disk: a small one is filled, or the process may write no file larger than it is. */

const FULL = 'the disk of the database is full: nothing is stored until there is room';
const ROOM = 'there is room on the disk again';

const PRLIMIT = 'prlimit';

/** @returns what fills the disk under a bot; that returns what makes room again */
function prepareDisk({ directory, database }: Place): (bot: number) => () => void {
  if (mountTmpfs(directory, 'size=16m')) {
    const filler = path.join(directory, 'filler');
    return () => {
      const file = openSync(filler, 'w');
      try {
        for (;;) writeSync(file, Buffer.alloc(4096));
      } catch {
        closeSync(file);
      }
      return () => rmSync(filler);
    };
  }
  const limit = (bot: number, bytes: number | 'unlimited') =>
    execFileSync(PRLIMIT, ['--pid', String(bot), `--fsize=${bytes}:unlimited`]);
  return (bot) => {
    limit(bot, statSync(`${database}-wal`).size);
    return () => limit(bot, 'unlimited');
  };
}

test('a full disk: people are told, it is logged once, and all of it is there when there is room', async () => {
  const place = await openPlace();
  const { slack, channel, user } = place;
  const fillDisk = prepareDisk(place);
  const port = await findFreePort();
  const readiness = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).json();
  const bot = place.start({ HEALTH_PORT: String(port) });
  await bot.logged('messages count from here on');
  place.post('It crashes when I save');
  await slack.idle();
  await place.type();
  const isCard = ({ metadata }: { metadata?: { event_type?: unknown } }) =>
    metadata?.event_type === 'winnow_card';
  const card = await slack.waitFor(() => place.posts().find(isCard));
  await bot.logged('a run is done');
  place.post('Please add a dark mode');
  await slack.idle();
  // Its run is going on while there is no room.
  await place.type();
  const makeRoom = fillDisk(Number(bot.process.pid));
  const texts = Array.from({ length: 5 }, (_, n) => `${n} ${'while it is full '.repeat(200)}`);
  for (const text of texts) place.post(text);
  await bot.logged(FULL);
  slack.timeOut();
  await place.type('export');
  expect(slack.ephemerals(user).at(-1)?.text).toMatch(/^My disk is full, so nothing was done/);
  await slack.click({ user, channel, ts: card.ts, actionId: ACTIONS.claim });
  await slack.waitFor(
    () =>
      slack.ephemerals(user).filter(({ text }) => text.startsWith('My disk is full')).length > 1,
  );
  await place.type('status');
  expect(slack.ephemerals(user).at(-1)?.text).toMatch(/^\*My disk is full\*/);
  expect(await readiness()).toMatchObject({
    ready: false,
    checks: { database: 'database or disk is full' },
  });

  makeRoom();
  await bot.logged(ROOM);
  slack.timeOut();
  await slack.idle();
  expect(slack.lostEvents).toEqual([]);
  await slack.waitFor(() => countMessages(place) === 2 + texts.length);
  expect(await readiness()).toMatchObject({ checks: { database: null } });
  const errors = bot.lines.filter(({ level }) => level >= 50);
  expect(errors.map(({ msg }) => msg)).toEqual([FULL]);
  await slack.click({ user, channel, ts: card.ts, actionId: ACTIONS.claim });
  await slack.waitFor(() =>
    JSON.stringify(slack.message(channel, card.ts)).includes('state-claimed'),
  );
  await bot.logged('a run is done', 2);
  await place.type();
  await bot.logged('a run is done', 3);
  bot.process.kill('SIGTERM');
  expect((await bot.ended).code).toBe(0);
  const db = new Sqlite(place.database, { readonly: true });
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
});

function countMessages({ database }: Place): number {
  const db = new Sqlite(database, { readonly: true });
  try {
    return Number(db.prepare('select count(*) from messages').pluck().get());
  } finally {
    db.close();
  }
}
