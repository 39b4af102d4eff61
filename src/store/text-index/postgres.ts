import { sql } from 'kysely';
import { NEWEST, selectTexts, TEXT } from './columns.ts';
import type { IndexedText, TextIndexEngine } from './engine.ts';

/**
 * Full-text search of the bot's own: texts are folded before they are stored, and terms are looked for in those of
 * the channel. Under row-level security PostgreSQL would use no index of trigrams
 * (see docs/decisions/workspaces-share-tables.md).
 */
export const postgres: TextIndexEngine = {
  async add(tx, index, rows) {
    await tx
      .insertInto(index as 'examples')
      .values(
        rows.map(({ id, ...columns }) => {
          const { text, words } = columns as { text?: string; words?: string };
          return { rowid: id, ...columns, folded: (text ?? words ?? '').toLowerCase() } as never;
        }),
      )
      .execute();
  },

  async rank(db, index, { channel, terms }, limit) {
    // BM25 as in SQLite: a term counts more the rarer it is, and less in a longer text.
    const { rows } = await sql<IndexedText>`
      with texts as (
        select rowid, channel, ${TEXT[index]} as text, ${NEWEST[index]} as newest, folded,
          count(*) over () as texts, length(folded) / avg(length(folded)) over () as length
        from ${sql.table(index)} where channel = ${channel}
      ), hits as (
        select texts.*, term.term,
          (length(folded) - length(replace(folded, term.term, ''))) / length(term.term) as times
        from texts cross join unnest(${terms}::text[]) as term (term)
        where strpos(folded, term.term) > 0
      ), weighed as (
        select hits.*,
          greatest(ln((texts - count(*) over (partition by term) + 0.5)
            / (count(*) over (partition by term) + 0.5)), 0.000001) as rarity
        from hits
      )
      select rowid as id, channel, text from weighed
      group by rowid, channel, text, newest
      order by sum(rarity * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * length))) desc, newest desc
      limit ${limit}`.execute(db);
    return rows;
  },

  async containing(db, index, { channel, phrase }) {
    // As with trigrams.
    if ([...phrase].length < 3) return [];
    return selectTexts(db, index)
      .where('channel', '=', channel)
      .where(sql<boolean>`strpos(folded, ${phrase.toLowerCase()}) > 0`)
      .execute();
  },

  async compact() {
    // PostgreSQL does it by itself.
  },

  async findWords(db, { channel, terms, which, before }, limit) {
    const { rows } = await sql<{ id: number; ts: string }>`
      select words.rowid as id, indexed.ts from words
      join indexed on indexed.id = words.rowid and indexed.channel = ${channel}
      where words.rowid < ${before} and (${sql.join(
        terms.map((term) => sql`strpos(words.text, ${term}) > 0`),
        which === 'all' ? sql` and ` : sql` or `,
      )})
      order by words.rowid desc limit ${limit}`.execute(db);
    return rows;
  },

  mergeWords: async () => false,
};
