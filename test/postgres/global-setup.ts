import { migrateTables } from '../../src/store/db/postgres/pool.ts';
import { startServer } from './server.ts';

/** `npm test -- --db postgres`: one server for all tests, with a database that has all tables. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.WINNOW_TEST_DB !== 'postgres') return undefined;
  const server = await startServer(
    'max_connections = 300\nautovacuum = on\nautovacuum_naptime = 1\n',
  );
  const admin = await server.connect('postgres');
  await admin.query('alter role bot createdb');
  await admin.query('create database tables owner bot');
  await admin.end();
  await migrateTables(server.url('bot', 'tables'), 'postgres');
  await migrateTables(server.url('bot', 'tables'), 'control');
  process.env.WINNOW_TEST_POSTGRES = server.url('bot', 'postgres');
  return () => server.stop();
}
