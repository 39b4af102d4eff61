import type { ControlDb, ControlTx } from './tables.ts';

/**
 * The inbox: what Slack sent for a workspace. Any process receives and puts it here, and the one that works for the
 * workspace handles it. It then removes it or, if Slack waits for more than an acknowledgement, answers it: the
 * process that received it takes the answer.
 */

export interface Envelope {
  /** A UUID, made by the process that received it. */
  id: string;
  team: string;
  /** ms since 1970 */
  receivedAt: number;
  /** When nobody needs it any more, in ms since 1970; null: it is kept until it is handled. */
  expiresAt: number | null;
  /** What Slack sent. Whatever JSON can hold. */
  content: unknown;
}

/** Puts an envelope into the inbox. The same one a second time changes nothing. */
export async function putEnvelope(db: ControlDb | ControlTx, envelope: Envelope): Promise<void> {
  const { id, team, receivedAt, expiresAt, content } = envelope;
  await db
    .insertInto('inbox')
    .values({
      ...{ id, team, received_at: receivedAt, expires_at: expiresAt },
      ...{ envelope: JSON.stringify(content), answer: null, answered_at: null },
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

const selectWaiting = (db: ControlDb, now: number) =>
  db
    .selectFrom('inbox')
    .where('answered_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]));

/** The envelopes of a workspace that are neither handled nor expired, in the order in which they came. */
export async function listWaiting(
  db: ControlDb,
  team: string,
  { now, limit }: { now: number; limit: number },
): Promise<Envelope[]> {
  const rows = await selectWaiting(db, now)
    .select(['id', 'received_at as receivedAt', 'expires_at as expiresAt', 'envelope'])
    .where('team', '=', team)
    .orderBy('received_at')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ envelope, ...row }) => ({ ...row, team, content: JSON.parse(envelope) }));
}

/** How many envelopes wait for each workspace that has any, by its id. */
export async function countWaiting(db: ControlDb, now: number): Promise<Map<string, number>> {
  const rows = await selectWaiting(db, now)
    .select((eb) => ['team', eb.fn.countAll<number>().as('waiting')])
    .groupBy('team')
    .orderBy('team')
    .execute();
  return new Map(rows.map(({ team, waiting }) => [team, waiting]));
}

/** The workspaces that an envelope waits for, by id. */
export async function listWaitingTeams(db: ControlDb, now: number): Promise<string[]> {
  return [...(await countWaiting(db, now)).keys()];
}

/**
 * Answers an envelope, which has been handled by that.
 * @param answer whatever JSON can hold, also null
 * @returns false when nobody waits for it any more: it was answered before, or has expired and was removed
 */
export async function answerEnvelope(
  db: ControlDb | ControlTx,
  id: string,
  answer: unknown,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('inbox')
    .set({ answer: JSON.stringify(answer ?? null), answered_at: now })
    .where('id', '=', id)
    .where('answered_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Takes the answer to an envelope, which is removed with it. @returns undefined when there is none yet */
export async function takeAnswer(
  db: ControlDb,
  id: string,
): Promise<{ answer: unknown } | undefined> {
  const row = await db
    .deleteFrom('inbox')
    .where('id', '=', id)
    .where('answered_at', 'is not', null)
    .returning('answer')
    .executeTakeFirst();
  return row && { answer: JSON.parse(row.answer ?? 'null') };
}

/** Removes an envelope that was handled and whose answer nobody waits for. */
export async function removeEnvelope(db: ControlDb | ControlTx, id: string): Promise<void> {
  await db.deleteFrom('inbox').where('id', '=', id).execute();
}

/** Removes answers that nobody has taken. @param before ms since 1970 @returns how many */
export const removeAnswers = (db: ControlDb, before: number): Promise<number> =>
  removeUntil(db, 'answered_at', before);

/** Removes what has expired, handled or not. @returns how many */
export const removeExpired = (db: ControlDb, now: number): Promise<number> =>
  removeUntil(db, 'expires_at', now);

/** Removes what nobody could handle, however long it is to be kept. @returns how many */
export const removeOld = (db: ControlDb, before: number): Promise<number> =>
  removeUntil(db, 'received_at', before);

async function removeUntil(
  db: ControlDb,
  column: 'answered_at' | 'expires_at' | 'received_at',
  until: number,
): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('inbox')
    .where(column, '<=', until)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
