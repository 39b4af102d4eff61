import Sqlite from 'better-sqlite3';
import type { Points } from './points.ts';

const WRITTEN = /\b(?:into|update|from)\s+"?(\w+)/i;
const SCHEMA = /^\s*(?:create|alter|drop)\b/i;

/**
 * A commit is a `commit`, or a writing statement outside of a transaction. One that has written
 * nothing leaves everything as it was, and how many there are hangs on timing.
 */
export function watchSqlite({ passBefore, pass }: Points): void {
  type Statement = Sqlite.Statement<unknown[]>;
  const written = new Set<string>();
  let watching = false;

  const commitsNow = (statement: Statement): boolean => {
    const { source, database, readonly } = statement;
    if (/^\s*commit/i.test(source)) return written.size > 0;
    if (/^\s*(begin|rollback)/i.test(source)) {
      written.clear();
      return false;
    }
    const table = SCHEMA.test(source) ? 'schema' : WRITTEN.exec(source)?.[1];
    if (!readonly && table) written.add(table);
    return !readonly && !database.inTransaction;
  };
  const watch =
    <Result>(method: (...values: unknown[]) => Result) =>
    (statement: Statement, values: unknown[]): Result => {
      if (!commitsNow(statement)) return method.apply(statement, values);
      const label = `commit ${[...written].sort().join('+') || 'pragma'}`;
      written.clear();
      const place = passBefore(label);
      const result = method.apply(statement, values);
      pass('after', label, place);
      return result;
    };

  const { prepare } = Sqlite.prototype;
  Sqlite.prototype.prepare = function (this: Sqlite.Database, source: string) {
    const statement = prepare.call(this, source);
    if (!watching) {
      watching = true;
      // The class of statements is not exported: it is met at the first one.
      const statements: Statement = Object.getPrototypeOf(statement);
      const run = watch(statements.run);
      const all = watch(statements.all);
      const get = watch(statements.get);
      statements.run = function (...values) {
        return run(this, values);
      };
      statements.all = function (...values) {
        return all(this, values);
      };
      statements.get = function (...values) {
        return get(this, values);
      };
    }
    return statement;
  } as typeof prepare;
}
