import type { Db } from '../db/tables.ts';
import { haveMuchInCommon, listTerms, measureCommon } from '../text-index/terms.ts';
import { IS_OPEN } from './flags.ts';
import { selectFlagged } from './pressing.ts';

/** Messages that need attention and may say the same as another one. */

export interface SimilarMessage {
  ts: string;
  gist: string;
  /** Slack's text. */
  text: string;
  /** ms since 1970 */
  openedAt: number;
}

/** In a channel with more open messages only the newest are compared. */
const COMPARED = 500;

/** Those of the same theme first, then the most similar ones. */
export async function findSimilarOpen(
  db: Db,
  { channel, ts }: { channel: string; ts: string },
  limit: number,
): Promise<SimilarMessage[]> {
  const message = await db
    .selectFrom('messages')
    .leftJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .leftJoin('theme_members', (join) =>
      join
        .onRef('theme_members.channel', '=', 'messages.channel')
        .onRef('theme_members.ts', '=', 'messages.ts'),
    )
    .select(['messages.text', 'verdicts.gist', 'theme_members.theme'])
    .where('messages.channel', '=', channel)
    .where('messages.ts', '=', ts)
    .executeTakeFirst();
  if (!message) return [];
  const others = await selectFlagged(db)
    .leftJoin('theme_members', (join) =>
      join
        .onRef('theme_members.channel', '=', 'flags.channel')
        .onRef('theme_members.ts', '=', 'flags.ts'),
    )
    .select((eb) => [
      'flags.ts',
      'flags.opened_at as openedAt',
      'messages.text',
      eb.fn.coalesce('verdicts.gist', eb.val('')).as('gist'),
      'theme_members.theme',
    ])
    .where('flags.channel', '=', channel)
    .where('flags.ts', '!=', ts)
    .where(IS_OPEN)
    .where('messages.deleted_at', 'is', null)
    .where('messages.forgotten', 'is', null)
    .orderBy('flags.opened_at', 'desc')
    .limit(COMPARED)
    .execute();
  const terms = listTerms(`${message.text} ${message.gist ?? ''}`);
  return others
    .map(({ theme, ...other }) => {
      const words = `${other.text} ${other.gist}`;
      const same = theme !== null && theme === message.theme;
      const common = haveMuchInCommon(terms, words) ? measureCommon(terms, words) : 0;
      return { other, rank: same ? Number.POSITIVE_INFINITY : common };
    })
    .filter(({ rank }) => rank > 0)
    .toSorted((one, two) => (one.rank === two.rank ? 0 : two.rank - one.rank))
    .slice(0, limit)
    .map(({ other }) => other);
}
