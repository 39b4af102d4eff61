import { z } from 'zod';
import type { Deps } from '../jobs/deps.ts';
import { HOME_PAGE_ACTION } from '../slack/blocks/home.ts';
import { askHome } from '../store/home/homes.ts';
import { noticeUser } from '../store/intake/users.ts';

/**
 * The Home tab: opened, or its page turned. That it is to be drawn is committed, then acknowledged;
 * jobs/home.ts draws it. Nothing can be lost by a crash: it is opened again.
 */

const openedSchema = z.looseObject({ user: z.string(), tab: z.string().optional() });

/** @returns whether there is something to draw */
export async function onHomeOpened({ db, clock }: Deps, event: unknown): Promise<boolean> {
  const { user, tab } = openedSchema.parse(event);
  // The other tab is the conversation with the bot.
  if (tab !== undefined && tab !== 'home') return false;
  await db.transaction().execute(async (tx) => {
    await noticeUser(tx, user);
    await askHome(tx, user, clock.now(), { opened: true });
  });
  return true;
}

export const HOME_PAGE = new RegExp(`^${HOME_PAGE_ACTION}`);

const turnedSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  actions: z.tuple([z.looseObject({ value: z.coerce.number().int().min(0).max(100_000) })]),
});

export async function onPageTurned({ db, clock }: Deps, body: unknown): Promise<void> {
  const { user, actions } = turnedSchema.parse(body);
  await askHome(db, user.id, clock.now(), { page: actions[0].value });
}

/** Something was done in it: it shows what has come of that, or why nothing has. */
export async function onDoneInHome(
  { db, clock }: Deps,
  user: string,
  notice: string | undefined,
): Promise<void> {
  await askHome(db, user, clock.now(), { notice: notice ?? null });
}
