import { sql } from 'kysely';
import { foldText, isIndexable, SEARCHED_LENGTH } from '../../core/search.ts';
import { toPlainText } from '../../core/text.ts';
import type { Db, Tx } from '../db/tables.ts';

/**
 * An index of all words of messages and gists, behind the messages by a little: what is new, was
 * edited or deleted stands in `unindexed` until it is taken in.
 */

type NameOf = (user: string) => string | undefined;

/** So many messages, or so many characters of them, are indexed before anybody else has a turn. */
const ROWS_AT_ONCE = 50;
const CHARACTERS_AT_ONCE = 10_000;

/**
 * Takes in the next messages, the newest first.
 * @param channel only of this one
 * @returns how many; none means that the index has everything
 */
export async function indexNext(tx: Tx, nameOf: NameOf, channel?: string): Promise<number> {
  const next = await tx
    .selectFrom('unindexed')
    .leftJoin('messages', (join) =>
      join
        .onRef('messages.channel', '=', 'unindexed.channel')
        .onRef('messages.ts', '=', 'unindexed.ts'),
    )
    .leftJoin('verdicts', (join) =>
      join
        .onRef('verdicts.id', '=', 'messages.verdict')
        .onRef('verdicts.revision', '=', 'messages.revision'),
    )
    .leftJoin('indexed', (join) =>
      join
        .onRef('indexed.channel', '=', 'unindexed.channel')
        .onRef('indexed.ts', '=', 'unindexed.ts'),
    )
    .select((eb) => [
      'unindexed.channel',
      'unindexed.ts',
      'indexed.id',
      eb
        .fn<string | null>('substr', ['messages.text', eb.lit(1), eb.lit(SEARCHED_LENGTH)])
        .as('text'),
      'messages.deleted_at',
      'verdicts.gist',
    ])
    .$if(channel !== undefined, (query) => query.where('unindexed.channel', '=', channel ?? ''))
    .orderBy('unindexed.channel', 'desc')
    .orderBy('unindexed.ts', 'desc')
    .limit(ROWS_AT_ONCE)
    .execute();

  let characters = 0;
  const rows = next.filter(({ text, gist }) => {
    const before = characters;
    characters += (text?.length ?? 0) + (gist?.length ?? 0);
    return before < CHARACTERS_AT_ONCE;
  });
  if (rows.length === 0) return 0;
  const known = rows.flatMap(({ id }) => id ?? []);
  if (known.length > 0) await tx.deleteFrom('words').where('rowid', 'in', known).execute();
  const words: { rowid: number; text: string }[] = [];
  for (const { channel: where, ts, id, text, gist, deleted_at } of rows) {
    if (text === null || deleted_at !== null) continue;
    const rowid = id ?? (await number(tx, where, ts));
    words.push({ rowid, text: toWords(text, gist, nameOf) });
  }
  if (words.length > 0) await tx.insertInto('words').values(words).execute();
  for (const [where, done] of Map.groupBy(rows, (row) => row.channel)) {
    await tx
      .deleteFrom('unindexed')
      .where('channel', '=', where)
      .where(
        'ts',
        'in',
        done.map(({ ts }) => ts),
      )
      .execute();
  }
  return rows.length;
}

const toWords = (text: string, gist: string | null, nameOf: NameOf) =>
  foldText(`${toPlainText(text, nameOf)}\n${gist ?? ''}`);

/** Gives a message its number: the later it was posted, the higher. */
async function number(tx: Tx, channel: string, ts: string): Promise<number> {
  // Microseconds: below 2^53 until 2255. Messages of two channels may have come at the same one.
  for (let id = Number(ts.replace('.', '')); ; id++) {
    const added = await tx
      .insertInto('indexed')
      .values({ id, channel, ts })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if ((added.numInsertedOrUpdatedRows ?? 0n) > 0n) return id;
  }
}

const VERDICTS_AT_ONCE = 500;

/** Notices whose gists are new. @returns how many verdicts were gone through; none: all are */
export async function noticeGists(tx: Tx): Promise<number> {
  const { up_to: from } = await tx
    .selectFrom('indexed_verdicts')
    .select('up_to')
    .executeTakeFirstOrThrow();
  const { to, verdicts } = await tx
    .selectFrom((eb) =>
      eb
        .selectFrom('verdicts')
        .select('id')
        .where('id', '>', from)
        .orderBy('id')
        .limit(VERDICTS_AT_ONCE)
        .as('next'),
    )
    .select((eb) => [eb.fn.max('id').as('to'), eb.fn.countAll<number>().as('verdicts')])
    .executeTakeFirstOrThrow();
  if (verdicts === 0) return 0;
  await tx
    .insertInto('unindexed')
    .columns(['channel', 'ts'])
    .expression((eb) =>
      eb
        .selectFrom('verdicts')
        .select(['channel', 'ts'])
        .where('id', '>', from)
        .where('id', '<=', to),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await tx.updateTable('indexed_verdicts').set({ up_to: to }).execute();
  return verdicts;
}

/** How many messages of a channel the index has not taken in yet, counted up to `limit`. */
export async function countUnindexed(db: Db, channel: string, limit: number): Promise<number> {
  const rows = await db
    .selectFrom('unindexed')
    .select('ts')
    .where('channel', '=', channel)
    .limit(limit)
    .execute();
  return rows.length;
}

export interface Found {
  ts: string;
  threadTs: string | null;
  postedAt: number;
  /** As Slack sent it, its beginning. */
  text: string;
  gist: string | null;
  category: string | null;
  emoji: string | null;
  /** All that was looked through, folded. */
  words: string;
}

interface FoundPage {
  found: Found[];
  /** Where the next page goes on; null when this was the last one. */
  next: number | null;
}

const PAGE = 100;

/**
 * A page of a channel's messages, the newest first, that have indexed terms; deleted ones never.
 * @param terms each of them indexable; at least one
 * @param before where the last page ended
 */
export async function findPage(
  db: Db,
  {
    channel,
    terms,
    match,
    before,
  }: { channel: string; terms: string[]; match: 'all' | 'any'; before: number },
  nameOf: NameOf,
): Promise<FoundPage> {
  if (!terms.every(isIndexable)) throw new Error('the index has no words as short as that');
  const query = terms
    .map((term) => `"${term.replaceAll('"', '""')}"`)
    .join(match === 'all' ? ' AND ' : ' OR ');
  // In two steps: joined, the planner would go through all messages of the channel.
  const { rows: hits } = await sql<{ id: number; ts: string | null }>`
    select hit.rowid as id, indexed.ts from
      (select rowid from words where words match ${query} and rowid < ${before}
        order by rowid desc limit ${PAGE}) as hit
      left join indexed on indexed.id = hit.rowid and indexed.channel = ${channel}`.execute(db);
  const next = hits.length < PAGE ? null : Math.min(...hits.map(({ id }) => id));
  const ts = JSON.stringify(hits.flatMap((hit) => hit.ts ?? []));
  const rows = await selectFound(db)
    .where('messages.channel', '=', channel)
    .where('messages.ts', 'in', sql<string>`(select value from json_each(${ts}))`)
    .orderBy('messages.ts', 'desc')
    .execute();
  return { found: toFound(rows, nameOf), next };
}

/** A page of all of a channel's messages, the newest first: for what the index cannot look up. */
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
    .where('messages.deleted_at', 'is', null);

const toFound = (rows: Omit<Found, 'words'>[], nameOf: NameOf): Found[] =>
  rows.map((row) => ({ ...row, words: toWords(row.text, row.gist, nameOf) }));
