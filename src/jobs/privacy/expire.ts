import { DAY_MS, HOUR_MS } from '../../core/durations.ts';
import { DELETED_DAYS } from '../../core/privacy/forgotten.ts';
import { addForgetting, findLastOwn } from '../../store/privacy/forgettings.ts';
import { findEarliest } from '../../store/privacy/remembered.ts';
import { type Context, earliest, type NextAt } from '../context.ts';

/**
 * Asks for what is to be forgotten by time alone: what was deleted in Slack a day ago, and what is older than the
 * team wants texts to be kept. Many are forgotten together, because each time writes the database anew.
 */

const AT_MOST_EVERY = { deleted: HOUR_MS, old: DAY_MS };

export async function expire(context: Context): Promise<NextAt> {
  const {
    settings: { retentionMs },
  } = context;
  const { deleted, posted } = await findEarliest(context.db);
  return earliest([
    await expireKind(context, 'deleted', deleted, DELETED_DAYS * DAY_MS),
    retentionMs === null ? null : await expireKind(context, 'old', posted, retentionMs),
  ]);
}

/** @param first the earliest moment of what is kept; null: there is nothing */
async function expireKind(
  { db, clock }: Context,
  kind: 'deleted' | 'old',
  first: number | null,
  keptMs: number,
): Promise<NextAt> {
  if (first === null) return null;
  const now = clock.now();
  const last = await findLastOwn(db, kind);
  const dueAt = Math.max(first + keptMs, last === null ? 0 : last + AT_MOST_EVERY[kind]);
  if (dueAt > now) return dueAt;
  const what = { channel: null, ts: null, person: null, name: null, by_name: 0, by: null };
  await db
    .transaction()
    .execute((tx) => addForgetting(tx, { kind, ...what, before: now - keptMs }, now));
  return now + AT_MOST_EVERY[kind];
}
