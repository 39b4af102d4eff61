import type { Selectable } from 'kysely';
import { notFirst } from '../db/engine.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';

/** What Claude has billed for batches, for grouping and for rehearsals. */

/** Bills with their runs, to be summed by `readSum`; `bills.at` is the time of each, in ms. */
export const selectBills = (db: Db | Tx) =>
  db
    .selectFrom(
      db
        .selectFrom('batches')
        .select(['run', 'nano_usd', 'submitted_at as at'])
        .unionAll(db.selectFrom('groupings').select(['run', 'nano_usd', 'since as at']))
        .as('bills'),
    )
    .innerJoin('runs', 'runs.id', 'bills.run');

/** In US dollars; null when the price of one of the models is unknown. */
export async function readSum(bills: ReturnType<typeof selectBills>): Promise<number | null> {
  const { nano, unpriced } = await bills
    .select((eb) => [
      eb.fn.coalesce(eb.fn.sum<number>('bills.nano_usd'), eb.lit(0)).as('nano'),
      eb.fn.countAll<number>().filterWhere('bills.nano_usd', 'is', null).as('unpriced'),
    ])
    .executeTakeFirstOrThrow();
  return unpriced > 0 ? null : nano / 1e9;
}

/**
 * What was billed since a moment, and what open runs and rehearsals may still cost at most, in US dollars;
 * null when the price of a model is not known.
 */
export async function readCommitted(db: Db | Tx, since: number): Promise<number | null> {
  const billed = await readSum(selectBills(db).where('bills.at', '>=', since));
  const open = await db
    .selectFrom('runs')
    .select(['id', 'expected_nano_usd'])
    .where('ended_at', 'is', null)
    .execute();
  let sum = billed;
  for (const { id, expected_nano_usd } of open) {
    const spent = await readSum(selectBills(db).where('bills.run', '=', id));
    if (sum === null || spent === null || expected_nano_usd === null) return null;
    sum += Math.max(0, expected_nano_usd / 1e9 - spent);
  }
  const rehearsed = await sumRehearsals(db, since, ({ stage, nano_usd, expected_nano_usd }) => {
    if (stage !== 'judging' || nano_usd === null) return nano_usd;
    return expected_nano_usd === null ? null : Math.max(nano_usd, expected_nano_usd);
  });
  return sum === null || rehearsed === null ? null : sum + rehearsed;
}

/** All that was billed since a moment, in US dollars; null when the price of a model is not known. */
export async function readBilled(db: Db, since: number): Promise<number | null> {
  const runs = await readSum(selectBills(db).where('bills.at', '>=', since));
  const rehearsals = await readSpentOnRehearsals(db, since);
  return runs === null || rehearsals === null ? null : runs + rehearsals;
}

/** What was billed for rehearsals that began since a moment. They belong to no channel. */
export function readSpentOnRehearsals(db: Db, since: number): Promise<number | null> {
  return sumRehearsals(db, since, ({ nano_usd }) => nano_usd);
}

type Bill = Pick<Selectable<Tables['rehearsals']>, 'stage' | 'nano_usd' | 'expected_nano_usd'>;

/** In US dollars; null when the cost of one is not known. */
async function sumRehearsals(
  db: Db | Tx,
  since: number,
  costOf: (bill: Bill) => number | null,
): Promise<number | null> {
  const bills = await db
    .selectFrom('rehearsals')
    .select(['stage', 'nano_usd', 'expected_nano_usd'])
    .where('asked_at', '>=', since)
    .execute();
  let nano = 0;
  for (const bill of bills) {
    const cost = costOf(bill);
    if (cost === null) return null;
    nano += cost;
  }
  return nano / 1e9;
}

/** What was billed for runs in these channels since a moment. */
export function readSpent(db: Db, channels: string[], since: number): Promise<number | null> {
  return readSum(
    selectBills(db)
      // Not with all runs of the channels.
      .where(notFirst(db, 'runs.channel'), 'in', channels)
      .where('bills.at', '>=', since),
  );
}
