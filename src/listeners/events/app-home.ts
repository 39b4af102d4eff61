import { z } from 'zod';
import type { Context } from '../../jobs/context.ts';
import { HOME_PAGE_ACTION } from '../../slack/blocks/home/home.ts';
import { askHome } from '../../store/home/homes.ts';
import { ensureUser } from '../../store/intake/users.ts';
import type { Register } from '../tools.ts';

/**
 * The Home tab: somebody opens it or turns its page. A request to render it is committed, then the
 * event is acknowledged; jobs/home/draw.ts renders it. A lost request is harmless: opening the tab makes a
 * new one.
 */

export const registerAppHome: Register = (app, { context, emit }) => {
  app.event('app_home_opened', async ({ event }) => {
    if (await onHomeOpened(context, event)) emit('home');
  });
};

const openedSchema = z.looseObject({ user: z.string(), tab: z.string().optional() });

/** @returns whether the tab needs rendering */
async function onHomeOpened({ db, clock }: Context, event: unknown): Promise<boolean> {
  const { user, tab } = openedSchema.parse(event);
  // The Messages tab, the conversation with the bot, sends this event too.
  if (tab !== undefined && tab !== 'home') return false;
  await db.transaction().execute(async (tx) => {
    await ensureUser(tx, user);
    await askHome(tx, user, clock.now(), { opened: true });
  });
  return true;
}

export const HOME_PAGE = new RegExp(`^${HOME_PAGE_ACTION}`);

const turnedSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  actions: z.tuple([z.looseObject({ value: z.coerce.number().int().min(0).max(100_000) })]),
});

export async function onPageTurned({ db, clock }: Context, body: unknown): Promise<void> {
  const { user, actions } = turnedSchema.parse(body);
  await askHome(db, user.id, clock.now(), { page: actions[0].value });
}

/** Requests a new render after an act in the tab. @param notice why the act was refused */
export async function onDoneInHome(
  { db, clock }: Context,
  user: string,
  notice: string | undefined,
): Promise<void> {
  await askHome(db, user, clock.now(), { notice: notice ?? null });
}
