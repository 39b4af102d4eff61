import { byPressure } from '../../core/people/pressing.ts';
import type { Urgency } from '../../core/runs/taxonomy.ts';
import type { Db, Tx } from '../db/tables.ts';
import { countPeople } from '../themes/people.ts';

/** Messages with a flag, in the order in which they need attention. */

/** Flagged messages, with the verdict that counts for each. */
export const selectFlagged = (db: Db | Tx) =>
  db
    .selectFrom('flags')
    .innerJoin('messages', (join) =>
      join.onRef('messages.channel', '=', 'flags.channel').onRef('messages.ts', '=', 'flags.ts'),
    )
    .leftJoin('verdicts', 'verdicts.id', 'messages.verdict');

/** Orders flagged messages, the most pressing first: see core/people/pressing.ts. */
export async function orderFlagged(
  db: Db | Tx,
  flagged: ReturnType<typeof selectFlagged>,
  now: number,
): Promise<{ channel: string; ts: string }[]> {
  const rows = await flagged
    .leftJoin('theme_members', (join) =>
      join
        .onRef('theme_members.channel', '=', 'messages.channel')
        .onRef('theme_members.ts', '=', 'messages.ts')
        .onRef('theme_members.revision', '=', 'messages.revision'),
    )
    .select([
      'flags.channel',
      'flags.ts',
      'flags.state',
      'flags.opened_at as openedAt',
      'messages.state as judged',
      'verdicts.urgency',
      'verdicts.confidence',
      'verdicts.person',
      'theme_members.theme',
    ])
    .execute();
  const themes = new Set(rows.flatMap(({ theme }) => theme ?? []));
  const people = await countPeople(db, themes, now);
  return rows
    .map(({ judged, urgency, confidence, person, theme, ...flag }) => ({
      ...flag,
      // A message that died after an edit still has the verdict on its old text.
      urgency: judged === 'dead' ? null : (urgency as Urgency | null),
      people: Math.max(1, people.get(theme ?? 0) ?? 0),
      // What a person has judged, or flagged without a verdict, is sure.
      confidence: person === null ? (confidence ?? 1) : 1,
    }))
    .toSorted(byPressure)
    .map(({ channel, ts }) => ({ channel, ts }));
}
