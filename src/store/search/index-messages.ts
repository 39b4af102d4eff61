import { foldText, SEARCHED_LENGTH } from '../../core/search.ts';
import { toPlainText } from '../../core/text.ts';
import type { Db, Tx } from '../db/tables.ts';
import { replaceWords } from '../text-index/message-words.ts';

/**
 * An index of all words of messages and gists. It is a little behind: messages that are new, edited
 * or deleted wait in `unindexed` until they are indexed.
 */

export type NameOf = (user: string) => string | undefined;

/** Messages, or characters of them, to index between two looks at the time. */
const ROWS_AT_ONCE = 10;
const CHARACTERS_AT_ONCE = 2_000;

/**
 * Indexes the next messages, newest first.
 * @param channel only this one
 * @returns how many; 0 when the index is complete
 */
export async function indexNext(tx: Tx, nameOf: NameOf, channel?: string): Promise<number> {
  const waiting = await tx
    .selectFrom('unindexed')
    .select(['channel', 'ts'])
    .$if(channel !== undefined, (query) => query.where('channel', '=', channel ?? ''))
    .orderBy('channel', 'desc')
    .orderBy('ts', 'desc')
    .limit(ROWS_AT_ONCE)
    .execute();
  const next: (Waiting & { text: string | null; gist: string | null })[] = [];
  for (const [where, some] of Map.groupBy(waiting, (row) => row.channel)) {
    const texts = await readTexts(
      tx,
      where,
      some.map(({ ts }) => ts),
    );
    next.push(...some.map((row) => ({ ...row, ...(texts.get(row.ts) ?? NO_TEXT) })));
  }

  let characters = 0;
  const rows = next.filter(({ text, gist }) => {
    const before = characters;
    characters += (text?.length ?? 0) + (gist?.length ?? 0);
    return before < CHARACTERS_AT_ONCE;
  });
  await replaceWords(
    tx,
    rows.map(({ channel: where, ts, text, gist }) => ({
      channel: where,
      ts,
      words: text === null ? null : toWords(text, gist, nameOf),
    })),
  );
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

interface Waiting {
  channel: string;
  ts: string;
}

const NO_TEXT = { text: null, gist: null };

/** @returns what is found of each message, by its ts; nothing of those that are deleted or forgotten */
async function readTexts(tx: Tx, channel: string, ts: string[]) {
  const rows = await tx
    .selectFrom('messages')
    .leftJoin('verdicts', (join) =>
      join
        .onRef('verdicts.id', '=', 'messages.verdict')
        .onRef('verdicts.revision', '=', 'messages.revision'),
    )
    .select((eb) => [
      'messages.ts',
      eb.fn<string>('substr', ['messages.text', eb.lit(1), eb.lit(SEARCHED_LENGTH)]).as('text'),
      'verdicts.gist',
    ])
    .where('messages.channel', '=', channel)
    .where('messages.ts', 'in', ts)
    .where('messages.deleted_at', 'is', null)
    .where('messages.forgotten', 'is', null)
    .execute();
  return new Map(rows.map(({ ts: key, ...found }) => [key, found]));
}

/** The text of a message that is indexed and compared. */
export const toWords = (text: string, gist: string | null, nameOf: NameOf) =>
  foldText(`${toPlainText(text, nameOf)}\n${gist ?? ''}`);

const VERDICTS_AT_ONCE = 100;

/** Queues verdicts with new gists. @returns how many verdicts were checked; 0 when none are left */
export async function queueGists(tx: Tx): Promise<number> {
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

/** How many messages of a channel are not indexed yet, counted up to `limit`. */
export async function countUnindexed(db: Db, channel: string, limit: number): Promise<number> {
  const rows = await db
    .selectFrom('unindexed')
    .select('ts')
    .where('channel', '=', channel)
    .limit(limit)
    .execute();
  return rows.length;
}
