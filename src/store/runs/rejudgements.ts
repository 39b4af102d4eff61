import type { Selectable } from 'kysely';
import type { Db, Tables, Tx } from '../db/tables.ts';
import type { PendingSize } from '../intake/pending.ts';

/**
 * Judging messages again after a change of the categories, one row a channel: marking (its messages
 * are marked, in pages) → marked (a run has to be opened) → done. A marked message keeps its
 * verdict until a run has judged it again.
 */

export type Rejudgement = Selectable<Tables['rejudgements']>;

/** @returns false when it was asked for already and has not begun */
export async function askToRejudge(
  tx: Tx,
  {
    settings,
    channel,
    sinceTs,
    user,
  }: { settings: number; channel: string; sinceTs: string; user: string },
  now: number,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('rejudgements')
    .values({
      settings,
      channel,
      since_ts: sinceTs,
      marked_ts: null,
      stage: 'marking',
      asked_by: user,
      asked_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['settings', 'channel'])
        .doUpdateSet({
          stage: 'marking',
          marked_ts: null,
          since_ts: sinceTs,
          asked_by: user,
          asked_at: now,
        })
        // What was canceled, for instance, can be asked for again.
        .where('rejudgements.stage', '=', 'done'),
    )
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export function listOpenRejudgements(db: Db | Tx): Promise<Rejudgement[]> {
  return db
    .selectFrom('rejudgements')
    .selectAll()
    .where('stage', '!=', 'done')
    .orderBy('settings')
    .orderBy('channel')
    .execute();
}

export async function updateRejudgement(
  tx: Tx,
  { settings, channel }: Pick<Rejudgement, 'settings' | 'channel'>,
  change: Partial<Pick<Rejudgement, 'stage' | 'marked_ts'>>,
): Promise<void> {
  await tx
    .updateTable('rejudgements')
    .set(change)
    .where('settings', '=', settings)
    .where('channel', '=', channel)
    .execute();
}

interface Range {
  channel: string;
  /** The first message to check. */
  sinceTs: string;
  /** Messages up to here have been checked. */
  after: string | null;
  /** Messages judged under this version of the taxonomy are left out. */
  taxonomyVersion: number;
}

/**
 * Messages judged by Claude under other categories and by no person: what a person says outranks
 * Claude.
 */
function selectJudged(db: Db | Tx, { channel, sinceTs, after }: Range, limit: number) {
  return db
    .selectFrom('messages')
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict')
    .where('messages.channel', '=', channel)
    .where('messages.ts', '>=', sinceTs)
    .where('messages.ts', '>', after ?? '')
    .where('messages.state', '=', 'judged')
    .where('messages.deleted_at', 'is', null)
    .where('messages.forgotten', 'is', null)
    .orderBy('messages.ts')
    .limit(limit)
    .select([
      'messages.ts',
      'messages.again',
      'verdicts.person',
      'verdicts.taxonomy_version',
      (eb) => eb.fn<number>('length', ['messages.text']).as('characters'),
    ]);
}

/**
 * The next page of what would be judged again in a channel.
 * @param most how many characters of a message Claude is shown
 * @returns its end, or null when nothing is left; how many messages count, and their characters
 */
export async function measureJudged(
  db: Db | Tx,
  range: Range,
  limit: number,
  most: number,
): Promise<PendingSize & { last: string | null }> {
  const rows = await selectJudged(db, range, limit).execute();
  const wanted = rows.filter(
    (row) => row.person === null && row.taxonomy_version !== range.taxonomyVersion,
  );
  return {
    last: rows.at(-1)?.ts ?? null,
    messages: wanted.length,
    characters: wanted.reduce((sum, { characters }) => sum + Math.min(characters, most), 0),
  };
}

/** Marks the next page of a channel. @returns its end, or null when nothing is left */
export async function markJudged(tx: Tx, range: Range, limit: number): Promise<string | null> {
  const rows = await selectJudged(tx, range, limit).execute();
  const wanted = rows.filter(
    (row) =>
      row.person === null && row.taxonomy_version !== range.taxonomyVersion && row.again === 0,
  );
  if (wanted.length > 0) {
    await tx
      .updateTable('messages')
      .set({ again: 1, tries: 0 })
      .where('channel', '=', range.channel)
      .where(
        'ts',
        'in',
        wanted.map(({ ts }) => ts),
      )
      .execute();
  }
  return rows.at(-1)?.ts ?? null;
}

export async function hasMarked(db: Db | Tx, channel: string): Promise<boolean> {
  const row = await db
    .selectFrom('messages')
    .select('ts')
    .where('channel', '=', channel)
    .where('again', '=', 1)
    .where('deleted_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** How many messages a run has judged again although their texts had not changed. */
export async function countRejudged(db: Db | Tx, run: number): Promise<number> {
  const { messages } = await db
    .selectFrom('requests')
    .innerJoin('batches', 'batches.id', 'requests.batch')
    .select((eb) => eb.fn.countAll<number>().as('messages'))
    .where('batches.run', '=', run)
    .where('requests.again', '=', 1)
    .where('requests.outcome', '=', 'judged')
    .executeTakeFirstOrThrow();
  return messages;
}
