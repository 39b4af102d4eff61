import { promises as fs } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import {
  type Driver,
  type Generated,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  type Transaction,
} from 'kysely';
import { FileMigrationProvider, Migrator } from 'kysely/migration';
import type { ActKind, ActSource, FlagState, Refusal } from '../../core/people/acts.ts';
import type { MergeState, ThemeActKind } from '../../core/themes/themes.ts';

/** The tables, column by column as migrations/ makes them; what each is for stands there. */
export interface Tables {
  channels: {
    id: string;
    name: string | null;
    state: 'member' | 'left';
    since_ts: string | null;
    swept_ts: string | null;
    invited_by: string | null;
    offer: 'none' | 'due' | 'made' | 'answered';
  };
  users: {
    id: string;
    name: string | null;
    fetched_at: number | null;
    role: 'member' | 'guest' | 'bot' | null;
    time_zone: string | null;
    locale: string | null;
  };
  members: { channel: string; user: string; seen_at: number };
  taxonomies: { version: Generated<number>; content: string; created_at: number };
  runs: {
    id: Generated<number>;
    channel: string;
    stage: 'claiming' | 'judging' | 'done';
    cause: 'command' | 'schedule';
    requested_by: string | null;
    with_digest: number;
    taxonomy_version: number;
    model: string;
    claim_until: number;
    created_at: number;
    ended_at: number | null;
    canceled_by: string | null;
    trouble: string | null;
    stale_since: number | null;
    stale_at: number | null;
    expected_messages: Generated<number>;
    expected_nano_usd: number | null;
    published_at: number | null;
    written: Generated<number>;
  };
  messages: {
    channel: string;
    ts: string;
    thread_ts: string | null;
    author: string | null;
    author_name: string | null;
    text: string;
    revision: number;
    edited_ts: string | null;
    posted_at: number;
    collected_at: number;
    deleted_at: number | null;
    state: 'pending' | 'claimed' | 'judged' | 'dead';
    run: number | null;
    tries: Generated<number>;
    trouble: string | null;
    verdict: number | null;
    digest: number | null;
    again: Generated<number>;
  };
  replies: {
    channel: string;
    ts: string;
    thread_ts: string;
    author: string | null;
    author_name: string | null;
    text: string;
    edited_ts: string | null;
    deleted_at: number | null;
  };
  batches: {
    id: Generated<number>;
    run: number;
    stage: 'filling' | 'ready' | 'submitting' | 'submitted' | 'ended' | 'collected';
    claude_id: string | null;
    adopted: Generated<number>;
    cancel_asked: Generated<number>;
    submitted_at: number | null;
    ended_at: number | null;
    next_at: number;
    attempts: Generated<number>;
    input_tokens: Generated<number>;
    output_tokens: Generated<number>;
    nano_usd: Generated<number | null>;
  };
  foreign_batches: { claude_id: string };
  requests: {
    batch: number;
    channel: string;
    ts: string;
    revision: number;
    outcome: string | null;
    examples: string | null;
    again: Generated<number>;
    themes: Generated<string | null>;
  };
  verdicts: {
    id: Generated<number>;
    channel: string;
    ts: string;
    revision: number;
    run: number;
    taxonomy_version: number;
    category: string;
    emoji: string | null;
    sentiment: string;
    urgency: string;
    gist: string;
    language: string;
    confidence: number;
    flagged: number;
    model: string;
    created_at: number;
    person: string | null;
    theme: Generated<number | null>;
  };
  flags: {
    channel: string;
    ts: string;
    state: FlagState;
    by: string | null;
    opened_at: number;
    changed_at: number;
    touched_at: number;
    reminded_at: number | null;
  };
  cards: { channel: string; ts: string; key: string };
  acts: {
    id: Generated<number>;
    channel: string;
    ts: string;
    user: string;
    kind: ActKind;
    category: string | null;
    source: ActSource;
    undoes: number | null;
    undone_by: number | null;
    state: 'asked' | 'taken' | 'refused';
    refusal: Refusal | null;
    at: number;
    before: string | null;
    after: string | null;
  };
  reactions: {
    channel: string;
    item_ts: string;
    user: string;
    name: string;
    present: number;
    changed_ts: string;
    heard_at: number;
    act: number | null;
  };
  examples: { rowid: number; channel: string; ts: string; text: string };
  themes: {
    id: number;
    channel: string;
    title: string;
    named_by: string;
    run: number | null;
    created_at: number;
    touched_at: number;
    merged_into: number | null;
    indexed: number;
  };
  theme_members: {
    channel: string;
    ts: string;
    theme: number;
    revision: number;
    person: string | null;
    taken_from: number | null;
    at: number;
  };
  theme_words: { rowid: number; channel: string; words: string };
  theme_merges: {
    id: Generated<number>;
    channel: string;
    one: number;
    other: number;
    run: number;
    state: MergeState;
    moved: string | null;
    by: string | null;
    at: number;
  };
  theme_acts: {
    id: Generated<number>;
    channel: string;
    user: string;
    kind: ThemeActKind;
    ts: string | null;
    theme: number | null;
    merge: number | null;
    state: 'asked' | 'taken' | 'refused';
    refusal: Refusal | null;
    at: number;
  };
  groupings: {
    run: number;
    stage: 'assigning' | 'asking' | 'closing' | 'done';
    since: number;
    next_at: number;
    attempts: Generated<number>;
    requests: Generated<number>;
    input_tokens: Generated<number>;
    output_tokens: Generated<number>;
    nano_usd: Generated<number | null>;
  };
  outbox: {
    id: Generated<number>;
    key: string;
    lane: string;
    channel: string;
    priority: number;
    effect: string;
    parent: string | null;
    about: string | null;
    state: 'waiting' | 'sending' | 'done' | 'dead';
    attempts: Generated<number>;
    next_at: number;
    sending_since: number | null;
    posted_ts: string | null;
    trouble: string | null;
    created_at: number;
    ended_at: number | null;
  };
  settings: {
    id: Generated<number>;
    content: string | null;
    taxonomy_version: number;
    changed_by: string;
    changed_at: number;
  };
  rejudgements: {
    settings: number;
    channel: string;
    since_ts: string;
    marked_ts: string | null;
    stage: 'marking' | 'marked' | 'done';
    asked_by: string;
    asked_at: number;
  };
  schedules: { key: string; pattern: string; next_at: number };
  indexed: { id: number; channel: string; ts: string };
  words: { rowid: number; text: string };
  unindexed: { channel: string; ts: string };
  indexed_verdicts: { up_to: number };
  exports: {
    id: Generated<number>;
    channel: string;
    user: string;
    format: 'csv' | 'json';
    since: number | null;
    state: 'asked' | 'sending' | 'done' | 'failed';
    messages: number | null;
    file: string | null;
    im: string | null;
    attempts: Generated<number>;
    next_at: number;
    trouble: string | null;
    asked_at: number;
    ended_at: number | null;
  };
  homes: {
    user: string;
    page: number;
    notice: string | null;
    opened_at: number;
    checked_at: number | null;
    asked: number;
    drawn: number;
    shown: string | null;
    attempts: number;
    next_at: number;
  };
}

