import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { startWith } from '../harness.ts';

/** A database that may not grow, as on a full disk; test/process/disk.test.ts does it for real. */

test('a commit that finds no room says so, leaves nothing behind, and is made when there is room', async () => {
  const stage = await startWith([]);
  const { slack, channel, user } = stage;
  // Never fewer pages than there are: only what needs a new one fails.
  await stage.rows(sql`pragma max_page_count = 1`);
  const long = 'It crashes. '.repeat(1000);
  slack.post({ channel, user, text: long });
  await stage.waitFor(() => stage.logs.some(({ level }) => level === 'error'));
  expect(stage.logs.filter(({ level }) => level === 'error')).toEqual([
    expect.objectContaining({
      message: 'the disk of the database is full: nothing is stored until there is room',
      err: expect.objectContaining({ code: 'SQLITE_FULL', message: 'database or disk is full' }),
    }),
  ]);
  expect(await stage.rows(sql`select * from messages`)).toEqual([]);
  expect(await stage.type('status')).toMatch(/^\*My disk is full\*/);
  stage.clock.jump(10_000);
  await stage.rows(sql`pragma max_page_count = 1000000`);
  await stage.step();
  expect(stage.logs).toContainEqual(
    expect.objectContaining({ message: 'there is room on the disk again' }),
  );
  expect(stage.woken).toContain('storage');
  expect(await stage.type('status')).not.toContain('disk');
  slack.timeOut();
  await slack.idle();
  expect(await stage.rows(sql`select text from messages`)).toHaveLength(1);
  expect(slack.lostEvents).toEqual([]);
});
