import { sql } from 'kysely';
import { DAY_MS, HOUR_MS } from '../core/durations.ts';
import { greater } from './db/engine.ts';
import type { Tx } from './db/tables.ts';

/** Times until which rows wait, by the clock of this machine; and how long each kind of row waits at most. */
const WAITS = [
  { table: 'outbox', column: 'next_at', longestMs: DAY_MS },
  { table: 'holds', column: 'try_at', longestMs: DAY_MS },
  { table: 'batches', column: 'next_at', longestMs: 2 * DAY_MS },
  { table: 'batches', column: 'remove_at', longestMs: 2 * DAY_MS },
  { table: 'groupings', column: 'next_at', longestMs: HOUR_MS },
  { table: 'exports', column: 'next_at', longestMs: DAY_MS },
  { table: 'homes', column: 'next_at', longestMs: HOUR_MS },
  { table: 'rehearsals', column: 'next_at', longestMs: HOUR_MS },
  { table: 'runs', column: 'stale_at', longestMs: HOUR_MS },
] as const;

/** Lets everything wait only for what was left before the clock was set back. @param ms by how much it was */
export async function shiftWaits(tx: Tx, ms: number, now: number): Promise<void> {
  for (const { table, column } of WAITS) {
    const at = sql.ref(column);
    await sql`update ${sql.table(table)} set ${at} = ${greater(sql`${at} - ${ms}`, now)}
      where ${at} > ${now}`.execute(tx);
  }
}

/** Lets go on at once what waits longer than its kind can: the clock was ahead when it was written. */
export async function endLongWaits(tx: Tx, now: number): Promise<void> {
  for (const { table, column, longestMs } of WAITS) {
    const at = sql.ref(column);
    await sql`update ${sql.table(table)} set ${at} = ${now}
      where ${at} > ${now + longestMs}`.execute(tx);
  }
}
