import { type Expression, type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from './tables.ts';

/** The databases that the bot can use. Statements run on both, but for those that ask here; migrations are written for each. */
export type Engine = 'sqlite' | 'postgres';

export const engineOf = <T>(db: Kysely<T>): Engine =>
  db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite';

/** A column that SQLite does not begin with: its index would lead through everything in the channel. */
export const notFirst = <T = string>(db: Db | Tx, column: string): RawBuilder<T> =>
  engineOf(db) === 'sqlite' ? sql<T>`+${sql.ref(column)}` : sql<T>`${sql.ref(column)}`;

/** Of two numbers: SQLite says `min` and `max`, PostgreSQL `least` and `greatest`. */
export const lesser = (one: Expression<number>, other: number) =>
  sql<number>`case when ${one} < ${other} then ${one} else ${other} end`;

export const greater = (one: Expression<number>, other: number) =>
  sql<number>`case when ${one} > ${other} then ${one} else ${other} end`;
