import { MINUTE_MS } from '../../core/durations.ts';
import { msToTs } from '../../core/timestamps.ts';
import type { Db, Tx } from '../db/tables.ts';
import { letTryChannel } from '../delivery/holds.ts';

/** A channel that the bot is or was a member of. */

const JUST_NOW_MS = MINUTE_MS;

/**
 * The bot was added to a channel: messages count from now on, and the person who added it is
 * offered older ones. The same arrival a second time changes nothing.
 */
export async function joinChannel(
  tx: Tx,
  channel: string,
  { invitedBy, at }: { invitedBy: string | null; at: number },
): Promise<void> {
  const since = msToTs(at);
  const offer = invitedBy ? 'due' : 'none';
  await tx
    .insertInto('channels')
    .values({
      id: channel,
      name: null,
      state: 'member',
      since_ts: since,
      swept_ts: since,
      invited_by: invitedBy,
      offer,
    })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({
          state: 'member',
          since_ts: since,
          swept_ts: since,
          invited_by: invitedBy,
          offer,
        })
        // If the bot had left, messages count from the new arrival. If it is a member, this is no
        // new arrival, unless a message or a sweep found the channel just before this event.
        .where((eb) =>
          eb.or([
            eb('channels.state', '=', 'left'),
            eb('channels.since_ts', 'is', null),
            eb.and([
              eb('channels.invited_by', 'is', null),
              eb('channels.offer', '=', 'none'),
              eb('channels.since_ts', '>=', msToTs(at - JUST_NOW_MS)),
            ]),
          ]),
        ),
    )
    .execute();
  // The person who invites the bot may have let it post.
  await letTryChannel(tx, channel);
}

/**
 * A channel that the bot is found to be in although no event said so. The time of its arrival is
 * looked up.
 */
export async function discoverChannel(
  tx: Tx | Db,
  channel: string,
  name: string | null,
): Promise<void> {
  await tx
    .insertInto('channels')
    .values({
      id: channel,
      name,
      state: 'member',
      since_ts: null,
      swept_ts: null,
      invited_by: null,
      offer: 'none',
    })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({
        // The bot had left this channel: look up the time of its new arrival.
        since_ts: eb
          .case()
          .when('channels.state', '=', 'left')
          .then(null)
          .else(eb.ref('channels.since_ts'))
          .end(),
        state: 'member',
        name: eb.fn.coalesce('excluded.name', 'channels.name'),
      })),
    )
    .execute();
}

/**
 * Slack sends what is written in a channel, and reactions, only to those who are in it. So any of it
 * makes a channel one that the bot is a member of, also one that it seemed to have left.
 */
export async function recordPresence(tx: Tx, channel: string): Promise<void> {
  if ((await findChannel(tx, channel))?.state !== 'member')
    await discoverChannel(tx, channel, null);
}

/**
 * The bot was removed, or the channel was archived. What was collected stays; pending messages stay
 * pending.
 */
export async function leaveChannel(tx: Tx | Db, channel: string): Promise<void> {
  await tx.updateTable('channels').set({ state: 'left' }).where('id', '=', channel).execute();
}

export async function renameChannel(tx: Tx, channel: string, name: string): Promise<void> {
  await tx.updateTable('channels').set({ name }).where('id', '=', channel).execute();
}

/** Sets the time from which messages count. */
export async function setChannelSince(db: Db, channel: string, since: string): Promise<void> {
  await db
    .updateTable('channels')
    .set({ since_ts: since, swept_ts: since })
    .where('id', '=', channel)
    .where('since_ts', 'is', null)
    .execute();
}

/** Makes older messages count: the next sweep reads history from `since` on. */
export async function extendChannelBack(tx: Tx, channel: string, since: string): Promise<void> {
  await tx
    .updateTable('channels')
    .set({ since_ts: since, swept_ts: since })
    .where('id', '=', channel)
    .where((eb) => eb.or([eb('since_ts', 'is', null), eb('since_ts', '>', since)]))
    .execute();
}

/**
 * Records up to where the history of a channel has been read, but for what is stored as unread; unless
 * somebody has asked for older messages meanwhile.
 * @param from where reading began, as it was stored then
 * @param at when it was read, in ms since 1970
 */
export async function setChannelSwept(
  tx: Tx | Db,
  channel: string,
  { from, to, at }: { from: string | null; to: string; at: number },
): Promise<void> {
  await tx
    .updateTable('channels')
    .set({ swept_ts: to, swept_at: at })
    .where('id', '=', channel)
    .where('swept_ts', 'is not distinct from', from)
    .execute();
}

export async function setChannelOffer(
  tx: Tx,
  channel: string,
  offer: 'made' | 'answered',
): Promise<void> {
  await tx.updateTable('channels').set({ offer }).where('id', '=', channel).execute();
}

export function findChannel(db: Db | Tx, channel: string) {
  return db.selectFrom('channels').selectAll().where('id', '=', channel).executeTakeFirst();
}

/** Channels whose inviter has not been offered older messages yet. */
export function listDueOffers(db: Db) {
  return db
    .selectFrom('channels')
    .select(['id', 'invited_by', 'since_ts'])
    .where('state', '=', 'member')
    .where('offer', '=', 'due')
    .execute();
}

/** All channels that the bot is or was a member of. */
export function listChannels(db: Db) {
  return db.selectFrom('channels').selectAll().execute();
}

export function listMemberChannels(db: Db | Tx) {
  return db
    .selectFrom('channels')
    .selectAll()
    .where('state', '=', 'member')
    .orderBy('id')
    .execute();
}
