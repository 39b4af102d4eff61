import type { Day } from '../../core/calendar.ts';
import type { DailyCounts } from '../../core/digest/chart.ts';
import { msToTs } from '../../core/timestamps.ts';
import type { Db, Tx } from '../db/tables.ts';

/** Messages to read between two looks at the time. */
const PAGE = 500;

/**
 * How many judged messages of these channels were posted on each day, by category, without noise.
 * @param days one after another
 * @param pause called between pages
 */
export async function readDailyCounts(
  db: Db | Tx,
  channels: string[],
  days: Day[],
  pause: () => Promise<void> = async () => {},
): Promise<DailyCounts> {
  const counts: DailyCounts = new Map();
  const [first, last] = [days.at(0), days.at(-1)];
  if (!first || !last) return counts;
  const ends = days.map(({ to }) => msToTs(to));
  for (const channel of channels) {
    let from = msToTs(first.from);
    for (;;) {
      const page = await readPage(db, channel, from, msToTs(last.to));
      for (const { ts, state, category, emoji } of page) {
        if (state !== 'judged' || category === null || emoji === null) continue;
        const n = ends.findIndex((end) => ts < end);
        const perDay = counts.get(category) ?? days.map(() => 0);
        perDay[n] = (perDay[n] ?? 0) + 1;
        counts.set(category, perDay);
      }
      const newest = page.at(-1)?.ts;
      if (newest === undefined || page.length < PAGE) break;
      // The next timestamps are at least this much later.
      from = `${newest}0`;
      await pause();
    }
  }
  return counts;
}

/** Messages with these timestamps: from `from` on, and before `end`. */
function readPage(db: Db | Tx, channel: string, from: string, end: string) {
  return db
    .selectFrom('messages')
    .leftJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .select(['messages.ts', 'messages.state', 'verdicts.category', 'verdicts.emoji'])
    .where('messages.channel', '=', channel)
    .where('messages.ts', '>=', from)
    .where('messages.ts', '<', end)
    .where('messages.deleted_at', 'is', null)
    .orderBy('messages.ts')
    .limit(PAGE)
    .execute();
}
