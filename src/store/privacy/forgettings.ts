import { hash } from 'node:crypto';
import type { Selectable } from 'kysely';
import { tsToMs } from '../../core/timestamps.ts';
import { greater } from '../db/engine.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';

/**
 * Acts of forgetting: erasing (texts) → showing (what was posted about them) → sealing (the database)
 * → emptying (its log) → done.
 * A message, reply or theme says in `forgotten` which act it was.
 */

export type Forgetting = Selectable<Tables['forgettings']>;

export type Asked = Pick<
  Forgetting,
  'kind' | 'channel' | 'ts' | 'person' | 'name' | 'by_name' | 'before' | 'by'
>;

/** @returns its id */
export async function addForgetting(tx: Tx, asked: Asked, now: number): Promise<number> {
  const { id } = await tx
    .insertInto('forgettings')
    .values({ ...asked, asked_at: now, stage: 'erasing', shown_at: null, ended_at: null })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/**
 * Whether the same was asked for and has not been carried out. Of a person who has written more since, or more of
 * whom is to be forgotten, the act that is still erasing takes that in as well; a later one is another act.
 */
export async function isAsked(tx: Tx, asked: Asked): Promise<boolean> {
  const { kind, channel, ts, person } = asked;
  if (kind === 'person') {
    const { numUpdatedRows } = await tx
      .updateTable('forgettings')
      .set((eb) => ({
        before: asked.before,
        by_name: greater(eb.ref('by_name'), asked.by_name),
        name: eb.fn.coalesce(eb.val(asked.name), 'name'),
      }))
      .where('stage', '=', 'erasing')
      .where('kind', '=', kind)
      .where('person', '=', person)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }
  const row = await tx
    .selectFrom('forgettings')
    .select('id')
    .where('ended_at', 'is', null)
    .where('kind', '=', kind)
    .where('ts', 'is not distinct from', ts)
    .where('channel', '=', channel)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The acts that have not ended, in their order. */
export function listOpenForgettings(db: Db): Promise<Forgetting[]> {
  return db
    .selectFrom('forgettings')
    .selectAll()
    .where('ended_at', 'is', null)
    .orderBy('id')
    .execute();
}

export async function updateForgetting(
  db: Db | Tx,
  id: number,
  change: Partial<Pick<Forgetting, 'stage' | 'name' | 'looked_at' | 'shown_at' | 'ended_at'>>,
): Promise<void> {
  await db.updateTable('forgettings').set(change).where('id', '=', id).execute();
}

/** Adds to what an act has made the bot forget. */
export async function countForgotten(
  tx: Tx,
  id: number,
  { messages, replies }: { messages: number; replies: number },
): Promise<void> {
  await tx
    .updateTable('forgettings')
    .set((eb) => ({
      messages: eb('messages', '+', messages),
      replies: eb('replies', '+', replies),
    }))
    .where('id', '=', id)
    .execute();
}

/** When the bot last began to forget something by itself; null: never. */
export async function findLastOwn(db: Db, kind: 'deleted' | 'old'): Promise<number | null> {
  const row = await db
    .selectFrom('forgettings')
    .select((eb) => eb.fn.max<number | null>('asked_at').as('at'))
    .where('kind', '=', kind)
    .executeTakeFirst();
  return row?.at ?? null;
}

/** Changes whenever texts are forgotten: what was read before a change may hold some of them. */
export async function readForgottenMark(db: Db | Tx): Promise<string> {
  const { acts, texts } = await db
    .selectFrom('forgettings')
    .select((eb) => [
      eb.fn.coalesce(eb.fn.max('id'), eb.lit(0)).as('acts'),
      eb.fn
        .coalesce(eb.fn.sum<number>(eb('messages', '+', eb.ref('replies'))), eb.lit(0))
        .as('texts'),
    ])
    .executeTakeFirstOrThrow();
  return `${acts} ${texts}`;
}

/** Whether texts are being forgotten at the moment. */
export async function isErasing(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('forgettings')
    .select('id')
    .where('ended_at', 'is', null)
    .where('stage', '=', 'erasing')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Why a message was forgotten. */
export async function findKind(tx: Tx, id: number): Promise<Forgetting['kind'] | undefined> {
  const row = await tx
    .selectFrom('forgettings')
    .select('kind')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.kind;
}

/**
 * The act that has made the bot forget all that the person behind a message had written by then. It covers
 * what the bot sees only later, too.
 */
export async function findForgettingOf(
  tx: Tx,
  { author, reporter, ts }: { author: string | null; reporter?: string | null; ts: string },
): Promise<number | undefined> {
  const known = [author, reporter ?? null].filter((person) => person !== null);
  if (known.length === 0) return undefined;
  const row = await tx
    .selectFrom('forgettings')
    .select('id')
    .where('kind', '=', 'person')
    .where('person', 'in', known)
    .where('before', '>', tsToMs(ts))
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

/** Tells two texts, or two names, apart without holding either of them. */
export const fingerprint = (words: string): string => hash('sha256', words);
