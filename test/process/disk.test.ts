import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openPlace } from './bot.ts';

/** No room on the disk: Linux can be told that a process may write no file larger than it is. */

const PRLIMIT = 'prlimit';

const hasPrlimit = (() => {
  try {
    execFileSync(PRLIMIT, ['--version']);
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasPrlimit)(
  'a full disk: nothing is acknowledged, nothing dies, and all of it is there when there is room',
  async () => {
    const place = await openPlace();
    const bot = place.start();
    await bot.logged('messages count from here on');
    place.post('before');
    await place.slack.idle();
    const limit = (bytes: number | 'unlimited') =>
      execFileSync(PRLIMIT, ['--pid', String(bot.process.pid), `--fsize=${bytes}:unlimited`]);
    limit(statSync(`${place.database}-wal`).size);

    const texts = Array.from({ length: 5 }, (_, n) => `while it is full (No. ${n})`);
    for (const text of texts) place.post(text);
    await bot.logged('something from Slack was not handled', texts.length);
    // Sent again while it is still full, and once more when it is not.
    place.slack.timeOut();
    await bot.logged('something from Slack was not handled', 2 * texts.length);
    await place.type('status');
    await place.type();
    expect(place.slack.ephemerals(place.user).at(-1)?.text).toMatch(
      /^Something went wrong on my side/,
    );
    limit('unlimited');
    place.slack.timeOut();
    await place.slack.idle();
    expect(place.slack.lostEvents).toEqual([]);
    const db = new Sqlite(place.database, { readonly: true });
    expect(db.prepare('select text from messages order by ts').pluck().all()).toEqual([
      'before',
      ...texts,
    ]);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();

    await place.type();
    await place.slack.waitFor(() => place.posts().length > 1);
    const errors = bot.lines.filter(({ level }) => level >= 50);
    expect(errors.filter((line) => !/disk/.test(JSON.stringify(line)))).toEqual([]);
    // Each event was tried a few times; nothing spins.
    expect(errors.length).toBeLessThan(50);
    bot.process.kill('SIGTERM');
    expect((await bot.ended).code).toBe(0);
  },
);
