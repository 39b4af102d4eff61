import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Tx } from '../../src/store/db/tables.ts';
import { publishNext } from '../../src/store/digest/published.ts';
import { measureUnanswered } from '../../src/store/intake/pending.ts';
import { openBatch } from '../../src/store/runs/batches.ts';
import { claimMessages } from '../../src/store/runs/claims.ts';
import { indexNext } from '../../src/store/search/index-messages.ts';
import { CHANNEL, START, startScene, ts } from '../store/scene.ts';
import { onPostgres } from './fresh-workspace.ts';

/**
 * PostgreSQL knows nothing of a workspace that has just got its messages, and takes their number for one. What is done
 * a few messages at a time must not read all of them for each.
 */

const MESSAGES = 5_000;

/**
 * A table may be read from its beginning to its end, with the rows of the tests before; not once for each of the ten
 * messages of a step or more.
 */
const A_FEW_TIMES = 8 * MESSAGES;

/** @returns how many rows of all tables the transaction has read */
async function countReads(tx: Tx): Promise<number> {
  const { rows } = await sql<{ reads: string }>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as reads from pg_stat_xact_user_tables`.execute(
    tx,
  );
  return Number(rows[0]?.reads);
}

describe.runIf(onPostgres)('what is done a few messages at a time', () => {
  test('reads few rows, also when PostgreSQL has no idea how many there are', async () => {
    const { db, commit, open } = await startScene();
    const row = { channel: CHANNEL, text: 'The export fails', revision: 1, collected_at: START };
    const values = Array.from({ length: MESSAGES }, (_, n) => ({
      ...{ ...row, ts: ts(n + 1), posted_at: START + n, state: 'pending' as const },
    }));
    await db.insertInto('messages').values(values).execute();
    const run = await open();
    const batch = await commit((tx) => openBatch(tx, run.id, 'batch', START));
    const reads: Record<string, number> = {};
    const watch = (name: string, step: (tx: Tx) => Promise<unknown>) =>
      commit(async (tx) => {
        const before = await countReads(tx);
        await step(tx);
        reads[name] = (await countReads(tx)) - before;
      });
    const claim = (tx: Tx) => claimMessages(tx, run, batch.id, { limit: 50, look: () => 0 });

    await watch('index', (tx) => indexNext(tx, () => undefined));
    await watch('claim', claim);
    await commit(async (tx) => {
      while ((await claim(tx)).messages > 0);
    });
    const shown = { message: 100, reply: 100, replies: 3 };
    await watch('measure', (tx) => measureUnanswered(tx, run, shown, async () => {}));
    await db.updateTable('messages').set({ state: 'judged' }).execute();
    await watch('publish', (tx) => publishNext(tx, run));
    expect(Object.values(reads).every((count) => count > 0)).toBe(true);
    expect(Object.entries(reads).filter(([, count]) => count > A_FEW_TIMES)).toEqual([]);
  });
});
