import type { Db } from '../db/tables.ts';

/** How many effects of a channel wait or have died, and why: for `/classify-feedback status`. */

/** Why the effects of a channel died, the most frequent reason first. */
export function countDeadEffects(db: Db, channel: string, since: number) {
  return db
    .selectFrom('outbox')
    .select((eb) => ['trouble', eb.fn.countAll<number>().as('effects')])
    .where('channel', '=', channel)
    .where('state', '=', 'dead')
    .where('ended_at', '>=', since)
    .groupBy('trouble')
    .orderBy('effects', 'desc')
    .execute();
}

/**
 * How many effects of a channel are on their way, and the errors that the last tries met.
 * @param upTo counting stops one above it: nobody needs an exact number of a hundred thousand
 */
export async function countOpenEffects(
  db: Db,
  channel: string,
  upTo: number,
): Promise<{ effects: number; troubles: string[] }> {
  const rows = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('outbox')
        .select('trouble')
        .where('channel', '=', channel)
        .where('ended_at', 'is', null)
        .limit(upTo + 1)
        .as('open'),
    )
    .select((eb) => ['trouble', eb.fn.countAll<number>().as('effects')])
    .groupBy('trouble')
    .orderBy('effects', 'desc')
    .execute();
  return {
    effects: rows.reduce((sum, { effects }) => sum + effects, 0),
    troubles: rows.flatMap(({ trouble }) => trouble ?? []),
  };
}
