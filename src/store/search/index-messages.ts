import { foldText, SEARCHED_LENGTH } from '../../core/search.ts';
import { toPlainText } from '../../core/text.ts';
import type { Db, Tx } from '../db/tables.ts';
import { replaceWords } from '../text-index/message-words.ts';

/**
 * An index of all words of messages and gists, behind the messages by a little: what is new, was
 * edited or deleted stands in `unindexed` until it is taken in.
 */

export type NameOf = (user: string) => string | undefined;

/** So many messages, or so many characters of them, are indexed before anybody looks at the time. */
const ROWS_AT_ONCE = 10;
const CHARACTERS_AT_ONCE = 2_000;

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
    .select((eb) => [
      'unindexed.channel',
      'unindexed.ts',
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
  await replaceWords(
    tx,
    rows.map(({ channel: where, ts, text, gist, deleted_at }) => ({
      channel: where,
      ts,
      words: text === null || deleted_at !== null ? null : toWords(text, gist, nameOf),
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

/** What is looked through of a message, as it is indexed and compared. */
export const toWords = (text: string, gist: string | null, nameOf: NameOf) =>
  foldText(`${toPlainText(text, nameOf)}\n${gist ?? ''}`);

const VERDICTS_AT_ONCE = 100;

/** Notices whose gists are new. @returns how many verdicts were gone through; none: all are */
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
