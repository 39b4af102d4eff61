import { SEARCHED_LENGTH } from '../../core/search.ts';
import type { Db } from '../db/tables.ts';
import { findWords } from '../text-index/message-words.ts';
import { type NameOf, toWords } from './index-messages.ts';

/** Finds messages by their words: through the index, or one by one. */

export interface Found {
  ts: string;
  threadTs: string | null;
  postedAt: number;
  /** As Slack sent it, only the beginning. */
  text: string;
  gist: string | null;
  category: string | null;
  emoji: string | null;
  /** All the text that was searched, folded. */
  words: string;
}

interface FoundPage {
  found: Found[];
  /** Where the next page begins; null after the last one. */
  next: number | null;
}

const PAGE = 100;

/**
 * A page of a channel's messages that have indexed terms, newest first, without deleted ones.
 * @param terms each can be indexed; at least one
 * @param before where the previous page ended
 */
export async function findPage(
  db: Db,
  {
    channel,
    terms,
    which,
    before,
  }: { channel: string; terms: string[]; which: 'all' | 'any'; before: number },
  nameOf: NameOf,
): Promise<FoundPage> {
  const { found, next } = await findWords(db, { channel, terms, which, before }, PAGE);
  if (found.length === 0) return { found: [], next };
  const rows = await selectFound(db)
    .where('messages.channel', '=', channel)
    .where('messages.ts', 'in', found)
    .orderBy('messages.ts', 'desc')
    .execute();
  return { found: toFound(rows, nameOf), next };
}

/** A page of all messages of a channel, newest first, for terms that the index cannot look up. */
export async function readPage(
  db: Db,
  { channel, before }: { channel: string; before: string | null },
  nameOf: NameOf,
): Promise<{ found: Found[]; next: string | null }> {
  const rows = await selectFound(db)
    .where('messages.channel', '=', channel)
    .$if(before !== null, (query) => query.where('messages.ts', '<', before ?? ''))
    .orderBy('messages.ts', 'desc')
    .limit(PAGE)
    .execute();
  return {
    found: toFound(rows, nameOf),
    next: rows.length < PAGE ? null : (rows.at(-1)?.ts ?? null),
  };
}

const selectFound = (db: Db) =>
  db
    .selectFrom('messages')
    .leftJoin('verdicts', (join) =>
      join
        .onRef('verdicts.id', '=', 'messages.verdict')
        .onRef('verdicts.revision', '=', 'messages.revision'),
    )
    .select((eb) => [
      'messages.ts',
      'messages.thread_ts as threadTs',
      'messages.posted_at as postedAt',
      eb.fn<string>('substr', ['messages.text', eb.lit(1), eb.lit(SEARCHED_LENGTH)]).as('text'),
      'verdicts.gist',
      'verdicts.category',
      'verdicts.emoji',
    ])
    .where('messages.deleted_at', 'is', null)
    .where('messages.forgotten', 'is', null)
    .where('messages.state', '!=', 'copy');

const toFound = (rows: Omit<Found, 'words'>[], nameOf: NameOf): Found[] =>
  rows.map((row) => ({ ...row, words: toWords(row.text, row.gist, nameOf) }));
