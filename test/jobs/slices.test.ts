import { expect, test } from 'vitest';
import { chunksOf, commitAll, commitEach, createPause } from '../../src/jobs/slices.ts';
import type { Db, Tx } from '../../src/store/db/tables.ts';
import { onPostgres } from '../postgres/fresh-workspace.ts';
import { startScene } from '../store/scene.ts';

/** Work that takes as long as it is told to, and others that note what was done at each of their turns. */
function startWork() {
  let now = 0;
  let done = 0;
  const turns: number[] = [];
  let left = true;
  const takeTurn = () => {
    turns.push(done);
    if (left) setImmediate(takeTurn);
  };
  setImmediate(takeTurn);
  return {
    turns,
    stopwatch: () => now,
    work(ms: number) {
      now += ms;
      done++;
    },
    stop() {
      left = false;
    },
  };
}

/** How many transactions were committed. */
function countCommits(db: Db): { commits: () => number; db: Db } {
  let commits = 0;
  const transaction = db.transaction.bind(db);
  db.transaction = () => {
    const builder = transaction();
    const execute = builder.execute.bind(builder);
    builder.execute = async <T>(work: (tx: Tx) => Promise<T>) => {
      const result = await execute(work);
      commits++;
      return result;
    };
    return builder;
  };
  return { commits: () => commits, db };
}

test('others have their turn after 10 ms of work, however many units that is', async () => {
  const { work, stop, stopwatch, turns } = startWork();
  const pause = createPause(stopwatch);
  for (const ms of [4, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 30, 2]) {
    work(ms);
    await pause();
  }
  stop();
  expect(turns).toEqual([3, 13, 14]);
});

// While a server is waited for, others have more turns.
test.skipIf(onPostgres)(
  'a transaction is over after 30 ms, and others have their turn within and after it',
  async () => {
    const { work, stop, stopwatch, turns } = startWork();
    const { db, commits } = countCommits((await startScene()).db);
    const before = turns.length;
    const units = [6, 6, 9, 9, 2, 50, 1];
    await commitAll(
      db,
      async () => {
        work(units.shift() ?? 0);
        return units.length > 0;
      },
      stopwatch,
    );
    stop();
    expect(commits()).toBe(3);
    expect([...new Set(turns.slice(before))]).toEqual([2, 4, 6, 7]);
  },
);

test('many small pieces of work leave others their turns', async () => {
  const { turns, stop } = startWork();
  const { db } = await startScene();
  const before = turns.length;
  for (let piece = 0; piece < 3; piece++)
    await commitAll(
      db,
      async () => false,
      () => 0,
    );
  expect(turns.length - before).toBeGreaterThanOrEqual(3);
  stop();
});

test('waiting for another transaction is no work', async () => {
  const { work, stop, stopwatch } = startWork();
  const { db, commits } = countCommits((await startScene()).db);
  const other = db.transaction().execute(async () => work(100));
  const units = [1, 1, 1];
  await commitAll(
    db,
    async () => {
      work(units.shift() ?? 0);
      return units.length > 0;
    },
    stopwatch,
  );
  await other;
  stop();
  expect(commits()).toBe(2);
});

test('what fails takes back its transaction alone', async () => {
  const { db } = await startScene();
  let now = 0;
  const users = ['U0ANA', 'U0BEN', 'U0CAT', 'U0DAN'];
  const keep = commitEach(
    db,
    users,
    async (tx, id) => {
      now += 15;
      if (id === 'U0DAN') throw new Error('no such person');
      await tx.insertInto('members').values({ channel: 'C0', user: id, seen_at: 0 }).execute();
    },
    () => now,
  );
  await expect(keep).rejects.toThrow('no such person');
  const kept = await db.selectFrom('members').select('user').orderBy('user').execute();
  expect(kept.map(({ user }) => user)).toEqual(['U0ANA', 'U0BEN']);
});

test('with nothing to do nothing is committed', async () => {
  const { db, commits } = countCommits((await startScene()).db);
  await commitEach(db, [], async () => expect.unreachable());
  expect(commits()).toBe(0);
});

test('chunks are all items in their order, the last as short as need be', () => {
  expect([...chunksOf([1, 2, 3, 4, 5], 2)]).toEqual([[1, 2], [3, 4], [5]]);
  expect([...chunksOf([], 2)]).toEqual([]);
});
