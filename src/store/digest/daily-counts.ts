import type { Day } from '../../core/calendar.ts';
import type { DailyCounts } from '../../core/digest/chart.ts';
import { msToTs } from '../../core/timestamps.ts';
import type { Db, Tx } from '../db/tables.ts';

/** Rows to count between two looks at the time. */
const PAGE = 500;

/**
 * How many judged messages of these channels were posted on each day, by category, without noise.
 * @param pause called between pages
 */
export async function readDailyCounts(
  db: Db | Tx,
  channels: string[],
  days: Day[],
  pause: () => Promise<void> = async () => {},
): Promise<DailyCounts> {
  const counts: DailyCounts = new Map();
  for (const channel of channels) {
    for (const [n, day] of days.entries()) {
      const end = msToTs(day.to);
      let from = msToTs(day.from);
      while (from < end) {
        const next = await findPageEnd(db, { channel, from, end });
        for (const { category, messages } of await countPage(db, { channel, from, end: next })) {
          const perDay = counts.get(category) ?? days.map(() => 0);
          perDay[n] = (perDay[n] ?? 0) + messages;
          counts.set(category, perDay);
        }
        if (next < end) await pause();
        from = next;
      }
    }
  }
  return counts;
}

interface Range {
  channel: string;
  /** Timestamps: from `from` on, and before `end`. */
  from: string;
  end: string;
}

/** Where the next page begins. */
async function findPageEnd(db: Db | Tx, { channel, from, end }: Range): Promise<string> {
  const next = await db
    .selectFrom('messages')
    .select('ts')
    .where('channel', '=', channel)
    .where('ts', '>=', from)
    .where('ts', '<', end)
    .orderBy('ts')
    .offset(PAGE)
    .limit(1)
    .executeTakeFirst();
  return next?.ts ?? end;
}

function countPage(db: Db | Tx, { channel, from, end }: Range) {
  return db
    .selectFrom('messages')
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .select((eb) => ['verdicts.category', eb.fn.countAll<number>().as('messages')])
    .where('messages.channel', '=', channel)
    .where('messages.ts', '>=', from)
    .where('messages.ts', '<', end)
    .where('messages.deleted_at', 'is', null)
    .where('messages.state', '=', 'judged')
    .where('verdicts.emoji', 'is not', null)
    .groupBy('verdicts.category')
    .execute();
}
