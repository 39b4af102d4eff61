import { type HomeFilter, NO_FILTER } from '../../core/home/filter.ts';
import type { Db, Tx } from '../db/tables.ts';

/** What each person has chosen to see on their Home tab. */

export async function readHomeFilter(db: Db | Tx, user: string): Promise<HomeFilter> {
  const row = await db
    .selectFrom('home_filters')
    .select(['whose', 'category', 'channel'])
    .where('user', '=', user)
    .executeTakeFirst();
  return row ?? NO_FILTER;
}

/** Changes some of the choices; the others stay. */
export async function setHomeFilter(
  tx: Tx,
  user: string,
  change: Partial<HomeFilter>,
): Promise<void> {
  await tx
    .insertInto('home_filters')
    .values({ user, ...NO_FILTER, ...change })
    .onConflict((conflict) => conflict.column('user').doUpdateSet({ user, ...change }))
    .execute();
}
