import type { Db, Tx } from '../db/tables.ts';
import { deleteDraw } from '../people/draws.ts';
import { IS_OPEN } from '../people/flags.ts';
import type { Run } from '../runs/runs.ts';

/** Which digest has published what. */

/** How many judged and dead messages of a channel no digest has published. */
export async function countUnpublished(db: Db | Tx, channel: string): Promise<number> {
  const { messages } = await db
    .selectFrom('messages')
    .select((eb) => eb.fn.countAll<number>().as('messages'))
    .where('channel', '=', channel)
    .where('digest', 'is', null)
    .where('deleted_at', 'is', null)
    .where('state', 'in', ['judged', 'dead'])
    .executeTakeFirstOrThrow();
  return messages;
}

/**
 * Whether there is something that a schedule posts a summary for: a message that no digest has told of,
 * or an edited one that needs attention. Other edits wait for these.
 */
export async function hasNews(db: Db | Tx, channel: string): Promise<boolean> {
  const row = await db
    .selectFrom('messages')
    .leftJoin('flags', (join) =>
      join.onRef('flags.channel', '=', 'messages.channel').onRef('flags.ts', '=', 'messages.ts'),
    )
    .select('messages.ts')
    .where('messages.channel', '=', channel)
    .where('messages.digest', 'is', null)
    .where('messages.deleted_at', 'is', null)
    .where('messages.state', 'in', ['judged', 'dead'])
    .where((eb) => eb.or([eb('messages.first_digest', 'is', null), IS_OPEN]))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether a run is judging a message that no digest has ever told of. */
export async function hasNewMessages(db: Db, { id, channel }: Run): Promise<boolean> {
  const row = await db
    .selectFrom('messages')
    .select('ts')
    .where('channel', '=', channel)
    .where('state', '=', 'claimed')
    .where('run', '=', id)
    .where('first_digest', 'is', null)
    .where('deleted_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether a message needs attention that no digest has published, or only this one, whose post is not written yet. */
export async function hasFlagsToShow(db: Db, { id, channel }: Run): Promise<boolean> {
  const row = await db
    .selectFrom('messages')
    .innerJoin('flags', (join) =>
      join.onRef('flags.channel', '=', 'messages.channel').onRef('flags.ts', '=', 'messages.ts'),
    )
    .select('messages.ts')
    .where('messages.channel', '=', channel)
    .where((eb) => eb.or([eb('messages.digest', 'is', null), eb('messages.digest', '=', id)]))
    .where('messages.deleted_at', 'is', null)
    .where('messages.state', 'in', ['judged', 'dead'])
    .where(IS_OPEN)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * What was classified since the last digest, whichever digest publishes it.
 * @param upTo counting stops one above it
 */
export async function measureUnpublished(
  db: Db,
  channel: string,
  upTo: number,
): Promise<{ judged: number; flagged: number; dead: number }> {
  return db
    .selectFrom((eb) =>
      eb
        .selectFrom('messages')
        .select(['ts', 'state'])
        .where('channel', '=', channel)
        .where('digest', 'is', null)
        .where('deleted_at', 'is', null)
        .where('state', 'in', ['judged', 'dead'])
        .limit(upTo + 1)
        .as('unpublished'),
    )
    .leftJoin('flags', (join) =>
      join.on('flags.channel', '=', channel).onRef('flags.ts', '=', 'unpublished.ts'),
    )
    .select((eb) => [
      eb.fn.countAll<number>().filterWhere('unpublished.state', '=', 'judged').as('judged'),
      eb.fn.countAll<number>().filterWhere('unpublished.state', '=', 'dead').as('dead'),
      eb.fn.countAll<number>().filterWhere(IS_OPEN).as('flagged'),
    ])
    .executeTakeFirstOrThrow();
}

/** Messages are published a few at a time, so that others can use the database in between. */
const PAGE = 100;

/**
 * Publishes the next messages in the digest of a run.
 * @returns how many; 0 when all are published
 */
export async function publishNext(tx: Tx, run: Run): Promise<number> {
  // First which, then these: in one statement PostgreSQL may look for them once for each message of the channel.
  const next = await tx
    .selectFrom('messages')
    .select('ts')
    .where('channel', '=', run.channel)
    .where('digest', 'is', null)
    .where('deleted_at', 'is', null)
    .where('state', 'in', ['judged', 'dead'])
    .limit(PAGE)
    .execute();
  if (next.length === 0) return 0;
  const { numUpdatedRows } = await tx
    .updateTable('messages')
    .set((eb) => ({
      digest: run.id,
      first_digest: eb.fn.coalesce('first_digest', eb.val(run.id)),
    }))
    .where('channel', '=', run.channel)
    .where(
      'ts',
      'in',
      next.map(({ ts }) => ts),
    )
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Takes back what a digest published, because nobody has seen it: the next one publishes it. */
export async function unpublish(tx: Tx, run: number): Promise<void> {
  await tx
    .updateTable('messages')
    .set((eb) => ({ digest: null, first_digest: eb.fn('nullif', ['first_digest', eb.val(run)]) }))
    .where('channel', '=', (eb) => eb.selectFrom('runs').select('channel').where('id', '=', run))
    .where('digest', '=', run)
    .execute();
  await deleteDraw(tx, run);
  await tx.updateTable('runs').set({ published_at: null }).where('id', '=', run).execute();
}

/** Whether any published message still needs attention. */
export async function hasStillOpen(db: Db | Tx, channel: string): Promise<boolean> {
  const row = await db
    .selectFrom('flags')
    .innerJoin('messages', (join) =>
      join.onRef('messages.channel', '=', 'flags.channel').onRef('messages.ts', '=', 'flags.ts'),
    )
    .select('flags.ts')
    .where('flags.channel', '=', channel)
    .where(IS_OPEN)
    .where('messages.digest', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
