import { MONTH_MS } from '../../core/durations.ts';
import { msToTs } from '../../core/timestamps.ts';
import type { Db, Tx } from '../db/tables.ts';
import { selectMembers, VOICE } from './members.ts';

/** Themes to count at once: SQLite allows so many values in a statement. */
const AT_ONCE = 500;

/** How many people say what each of these themes is about, in the 30 days before `now` (ms). */
export async function countPeople(
  db: Db | Tx,
  themes: Iterable<number>,
  now: number,
): Promise<Map<number, number>> {
  const left = [...themes];
  const counts = new Map<number, number>();
  while (left.length > 0) {
    const rows = await selectMembers(db)
      .select((eb) => ['theme_members.theme', eb.fn.count<number>(VOICE).distinct().as('people')])
      .where('theme_members.theme', 'in', left.splice(0, AT_ONCE))
      .where('theme_members.ts', '>=', msToTs(now - MONTH_MS))
      .where('messages.deleted_at', 'is', null)
      .whereRef('theme_members.revision', '=', 'messages.revision')
      .where('verdicts.emoji', 'is not', null)
      .groupBy('theme_members.theme')
      .execute();
    for (const { theme, people } of rows) counts.set(theme, people);
  }
  return counts;
}
