import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { Kysely, type Logger } from 'kysely';
import { backUpBefore } from './backup.ts';
import { findOtherOwner, isForeign, OtherWorkspaceError } from './check-file.ts';
import { Dialect } from './dialect.ts';
import { migrate, type Schema } from './migrate.ts';
import { isHalfRestored } from './restore.ts';
import { shortenLog } from './seal.ts';
import type { Db, Tables, Tx } from './tables.ts';

/** SQLite checkpoints at a thousand pages of 4 KB. */
const WAL_BYTES = 4_096_000;

/**
 * Opens the database and brings its tables up to date.
 * @param file a path or `:memory:`
 * @param team the workspace that it may belong to; undefined: to any
 * @throws OtherWorkspaceError: nothing was changed
 * @throws when the file cannot be opened, is not a database, belongs to another program or waits for the end of a
 * restore, or a migration fails
 */
export const openDatabase = (file: string, team?: string): Promise<Db> =>
  openFile<Tables>(file, 'sqlite', team);

/**
 * Opens a file for one workspace, which it belongs to from now on.
 * @param team the workspace's id
 * @throws OtherWorkspaceError, and as `openDatabase`
 */
export async function openWorkspaceFile(file: string, team: string): Promise<Db> {
  const db = await openDatabase(file, team);
  try {
    await setOwner(db, team);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** @returns the workspace that a file belongs to; undefined when no bot was started with it yet */
export async function findOwner(db: Db | Tx): Promise<string | undefined> {
  const row = await db.selectFrom('workspace').select('team').executeTakeFirst();
  return row?.team;
}

/** Lets a file belong to a workspace from now on. @throws OtherWorkspaceError */
export async function setOwner(db: Db | Tx, team: string): Promise<void> {
  const owner = await findOwner(db);
  if (owner === undefined) await db.insertInto('workspace').values({ team }).execute();
  else if (owner !== team) throw new OtherWorkspaceError(owner, team);
}

/** As `openDatabase`. @param schema which tables the file has */
export async function openFile<T>(file: string, schema: Schema, team?: string): Promise<Kysely<T>> {
  if (file !== ':memory:') {
    if (isHalfRestored(file)) throw new Error('a restore of it was broken off: run it again');
    await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  }
  const database = new Sqlite(file);
  if (isForeign(database, schema)) {
    database.close();
    throw new Error('it is the database of another program');
  }
  refuseOther(database, team);
  setUp(database);
  const dialect = new Dialect(database);
  const db = new Kysely<T>({ dialect });
  try {
    await migrate(db, schema, (last) => backUpBefore(database, file, last));
    // A container may keep the file alone, without its log.
    await shortenLog(db);
    dialect.forget();
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

/**
 * Opens the database to read it, while the bot uses it or not; its tables stay as they are.
 * @param team the workspace that it may belong to; undefined: to any
 * @throws OtherWorkspaceError
 * @throws when there is none, or the file is no database
 */
export function openReadOnly<T = Tables>(file: string, team?: string): Kysely<T> {
  const database = new Sqlite(file, { readonly: true, fileMustExist: true });
  refuseOther(database, team);
  database.pragma('busy_timeout = 5000');
  return new Kysely<T>({ dialect: new Dialect(database) });
}

/** Closes a database that belongs to another workspace. @throws OtherWorkspaceError */
function refuseOther(database: Sqlite.Database, team: string | undefined): void {
  const other = findOtherOwner(database, team);
  if (!other) return;
  database.close();
  throw other;
}

/**
 * A database in memory.
 * @param content of one whose tables are up to date
 * @param log hears of each statement
 */
export const openCopy = (content: Buffer, log?: Logger): Db => connect(new Sqlite(content), log);

function connect(database: Sqlite.Database, log?: Logger): Db {
  setUp(database);
  return new Kysely<Tables>({ dialect: new Dialect(database), ...(log && { log }) });
}

function setUp(database: Sqlite.Database): void {
  database.pragma('journal_mode = WAL');
  // An acknowledged event must survive a power cut: WAL's default syncs at checkpoints only.
  database.pragma('synchronous = FULL');
  // A reader that stays open lets the WAL grow; once it has gone, the file shrinks to this again.
  database.pragma(`journal_size_limit = ${WAL_BYTES}`);
  // What is deleted or replaced is overwritten, not only marked as free.
  database.pragma('secure_delete = ON');
  database.pragma('foreign_keys = ON');
  database.pragma('busy_timeout = 5000');
}
