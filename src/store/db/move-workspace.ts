import { createHash } from 'node:crypto';
import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';
import { addTexts } from '../text-index/similar-texts.ts';
import { engineOf } from './engine.ts';
import { deferReferences } from './move-rows.ts';
import { setOwner } from './open.ts';
import { withoutNul } from './postgres/lane.ts';
import { listSharedTables } from './postgres/workspace.ts';
import type { Db, Tx } from './tables.ts';

/** Copies a whole workspace from one database into another, and compares both. At most one is of PostgreSQL. */

export interface MovedTable {
  table: string;
  rows: number;
}

/** The two databases do not fit together, or the copy is not the same: nothing was changed. */
export class MoveError extends Error {}

/** The workspace has rows in the other database already. */
export class TakenError extends MoveError {}

/** The workspace has no rows. */
export class NothingToMoveError extends MoveError {}

/** Tables that each database makes by itself. */
const OWN =
  /^(?:kysely_|sqlite_|owners$|workspace$|unindexed$|indexed$|(?:words|examples|theme_words)(?:$|_))/;

/** A new workspace has a row there. */
const SEEDED = 'indexed_verdicts';

/** Values in a statement: SQLite takes 32,766, PostgreSQL twice as many. */
const VALUES_AT_ONCE = 10_000;

export interface Table {
  name: string;
  columns: string[];
  /** Without one it has one row. */
  key: string[];
}

type Row = Record<string, unknown>;

/**
 * @param from both are of the same workspace, and nobody else uses them
 * @param moved.team the workspace, which a file belongs to from now on; undefined when nobody knows it
 * @param moved.onTable hears of each table once it is copied and compared
 * @throws MoveError, OtherWorkspaceError: nothing was changed
 */
export async function moveWorkspace(
  from: Db,
  to: Db,
  { team, onTable }: { team: string | undefined; onTable: (moved: MovedTable) => void },
): Promise<void> {
  const tables = await listTables(from, to);
  await to.transaction().execute(async (tx) => {
    await deferReferences(tx);
    const taken = await findTaken(tx, tables);
    if (taken) {
      throw new TakenError(
        `its table ${taken} has rows of this workspace already. Move into a database on which no bot was started for it: make a new one`,
      );
    }
    await tx.deleteFrom(SEEDED).execute();
    let rows = 0;
    for (const table of tables) {
      const copied = await copyTable(from, tx, table);
      onTable({ table: table.name, rows: copied });
      if (table.name !== SEEDED) rows += copied;
    }
    if (rows === 0) throw new NothingToMoveError('there is nothing of this workspace to move');
    await copyTexts(from, tx);
    // Not before: a move that is refused leaves a file that belongs to nobody.
    if (team !== undefined && engineOf(tx) === 'sqlite') await setOwner(tx, team);
    await countOn(from, tx, tables);
  });
}

/** @returns how many rows both have of a workspace; undefined when they differ */
export async function countSame(one: Db, other: Db): Promise<number | undefined> {
  let rows = 0;
  for (const table of await listTables(one, other)) {
    const [here, there] = [await hashTable(one, table), await hashTable(other, table)];
    if (here.hash !== there.hash) return undefined;
    rows += here.rows;
  }
  return rows;
}

/** The tables of both, and their columns: they have to be the same. */
async function listTables(from: Db, to: Db): Promise<Table[]> {
  const [there, here] = [await readTables(from), await readTables(to)];
  const names = (tables: Table[]) =>
    JSON.stringify(tables.map(({ name, columns }) => [name, columns]));
  if (names(there) !== names(here)) {
    throw new MoveError('its tables are not those of this version');
  }
  const keys = await readKeys(engineOf(from) === 'sqlite' ? from : to);
  // A trigger refuses a channel whose id is known as a former one.
  const last = (name: string) => Number(name === 'channel_ids');
  return there
    .map((table) => ({ ...table, key: keys.get(table.name) ?? [] }))
    .sort((one, other) => last(one.name) - last(other.name));
}

async function readTables(db: Db): Promise<Table[]> {
  const tables = await db.introspection.getTables();
  const shared = engineOf(db) === 'postgres' ? await listSharedTables(db) : undefined;
  return tables
    .filter(({ name, isView }) => !isView && !OWN.test(name))
    .filter(({ name }) => !shared || shared.includes(name))
    .map(({ name, columns }) => ({
      name,
      columns: columns
        .map((column) => column.name)
        .filter((column) => column !== 'team')
        .sort(),
      key: [],
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The columns of each primary key, in their order. */
async function readKeys(sqlite: Db): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ table: string; name: string }>`
    select tables.name as "table", columns.name from pragma_table_list as tables,
      pragma_table_info(tables.name) as columns
    where columns.pk > 0 order by tables.name, columns.pk`.execute(sqlite);
  const keys = new Map<string, string[]>();
  for (const { table, name } of rows) keys.set(table, [...(keys.get(table) ?? []), name]);
  return keys;
}

async function findTaken(tx: Tx, tables: Table[]): Promise<string | undefined> {
  for (const { name } of tables) {
    if (name === SEEDED) continue;
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(tx);
    if (rows.length > 0) return name;
  }
  return undefined;
}

/** The rows of a table by their keys, a page at a time. */
async function* readPages(
  db: QueryExecutorProvider,
  { name, columns, key }: Table,
): AsyncGenerator<Row[]> {
  const list = (of: string[]) => sql.join(of.map((column) => sql.ref(column)));
  const limit = Math.floor(VALUES_AT_ONCE / columns.length);
  let after: RawBuilder<unknown> = sql``;
  for (;;) {
    const order = key.length > 0 ? sql`order by ${list(key)}` : sql``;
    const { rows } = await sql<Row>`
      select ${list(columns)} from ${sql.table(name)} ${after} ${order} limit ${sql.lit(limit)}`.execute(
      db,
    );
    if (rows.length > 0) yield rows.map(clean);
    const last = rows.at(-1);
    if (rows.length < limit || last === undefined) return;
    const values = sql.join(key.map((column) => sql.val(last[column])));
    after = sql`where (${list(key)}) > (${values})`;
  }
}

const clean = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([column, value]) => [column, withoutNul(value)]));

