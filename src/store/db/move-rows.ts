import { sql } from 'kysely';
import { engineOf } from './engine.ts';
import type { Tx } from './tables.ts';

/** Lets rows be moved before the rows that refer to them, or after: references are checked at the commit. */
export async function deferReferences(tx: Tx): Promise<void> {
  const isSqlite = engineOf(tx) === 'sqlite';
  await (isSqlite
    ? sql`pragma defer_foreign_keys = on`
    : sql`set constraints all deferred`
  ).execute(tx);
}

/** Gives a column of some rows another value. They replace rows that have the same key then. */
export async function moveRows(
  tx: Tx,
  table: string,
  { column, from, to }: { column: string; from: string; to: string },
): Promise<void> {
  const update = engineOf(tx) === 'sqlite' ? sql`update or replace` : sql`update`;
  if (engineOf(tx) === 'postgres') await deleteReplaced(tx, table, { column, from, to });
  await sql`${update} ${sql.table(table)} set ${sql.ref(column)} = ${to}
    where ${sql.ref(column)} = ${from}`.execute(tx);
}

async function deleteReplaced(
  tx: Tx,
  table: string,
  { column, from, to }: { column: string; from: string; to: string },
): Promise<void> {
  const { rows: keys } = await sql<{ columns: string[]; predicate: string }>`
    select coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') as predicate,
      array(select a.attname::text from unnest(i.indkey) as k
        join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k) as columns
    from pg_index as i where i.indrelid = ${table}::regclass and i.indisunique`.execute(tx);
  for (const { columns, predicate } of keys) {
    if (!columns.includes(column)) continue;
    const others = columns.filter((name) => name !== column);
    const rowsOf = (value: string) =>
      sql`(select ctid as row, * from ${sql.table(table)}
        where ${sql.ref(column)} = ${value} and ${sql.raw(predicate)})`;
    const same = others.map((name) => sql`${sql.ref(`old.${name}`)} = ${sql.ref(`moved.${name}`)}`);
    await sql`delete from ${sql.table(table)} where ctid in (
      select old.row from ${rowsOf(to)} as old join ${rowsOf(from)} as moved
      on ${same.length > 0 ? sql.join(same, sql` and `) : sql`true`})`.execute(tx);
  }
}
