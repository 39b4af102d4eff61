import type { Db } from './database.ts';

/**
 * What Claude has billed for runs in these channels since a moment, in US dollars.
 * @returns null when the price of one of the models is unknown
 */
export async function readSpent(db: Db, channels: string[], since: number): Promise<number | null> {
  const { nano, unpriced } = await db
    .selectFrom('batches')
    .innerJoin('runs', 'runs.id', 'batches.run')
    .select((eb) => [
      eb.fn.coalesce(eb.fn.sum<number>('batches.nano_usd'), eb.lit(0)).as('nano'),
      eb.fn.countAll<number>().filterWhere('batches.nano_usd', 'is', null).as('unpriced'),
    ])
    .where('runs.channel', 'in', channels)
    .where('batches.submitted_at', '>=', since)
    .executeTakeFirstOrThrow();
  return unpriced > 0 ? null : nano / 1e9;
}