/** What is hashed: the same in both databases. */
const toLine = ({ columns }: Table, row: Row): string =>
  `${JSON.stringify(columns.map((column) => row[column] ?? null))}\n`;

/** @returns how many rows @throws MoveError when they do not arrive as they were */
export async function copyTable(
  from: QueryExecutorProvider,
  tx: QueryExecutorProvider,
  table: Table,
): Promise<number> {
  const columns = sql.join(table.columns.map((column) => sql.ref(column)));
  const copied = await hashTable(from, table, async (rows) => {
    const values = rows.map(
      (row) => sql`(${sql.join(table.columns.map((column) => sql.val(row[column] ?? null)))})`,
    );
    await sql`insert into ${sql.table(table.name)} (${columns}) values ${sql.join(values)}`.execute(
      tx,
    );
  });
  const found = await hashTable(tx, table);
  if (copied.hash !== found.hash || copied.rows !== found.rows) {
    throw new MoveError(
      `the table ${table.name} differs: ${copied.rows} rows were read, ${found.rows} are there`,
    );
  }
  return copied.rows;
}

async function hashTable(
  db: QueryExecutorProvider,
  table: Table,
  onPage: (rows: Row[]) => Promise<void> = async () => {},
) {
  const hash = createHash('sha256');
  let count = 0;
  for await (const rows of readPages(db, table)) {
    for (const row of rows) hash.update(toLine(table, row));
    count += rows.length;
    await onPage(rows);
  }
  return { rows: count, hash: hash.digest('hex') };
}

/**
 * Each database indexes texts in its own way. All messages wait for it from when they were inserted; what is
 * compared with other texts is added now.
 */
async function copyTexts(from: Db, tx: Tx): Promise<void> {
  const examples = await from
    .selectFrom('examples')
    .select(['rowid as id', 'channel', 'ts', 'text'])
    .orderBy('rowid')
    .execute();
  for (const one of examples) await addTexts(tx, 'examples', [one]);
  const themes = await from
    .selectFrom('theme_words')
    .select(['rowid as id', 'channel', 'words'])
    .orderBy('rowid')
    .execute();
  for (const one of themes) await addTexts(tx, 'theme_words', [one]);
}

/** New rows get ids that no row had before, also none that was deleted: keys of posts have them. */
async function countOn(from: Db, tx: Tx, tables: Table[]): Promise<void> {
  for (const { name, key } of tables) {
    const [column] = key;
    if (column === undefined || key.length > 1) continue;
    const last = await readCounter(from, name, column);
    if (last !== null) await setCounter(tx, name, column, last);
  }
}

/** @returns the last id that a table has given out; null when it gives none */
async function readCounter(db: Db, table: string, column: string): Promise<number | null> {
  if (engineOf(db) === 'sqlite') {
    const { rows } = await sql<{ seq: number }>`
      select seq from sqlite_sequence where name = ${table}`.execute(db);
    return rows[0]?.seq ?? null;
  }
  const sequence = await findSequence(db, table, column);
  if (sequence === null) return null;
  const { rows } = await sql<{ last: number; called: number }>`
    select last_value as last, is_called as called from ${sql.table(sequence)}`.execute(db);
  const [{ last, called } = { last: 0, called: 0 }] = rows;
  return called ? last : last - 1;
}

async function setCounter(tx: Tx, table: string, column: string, last: number): Promise<void> {
  if (engineOf(tx) === 'sqlite') {
    const { rows } = await sql`select 1 from sqlite_sequence where name = ${table}`.execute(tx);
    await (rows.length > 0
      ? sql`update sqlite_sequence set seq = max(seq, ${last}) where name = ${table}`
      : sql`insert into sqlite_sequence (name, seq) values (${table}, ${last})`
    ).execute(tx);
    return;
  }
  const sequence = await findSequence(tx, table, column);
  if (sequence === null || last < 1) return;
  // Not below what other workspaces have counted to meanwhile.
  await sql`
    select setval(${sequence}, greatest(${last}, last_value)) from ${sql.table(sequence)}
    where last_value < ${last} or not is_called`.execute(tx);
}

/** @returns its name; null when the column counts nothing */
async function findSequence(db: Db | Tx, table: string, column: string): Promise<string | null> {
  const { rows } = await sql<{ sequence: string | null }>`
    select pg_get_serial_sequence(${table}, ${column}) as sequence`.execute(db);
  return rows[0]?.sequence ?? null;
}
