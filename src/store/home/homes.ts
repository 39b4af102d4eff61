import type { Selectable } from 'kysely';
import type { Db, Tables, Tx } from '../db/tables.ts';

/** The Home tabs that people have open: whose to draw, and when. */

export type Home = Selectable<Tables['homes']>;

/**
 * A person opened their Home tab, or pressed something in it: draw it now.
 * @param opened whether to ask Slack again which channels they are in
 * @param page another page of what needs attention; undefined: the current one
 * @param notice shown above everything else
 */
export async function askHome(
  db: Db | Tx,
  user: string,
  now: number,
  {
    opened = false,
    page,
    notice = null,
  }: { opened?: boolean; page?: number; notice?: string | null },
): Promise<void> {
  await db
    .insertInto('homes')
    .values({
      user,
      page: page ?? 0,
      notice,
      opened_at: now,
      checked_at: null,
      asked: 1,
      drawn: 0,
      shown: null,
      attempts: 0,
      next_at: now,
    })
    .onConflict((conflict) =>
      conflict.column('user').doUpdateSet((eb) => ({
        ...(page !== undefined && { page }),
        ...(opened && { checked_at: null }),
        notice,
        opened_at: now,
        asked: eb('homes.asked', '+', 1),
        attempts: 0,
        next_at: now,
      })),
    )
    .execute();
}

/** Draws all tabs again that may be open. */
export async function askAllHomes(tx: Tx, now: number): Promise<void> {
  await tx
    .updateTable('homes')
    .set((eb) => ({ asked: eb('asked', '+', 1), next_at: now }))
    .execute();
}

/** Deletes the tabs that nobody has looked at since. */
export async function forgetHomes(db: Db, since: number): Promise<void> {
  await db.deleteFrom('homes').where('opened_at', '<', since).execute();
}

/** The tabs to draw, those requested first first. */
export function listHomes(db: Db): Promise<Home[]> {
  return db
    .selectFrom('homes')
    .selectAll()
    .orderBy((eb) => eb(eb.ref('asked'), '>', eb.ref('drawn')), 'desc')
    .orderBy('opened_at')
    .execute();
}

export async function recordHomeCheck(tx: Tx, user: string, now: number): Promise<void> {
  await tx.updateTable('homes').set({ checked_at: now }).where('user', '=', user).execute();
}

/**
 * Records the outcome of drawing one. If it was requested again meanwhile, it stays due.
 * @param home as it was before
 */
export async function recordHomeDrawn(
  db: Db,
  home: Home,
  change: Partial<Pick<Home, 'drawn' | 'shown' | 'attempts'>> & { next_at: number },
): Promise<void> {
  await db
    .updateTable('homes')
    .set((eb) => ({
      ...change,
      next_at: eb
        .case()
        .when('asked', '=', home.asked)
        .then(eb.val(change.next_at))
        .else(eb.ref('next_at'))
        .end(),
    }))
    .where('user', '=', home.user)
    .execute();
}
