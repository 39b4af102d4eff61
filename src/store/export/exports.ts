import type { Selectable } from 'kysely';
import { msToTs } from '../../core/timestamps.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';

/**
 * Exports: asked → sending (the file is at Slack, which is asked to share it) → accepted (Slack will)
 * → done (it is there), or failed. Slack discards a file that was never shared, so everything before
 * `sending` can be repeated.
 */

export type Export = Selectable<Tables['exports']>;

/** @returns false when this person is already waiting for an export of this channel */
export async function askExport(
  tx: Tx,
  asked: Pick<Export, 'channel' | 'user' | 'format' | 'since'>,
  now: number,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('exports')
    .values({
      ...asked,
      state: 'asked',
      messages: null,
      file: null,
      im: null,
      next_at: now,
      trouble: null,
      asked_at: now,
      ended_at: null,
    })
    .onConflict((conflict) =>
      conflict.columns(['channel', 'user']).where('ended_at', 'is', null).doNothing(),
    )
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The open export with the earliest time, due or not. */
export function nextExport(db: Db): Promise<Export | undefined> {
  return db
    .selectFrom('exports')
    .selectAll()
    .where('ended_at', 'is', null)
    .orderBy('next_at')
    .limit(1)
    .executeTakeFirst();
}

export async function updateExport(
  db: Db | Tx,
  id: number,
  change: Partial<Omit<Export, 'id' | 'channel' | 'user' | 'format' | 'since' | 'asked_at'>>,
): Promise<void> {
  await db.updateTable('exports').set(change).where('id', '=', id).execute();
}

/** Changes an export that is being sent, unless its file is to be made again meanwhile. */
export async function updateSending(
  db: Db,
  id: number,
  file: string,
  change: Parameters<typeof updateExport>[2],
): Promise<void> {
  await db
    .updateTable('exports')
    .set(change)
    .where('id', '=', id)
    .where('state', '=', 'sending')
    .where('file', '=', file)
    .execute();
}

/** The scope of an export: a channel's messages from `since` (ms) on, without deleted ones. */
const selectExported = (db: Db, { channel, since }: Pick<Export, 'channel' | 'since'>) =>
  db
    .selectFrom('messages')
    .where('messages.channel', '=', channel)
    .where('messages.deleted_at', 'is', null)
    .$if(since !== null, (query) => query.where('messages.ts', '>=', msToTs(since ?? 0)));

export async function countExported(
  db: Db,
  scope: Pick<Export, 'channel' | 'since'>,
): Promise<number> {
  const { messages } = await selectExported(db, scope)
    .select((eb) => eb.fn.countAll<number>().as('messages'))
    .executeTakeFirstOrThrow();
  return messages;
}

export type ExportedMessage = Awaited<ReturnType<typeof readExported>>[number];

/**
 * The next page of an export, in the order in which the messages were posted. @param after '' for
 * the first page
 */
export function readExported(
  db: Db,
  scope: Pick<Export, 'channel' | 'since'>,
  after: string,
  limit: number,
) {
  return (
    selectExported(db, scope)
      // A verdict on a text that was edited since says nothing.
      .leftJoin('verdicts', (join) =>
        join
          .onRef('verdicts.id', '=', 'messages.verdict')
          .onRef('verdicts.revision', '=', 'messages.revision'),
      )
      .leftJoin('flags', (join) =>
        join.onRef('flags.channel', '=', 'messages.channel').onRef('flags.ts', '=', 'messages.ts'),
      )
      .select((eb) => [
        'messages.channel',
        'messages.ts',
        'messages.thread_ts as threadTs',
        'messages.posted_at as postedAt',
        'messages.author',
        'messages.author_name as authorName',
        'messages.text',
        'messages.state',
        'verdicts.category',
        'verdicts.also',
        'verdicts.sentiment',
        'verdicts.urgency',
        'verdicts.gist',
        'verdicts.language',
        'verdicts.confidence',
        'verdicts.person',
        'verdicts.model',
        'verdicts.taxonomy_version as taxonomyVersion',
        'verdicts.created_at as judgedAt',
        'flags.state as flag',
        'flags.by as flagBy',
        'flags.reason as dismissedAs',
        'flags.duplicate_of as duplicateOf',
        // People do not see what one person alone says as a theme.
        eb
          .selectFrom('theme_members as member')
          .innerJoin('themes', 'themes.id', 'member.theme')
          .select('themes.title')
          .whereRef('member.channel', '=', 'messages.channel')
          .whereRef('member.ts', '=', 'messages.ts')
          .whereRef('member.revision', '=', 'messages.revision')
          .where((inner) =>
            inner.exists(
              inner
                .selectFrom('theme_members as other')
                .select('other.ts')
                .innerJoin('messages as told', (join) =>
                  join
                    .onRef('told.channel', '=', 'other.channel')
                    .onRef('told.ts', '=', 'other.ts'),
                )
                .whereRef('other.theme', '=', 'member.theme')
                .where('told.deleted_at', 'is', null)
                .where((told) =>
                  told(
                    told.fn.coalesce('told.voice', 'told.ts'),
                    '!=',
                    told.fn.coalesce('messages.voice', 'messages.ts'),
                  ),
                ),
            ),
          )
          .as('theme'),
      ])
      .where('messages.ts', '>', after)
      .orderBy('messages.ts')
      .limit(limit)
      .execute()
  );
}
