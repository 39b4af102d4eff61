import Sqlite from 'better-sqlite3';

/** Imported before the bot: what SQLite says on a file system without locks, on which no lock is ever had. */
const { exec } = Sqlite.prototype;
Sqlite.prototype.exec = function (this: Sqlite.Database, source: string) {
  if (source.startsWith('begin exclusive')) {
    throw new Sqlite.SqliteError('database is locked', 'SQLITE_BUSY');
  }
  return exec.call(this, source);
};
