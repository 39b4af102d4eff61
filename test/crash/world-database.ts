import { existsSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { asLost } from '../../src/store/db/postgres/lost.ts';
import { startServer } from '../postgres/server.ts';

/** What may happen to a server while the bot goes on: it is killed and started again, or its connections are cut. */
export type Disturbance = 'server' | 'connections';

/** A bot's database, as somebody reads and changes it who stands beside. */
export interface WorldDatabase {
  /** DATABASE_URL */
  url: string;
  engine: 'sqlite' | 'postgres';
  /** Rows of a query; none while the bot has not made its tables. */
  read<T>(query: string): Promise<T[]>;
  /** Runs statements in one commit. */
  write(statements: string[]): Promise<void>;
  /** A file has no server: nothing happens. */
  disturb(kind: Disturbance): Promise<void>;
  close(): Promise<void>;
}

export function openFile(file: string): WorldDatabase {
  const withDatabase = <T>(readonly: boolean, work: (database: Sqlite.Database) => T): T => {
    const database = new Sqlite(file, { readonly });
    try {
      database.pragma('busy_timeout = 5000');
      return work(database);
    } finally {
      database.close();
    }
  };
  return {
    url: `sqlite:${file}`,
    engine: 'sqlite',
    async read<T>(query: string) {
      if (!existsSync(file)) return [];
      return withDatabase(true, (database) => {
        const tables = database.prepare('select name from sqlite_schema').pluck().all();
        return tables.includes('rehearsal_verdicts') ? database.prepare<[], T>(query).all() : [];
      });
    },
    async write(statements) {
      withDatabase(false, (database) =>
        database
          .transaction(() => {
            for (const statement of statements) database.exec(statement);
          })
          .immediate(),
      );
    },
    async disturb() {},
    async close() {},
  };
}

/** A server of its own. @param team the workspace's id */
export async function openServer(team: string): Promise<WorldDatabase> {
  const server = await startServer();
  const admin = await server.connect('postgres');
  await admin.query('create database winnow owner bot');
  await admin.end();
  const connect = async () => {
    const client = new pg.Client(server.url('bot', 'winnow'));
    client.on('error', () => {});
    await client.connect();
    await client.query(`select set_config('winnow.team', $1, false)`, [team]);
    return client;
  };
  let restarting: Promise<unknown> = Promise.resolve();
  /** The server may be killed in the middle of it. */
  const again = async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      await restarting;
      const before = restarting;
      try {
        return await work();
      } catch (error) {
        if (!asLost(error) || before === restarting) throw error;
      }
    }
  };
  return {
    url: server.url('bot', 'winnow'),
    engine: 'postgres',
    read: <T>(query: string) =>
      again(async () => {
        const client = await connect();
        try {
          const { rows } = await client.query(
            `select where to_regclass('rehearsal_verdicts') is not null`,
          );
          return rows.length === 0 ? [] : ((await client.query(query)).rows as T[]);
        } finally {
          await client.end();
        }
      }),
    write: (statements) =>
      again(async () => {
        const client = await connect();
        try {
          await client.query(['begin', ...statements, 'commit'].join(';\n'));
        } finally {
          await client.end();
        }
      }),
    async disturb(kind) {
      if (kind === 'server') {
        restarting = server.crash();
        await restarting;
        return;
      }
      const client = await connect();
      await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'winnow%'`,
      );
      await client.end();
    },
    close: () => server.stop(),
  };
}

export const fileIn = (folder: string) => path.join(folder, 'winnow.db');
