import { type Kysely, sql } from 'kysely';

/** What the tables of a database are like, and which changes of them harm a process that works as before. */

export interface Catalog {
  /** By `table.column`. */
  columns: Map<string, Column>;
  /** What refuses rows, or is named in `on conflict`: by table and definition. */
  rules: Set<string>;
}

interface Column {
  type: string;
  nullable: boolean;
  hasDefault: boolean;
}

export async function readCatalog<T>(db: Kysely<T>): Promise<Catalog> {
  const { rows: columns } = await sql<Column & { name: string }>`
    select table_name || '.' || column_name as name, udt_name as type,
        is_nullable = 'YES' as nullable,
        column_default is not null or is_identity = 'YES' as "hasDefault"
      from information_schema.columns where table_schema = 'public'`.execute(db);
  const { rows: rules } = await sql<{ rule: string }>`
    select conrelid::regclass || ': ' || pg_get_constraintdef(oid) as rule from pg_constraint
      where connamespace = 'public'::regnamespace and contype in ('c', 'f', 'p', 'u', 'x')
    union select indrelid::regclass || ': ' || pg_get_indexdef(indexrelid) from pg_index
      join pg_class on pg_class.oid = indrelid
      where indisunique and relnamespace = 'public'::regnamespace`.execute(db);
  return {
    // The driver may give 1 for true.
    columns: new Map(
      columns.map(({ name, type, nullable, hasDefault }) => [
        name,
        { type, nullable: Boolean(nullable), hasDefault: Boolean(hasDefault) },
      ]),
    ),
    rules: new Set(rules.map(({ rule }) => rule)),
  };
}

const tableOf = (name: string) => name.split(/[.:]/)[0] ?? '';

/** @returns what a process that knows only the tables of before cannot do any more, or does wrong */
export function listHarms(before: Catalog, after: Catalog): string[] {
  const tables = new Set([...before.columns.keys()].map(tableOf));
  return [...compareColumns(before, after, tables), ...compareRules(before, after, tables)].sort();
}

function* compareColumns(
  before: Catalog,
  after: Catalog,
  tables: ReadonlySet<string>,
): Generator<string> {
  for (const [name, was] of before.columns) {
    const is = after.columns.get(name);
    if (!is) yield `${name} is gone`;
    else if (is.type !== was.type) yield `${name} is ${is.type}, and was ${was.type}`;
    else if (was.nullable && !is.nullable) yield `${name} must not be null any more`;
    else if (was.hasDefault && !is.hasDefault) yield `${name} has no default any more`;
  }
  for (const [name, { nullable, hasDefault }] of after.columns) {
    const isNew = tables.has(tableOf(name)) && !before.columns.has(name);
    if (isNew && !nullable && !hasDefault) yield `${name} is new, and must not be left out`;
  }
}

function* compareRules(
  before: Catalog,
  after: Catalog,
  tables: ReadonlySet<string>,
): Generator<string> {
  for (const rule of before.rules) if (!after.rules.has(rule)) yield `gone: ${rule}`;
  for (const rule of after.rules) {
    if (tables.has(tableOf(rule)) && !before.rules.has(rule)) yield `new: ${rule}`;
  }
}
