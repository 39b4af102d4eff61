import { isIndexable } from '../../core/search.ts';
import type { Db, Tx } from '../db/tables.ts';
import { engineFor } from './engines.ts';

/**
 * The index of the words of all messages. `words` knows a message by a number, which `indexed` maps to the
 * message; in SQLite it is a virtual table of FTS5 and stores no text.
 */

interface MessageWords {
  channel: string;
  ts: string;
  /** Folded: a term is found only where it is written exactly like this. Null: never found. */
  words: string | null;
}

/** Indexes messages and replaces what the index had about them. */
export async function replaceWords(tx: Tx, messages: MessageWords[]): Promise<void> {
  const numbers = await readNumbers(tx, messages);
  if (numbers.size > 0) {
    await tx
      .deleteFrom('words')
      .where('rowid', 'in', [...numbers.values()])
      .execute();
  }
  const rows: { rowid: number; text: string }[] = [];
  for (const message of messages) {
    if (message.words === null) continue;
    const rowid = numbers.get(keyOf(message)) ?? (await addNumber(tx, message));
    rows.push({ rowid, text: message.words });
  }
  if (rows.length > 0) await tx.insertInto('words').values(rows).execute();
}

const keyOf = ({ channel, ts }: { channel: string; ts: string }) => `${channel} ${ts}`;

async function readNumbers(tx: Tx, messages: MessageWords[]): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  for (const [channel, some] of Map.groupBy(messages, (message) => message.channel)) {
    const rows = await tx
      .selectFrom('indexed')
      .selectAll()
      .where('channel', '=', channel)
      .where(
        'ts',
        'in',
        some.map(({ ts }) => ts),
      )
      .execute();
    for (const row of rows) numbers.set(keyOf(row), row.id);
  }
  return numbers;
}

/** Gives a message its number; later messages get higher ones. */
async function addNumber(tx: Tx, { channel, ts }: MessageWords): Promise<number> {
  // Microseconds: below 2^53 until 2255. Messages of two channels may have the same time.
  for (let id = Number(ts.replace('.', '')); ; id++) {
    const added = await tx
      .insertInto('indexed')
      .values({ id, channel, ts })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if ((added.numInsertedOrUpdatedRows ?? 0n) > 0n) return id;
  }
}

/**
 * A page of a channel's messages that have all or any of some terms, newest first.
 * @param terms each can be indexed; at least one
 * @param before where the previous page ended
 * @returns their ts, and where the next page begins: null after the last one
 */
export async function findWords(
  db: Db,
  {
    channel,
    terms,
    which,
    before,
  }: { channel: string; terms: string[]; which: 'all' | 'any'; before: number },
  limit: number,
): Promise<{ found: string[]; next: number | null }> {
  if (!terms.every(isIndexable)) throw new Error('the index has no words as short as that');
  const wanted = { channel, terms, which, before };
  const hits = await engineFor(db).findWords(db, wanted, limit);
  return {
    found: hits.flatMap(({ ts }) => ts ?? []),
    next: hits.length < limit ? null : Math.min(...hits.map(({ id }) => id)),
  };
}

/**
 * Words that were removed stay in SQLite's index until the parts of it that hold them are merged. Begins to merge
 * all of it, or goes on.
 * @returns false when nothing is left to merge
 */
export const mergeWords = (tx: Tx, begin: boolean): Promise<boolean> =>
  engineFor(tx).mergeWords(tx, begin);