export type Db = Kysely<Tables>;
/** A function that takes a Tx belongs into a transaction of its caller's. */
export type Tx = Transaction<Tables>;

/**
 * Kysely's, but for two things:
 * - SQLite rolls back DDL, though Kysely does not count on it: a migration is done whole or not at
 *   all;
 * - a full disk makes SQLite roll back by itself, and to roll back once more would fail and hide why.
 */
class Dialect extends SqliteDialect {
  readonly #database: Sqlite.Database;

  constructor(database: Sqlite.Database) {
    super({ database: { prepare: cacheStatements(database), close: () => database.close() } });
    this.#database = database;
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
    return driver;
  }
}

/** All that the bot executes again and again. */
const STATEMENTS_KEPT = 250;

/**
 * Prepares each statement once: Kysely does it at every call, which takes longer than to execute a
 * bulk insert. The one that was not used for longest goes first. A change of the tables makes SQLite
 * prepare a statement anew by itself.
 */
function cacheStatements(database: Sqlite.Database): (sql: string) => Sqlite.Statement {
  const known = new Map<string, Sqlite.Statement>();
  return (sql) => {
    const statement = known.get(sql) ?? database.prepare(sql);
    known.delete(sql);
    known.set(sql, statement);
    const [oldest] = known.keys();
    if (known.size > STATEMENTS_KEPT && oldest !== undefined) known.delete(oldest);
    return statement;
  };
}

const MIGRATIONS = path.join(import.meta.dirname, '../../../migrations');

/**
 * Opens the database, brings its tables up to date and returns it.
 * @param file a path, or `:memory:`, or the content of a database to work with in memory
 * @throws when the file cannot be opened, is not a database or that of another program, or a
 * migration fails
 */
export async function openDatabase(file: string | Buffer): Promise<Db> {
  if (typeof file === 'string' && file !== ':memory:') {
    await fs.mkdir(path.dirname(path.resolve(file)), { recursive: true });
  }
  const database = new Sqlite(file);
  if (isForeign(database)) {
    database.close();
    throw new Error('it is the database of another program');
  }
  database.pragma('journal_mode = WAL');
  // An acknowledged event must survive a power cut: WAL's default syncs at checkpoints only.
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma('busy_timeout = 5000');
  const db = new Kysely<Tables>({ dialect: new Dialect(database) });

  const provider = new FileMigrationProvider({ fs, path, migrationFolder: MIGRATIONS });
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

/** Tables, and none that says which of our migrations it has had. */
function isForeign(database: Sqlite.Database): boolean {
  const tables = database.prepare(`select name from sqlite_master where type = 'table'`).pluck();
  const names = tables.all();
  return names.length > 0 && !names.includes('kysely_migration');
}
