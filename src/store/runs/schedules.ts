import type { Db, Tx } from '../db/tables.ts';

/**
 * When each schedule is due next. It is stored, so that a time missed while the bot was down is
 * made up.
 */

/** @returns when the schedule is due in ms, or undefined when it is new or its pattern has changed */
export async function readDue(db: Db, key: string, pattern: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('schedules')
    .select('next_at')
    .where('key', '=', key)
    .where('pattern', '=', pattern)
    .executeTakeFirst();
  return row?.next_at;
}

export async function setDue(
  db: Db | Tx,
  key: string,
  pattern: string,
  nextAt: number,
): Promise<void> {
  await db
    .insertInto('schedules')
    .values({ key, pattern, next_at: nextAt })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ pattern, next_at: nextAt }))
    .execute();
}
