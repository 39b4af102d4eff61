import { sql } from 'kysely';
import { openDatabase } from '../../src/store/db/open.ts';

/**
 * The tables of the bot, read from the SQLite database that its migrations make. Left out: the tables
 * of full-text search, triggers, and Kysely's own tables.
 */
export interface Table {
  name: string;
  columns: Column[];
  /** In its order; empty for a table without one. */
  primaryKey: string[];
  unique: string[][];
  references: { columns: string[]; table: string; to: string[] }[];
  indexes: Index[];
}

interface Column {
  name: string;
  type: 'bigint' | 'text' | 'double precision';
  required: boolean;
  preset: string | null;
  /** It counts up by itself. */
  counted: boolean;
}

interface Index {
  name: string;
  unique: boolean;
  /** Its columns, or an expression as it is written. */
  parts: string;
  where: string;
}

/** The tables, those that others refer to first. */
export async function readTables(): Promise<Table[]> {
  const db = await openDatabase(':memory:');
  const all = async <Row>(query: ReturnType<typeof sql<Row>>) => (await query.execute(db)).rows;
  const found = await all(sql<{ name: string; sql: string }>`
    select s.name, s.sql from sqlite_schema as s
    join pragma_table_list(s.name) as l on l.type = 'table' and l.schema = 'main'
    where s.type = 'table' and s.name not like 'sqlite%' and s.name not like 'kysely%'
    order by s.name`);
  const tables: Table[] = [];
  for (const { name, sql: text } of found) {
    const columns = await all(
      sql<{
        name: string;
        type: string;
        notnull: number;
        dflt_value: string | null;
        pk: number;
      }>`select * from pragma_table_info(${name})`,
    );
    const lists = await all(sql<{ name: string; unique: number; origin: string; sql: string }>`
      select l.*, s.sql from pragma_index_list(${name}) as l
      left join sqlite_schema as s on s.name = l.name order by l.name`);
    const unique: string[][] = [];
    const indexes: Index[] = [];
    for (const index of lists.filter(({ origin }) => origin !== 'pk')) {
      const parts = await all(
        sql<{ name: string | null }>`select name from pragma_index_info(${index.name})`,
      );
      const names = parts.flatMap((part) => part.name ?? []);
      if (index.origin === 'u') {
        unique.push(names);
        continue;
      }
      const where = /\swhere\s.*$/is.exec(index.sql)?.[0] ?? '';
      const written = /\(.*\)/s.exec(index.sql.slice(0, index.sql.length - where.length));
      indexes.push({
        name: index.name,
        unique: index.unique === 1,
        parts: names.length === parts.length ? list(names) : (written?.[0] ?? ''),
        where,
      });
    }
    const keys = await all(sql<{ id: number; table: string; from: string; to: string }>`
      select * from pragma_foreign_key_list(${name}) order by id, seq`);
    const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    const counted =
      /autoincrement/i.test(text) ||
      (key.length === 1 && key[0]?.name === 'id' && /integer/i.test(key[0].type));
    tables.push({
      name,
      columns: columns.map((column) => ({
        name: column.name,
        type: TYPES[column.type.toLowerCase()] ?? unknown(column.type),
        required: column.notnull === 1,
        preset: column.dflt_value,
        counted: counted && column.pk > 0,
      })),
      primaryKey: key.map((column) => column.name),
      unique,
      references: Object.values(Object.groupBy(keys, ({ id }) => id)).map((parts = []) => ({
        columns: parts.map(({ from }) => from),
        table: parts[0]?.table ?? '',
        to: parts.map(({ to }) => to),
      })),
      indexes,
    });
  }
  await db.destroy();
  return sortByReferences(tables);
}

const TYPES: Record<string, Column['type']> = {
  integer: 'bigint',
  text: 'text',
  real: 'double precision',
};

function unknown(type: string): never {
  throw new Error(`no type of PostgreSQL is known for ${type}`);
}

function sortByReferences(tables: Table[]): Table[] {
  const sorted: Table[] = [];
  const rest = new Set(tables);
  while (rest.size > 0) {
    for (const table of rest) {
      const open = table.references.some(
        ({ table: name }) =>
          name !== table.name && !sorted.some((earlier) => earlier.name === name),
      );
      if (open) continue;
      rest.delete(table);
      sorted.push(table);
    }
  }
  return sorted;
}

const list = (names: string[]) => names.map((name) => `"${name}"`).join(', ');

/** As after a move from SQLite: the filled rows have the ids below. */
const FIRST_ID = 1_000_001;

/**
 * PostgreSQL's DDL of the tables, one after the other.
 * @param owner a column that every table, key and index begins with, and how it is declared
 */
export function toDdl(tables: Table[], owner?: { name: string; declaration: string }): string[] {
  const keyOf = (names: string[]) => list(owner ? [owner.name, ...names] : names);
  return tables.flatMap((table) => [
    `create table "${table.name}" (${[
      ...(owner ? [`"${owner.name}" ${owner.declaration}`] : []),
      ...table.columns.map(declare),
      ...(table.primaryKey.length > 0 ? [`primary key (${keyOf(table.primaryKey)})`] : []),
      ...table.unique.map((names) => `unique (${keyOf(names)})`),
      ...table.references.map(
        ({ columns, table: other, to }) =>
          `foreign key (${keyOf(columns)}) references "${other}" (${keyOf(to)})`,
      ),
    ].join(', ')})`,
    ...table.indexes.map(
      ({ name, unique, parts, where }) =>
        `create ${unique ? 'unique ' : ''}index "${name}" on "${table.name}" (${owner ? `"${owner.name}", ` : ''}${parts})${where}`,
    ),
  ]);
}

function declare({ name, type, required, preset, counted }: Column): string {
  const parts = [`"${name}"`, type];
  if (counted) parts.push(`generated by default as identity (start with ${FIRST_ID})`);
  else if (preset !== null) parts.push(`default ${preset}`);
  if (required) parts.push('not null');
  return parts.join(' ');
}
