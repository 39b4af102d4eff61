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

/** Messages to read at once. */
const PAGE = 500;

/**
 * Who says what each theme of a channel is about, in the 30 days before `now` (ms).
 * @param pause is awaited after each page of messages, so that others can use the database
 * @returns the voices by theme
 */
export async function listVoices(
  db: Db | Tx,
  channel: string,
  now: number,
  pause: () => Promise<void> = async () => {},
): Promise<Map<number, Set<string>>> {
  const voices = new Map<number, Set<string>>();
  let after = msToTs(now - MONTH_MS);
  for (;;) {
    const { last } = await db
      .selectFrom((eb) =>
        eb
          .selectFrom('theme_members')
          .select('ts')
          .where('channel', '=', channel)
          .where('ts', '>', after)
          .orderBy('ts')
          .limit(PAGE)
          .as('page'),
      )
      .select((eb) => eb.fn.max('page.ts').as('last'))
      .executeTakeFirstOrThrow();
    if (last === null) return voices;
    const rows = await selectMembers(db)
      .select(['theme_members.theme', VOICE.as('voice')])
      .where('theme_members.channel', '=', channel)
      .where('theme_members.ts', '>', after)
      .where('theme_members.ts', '<=', last)
      .where('messages.deleted_at', 'is', null)
      .whereRef('theme_members.revision', '=', 'messages.revision')
      .where('verdicts.emoji', 'is not', null)
      .execute();
    for (const { theme, voice } of rows) {
      const known = voices.get(theme) ?? new Set();
      voices.set(theme, known.add(voice));
    }
    after = last;
    await pause();
  }
}
