import type { Selectable } from 'kysely';
import {
  type ActiveAct,
  isStateAct,
  type Refusal,
  type StateActKind,
} from '../../core/people/acts.ts';
import type { AuditedState } from '../../core/people/decide.ts';
import type { Db, Tables, Tx } from '../db/tables.ts';
import { resolveCopy } from '../intake/copies.ts';

/**
 * What people did: asked → taken, or refused. An act is committed as asked before it is
 * acknowledged; whether the person may, and what follows, is decided later. This table is the audit
 * log.
 */

export type Act = Selectable<Tables['acts']>;

/** An act on a copy is one on its original. @returns its id */
export async function askAct(
  tx: Tx,
  act: Pick<Act, 'channel' | 'ts' | 'user' | 'kind' | 'source'> &
    Partial<Pick<Act, 'category' | 'also' | 'undoes' | 'reason' | 'duplicate_of'>>,
  now: number,
): Promise<number> {
  const { id } = await tx
    .insertInto('acts')
    .values({
      category: null,
      undoes: null,
      ...act,
      ts: await resolveCopy(tx, act.channel, act.ts),
      undone_by: null,
      state: 'asked',
      refusal: null,
      at: now,
      before: null,
      after: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** The oldest asked act with an id above `after`, in channels that the bot is in. */
export function nextAskedAct(db: Db, after: number): Promise<Act | undefined> {
  return db
    .selectFrom('acts')
    .innerJoin('channels', 'channels.id', 'acts.channel')
    .selectAll('acts')
    .where('acts.state', '=', 'asked')
    .where('acts.id', '>', after)
    .where('channels.state', '=', 'member')
    .orderBy('acts.id')
    .limit(1)
    .executeTakeFirst();
}

export function findAct(db: Db | Tx, id: number): Promise<Act | undefined> {
  return db.selectFrom('acts').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The id of the newest act; 0 when there is none. */
export async function findLastActId(db: Db): Promise<number> {
  const { last } = await db
    .selectFrom('acts')
    .select((eb) => eb.fn.max('id').as('last'))
    .executeTakeFirstOrThrow();
  return last ?? 0;
}

/** The acts on a message after another one, or not taken yet, in order; without those that were refused. */
export function listActsAfter(
  tx: Tx,
  { channel, ts }: { channel: string; ts: string },
  after: number,
): Promise<Act[]> {
  return tx
    .selectFrom('acts')
    .selectAll()
    .where('channel', '=', channel)
    .where('ts', '=', ts)
    .where((eb) => eb.or([eb('id', '>', after), eb('state', '=', 'asked')]))
    .where('state', '!=', 'refused')
    .orderBy('id')
    .execute();
}

/** The active acts on a message, in order. */
export async function listActiveActs(
  db: Db | Tx,
  channel: string,
  ts: string,
): Promise<ActiveAct[]> {
  return (await readStandingActs(db, channel, [ts])).get(ts) ?? [];
}

/** The active acts on each of these messages, in order. */
export async function readStandingActs(
  db: Db | Tx,
  channel: string,
  ts: string[],
): Promise<Map<string, ActiveAct[]>> {
  const rows = await db
    .selectFrom('acts')
    .select(['ts', 'id', 'user', 'kind', 'category', 'also', 'at'])
    .select(['reason', 'duplicate_of as duplicateOf'])
    .where('channel', '=', channel)
    .where('ts', 'in', ts)
    .where('state', '=', 'taken')
    .where('undone_by', 'is', null)
    .orderBy('id')
    .execute();
  const acts = new Map<string, ActiveAct[]>();
  for (const { ts: one, kind, reason, duplicateOf, ...act } of rows) {
    if (!isStateAct(kind)) continue;
    const why = { reason, duplicateOf };
    acts.set(one, [...(acts.get(one) ?? []), { ...act, kind, ...(kind === 'dismiss' && { why }) }]);
  }
  return acts;
}

/** The act that the last act on a message undid, if it was an undo. */
export async function findLastUndo(
  db: Db | Tx,
  channel: string,
  ts: string,
): Promise<{ kind: StateActKind; by: string; at: number; departed: boolean } | null> {
  const last = await db
    .selectFrom('acts')
    .leftJoin('acts as undone', 'undone.id', 'acts.undoes')
    .select(['acts.kind as act', 'undone.kind', 'acts.user as by', 'acts.at', 'acts.source'])
    .where('acts.channel', '=', channel)
    .where('acts.ts', '=', ts)
    .where('acts.state', '=', 'taken')
    .orderBy('acts.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!last) return null;
  const { act, kind, source, ...undo } = last;
  // A dismissal with a reason replaces one without: that takes nothing back.
  if (act !== 'undo' || !kind || !isStateAct(kind)) return null;
  return { ...undo, kind, departed: source === 'departure' };
}

/** The act that stands in place of one that was replaced; itself if none does. */
export async function resolveReplaced(tx: Tx, id: number): Promise<number> {
  const next = await tx
    .selectFrom('acts')
    .innerJoin('acts as later', 'later.id', 'acts.undone_by')
    .select('later.id')
    .where('acts.id', '=', id)
    .where('later.kind', '!=', 'undo')
    .executeTakeFirst();
  return next ? resolveReplaced(tx, next.id) : id;
}

export async function markActTaken(
  tx: Tx,
  { id, undoes }: Pick<Act, 'id' | 'undoes'>,
  category: string | null,
): Promise<void> {
  await tx.updateTable('acts').set({ state: 'taken', category }).where('id', '=', id).execute();
  if (undoes !== null) {
    await tx.updateTable('acts').set({ undone_by: id }).where('id', '=', undoes).execute();
  }
}

export async function recordActEffect(
  tx: Tx,
  id: number,
  { before, after }: { before: AuditedState; after: AuditedState },
): Promise<void> {
  await tx
    .updateTable('acts')
    .set({ before: JSON.stringify(before), after: JSON.stringify(after) })
    .where('id', '=', id)
    .execute();
}

/** Records that a message is there again, and what that changed: nobody has asked for it. */
export async function recordRevival(
  tx: Tx,
  message: Pick<Act, 'channel' | 'ts' | 'user'>,
  effect: { before: AuditedState; after: AuditedState },
  now: number,
): Promise<void> {
  const id = await askAct(tx, { ...message, kind: 'revive', source: 'slack' }, now);
  await markActTaken(tx, { id, undoes: null }, null);
  await recordActEffect(tx, id, effect);
}

export async function refuseAct(tx: Tx, id: number, refusal: Refusal): Promise<void> {
  await tx.updateTable('acts').set({ state: 'refused', refusal }).where('id', '=', id).execute();
}
