import type Sqlite from 'better-sqlite3';
import { CompiledQuery, type Driver, SqliteAdapter, SqliteDialect } from 'kysely';

/**
 * Kysely's dialect for SQLite, except for three things:
 * - a transaction takes the write lock at once: one that reads first and then writes fails at once
 *   when another process is writing, because SQLite waits (`busy_timeout`) only at the beginning;
 * - SQLite can roll back DDL, though Kysely does not count on it: a migration is applied whole or
 *   not at all;
 * - a full disk makes SQLite roll back by itself: to roll back again would fail and hide the cause.
 */
export class Dialect extends SqliteDialect {
  readonly #database: Sqlite.Database;
  readonly #statements: Map<string, Sqlite.Statement>;

  constructor(database: Sqlite.Database) {
    const statements = new Map<string, Sqlite.Statement>();
    const prepare = cacheStatements(database, statements);
    super({ database: { prepare, close: () => database.close() } });
    this.#database = database;
    this.#statements = statements;
  }

  /** Frees what was needed only once, at the start: migrations leave hundreds of statements and pages. */
  forget(): void {
    this.#statements.clear();
    this.#database.pragma('shrink_memory');
  }

  override createAdapter(): SqliteAdapter {
    return Object.defineProperty(new SqliteAdapter(), 'supportsTransactionalDdl', { value: true });
  }

  override createDriver(): Driver {
    const driver = super.createDriver();
    const rollBack = driver.rollbackTransaction.bind(driver);
    driver.rollbackTransaction = async (connection) => {
      if (this.#database.inTransaction) await rollBack(connection);
    };
    driver.beginTransaction = async (connection) => {
      await connection.executeQuery(CompiledQuery.raw('begin immediate'));
    };
    return driver;
  }
}

/** Enough for all statements that the bot executes again and again. */
const STATEMENTS_KEPT = 250;

/**
 * Prepares each statement once: Kysely prepares it at every call, which takes longer than to execute
 * a bulk insert. The least recently used statement is dropped first. SQLite itself prepares a
 * statement again when the schema has changed.
 */
function cacheStatements(
  database: Sqlite.Database,
  known: Map<string, Sqlite.Statement>,
): (sql: string) => Sqlite.Statement {
  return (sql) => {
    const statement = known.get(sql) ?? database.prepare(sql);
    known.delete(sql);
    known.set(sql, statement);
    const [oldest] = known.keys();
    if (known.size > STATEMENTS_KEPT && oldest !== undefined) known.delete(oldest);
    return statement;
  };
}
