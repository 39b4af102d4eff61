import type { DatabasePlace } from '../../core/database-place.ts';
import { openFile } from '../db/open.ts';
import { checkServer, createPool, migrateTables } from '../db/postgres/pool.ts';
import { openShared } from '../db/postgres/shared.ts';
import type { ControlDb, ControlTables } from './tables.ts';

/** Its statements are few and short. */
const CONNECTIONS = 3;

/**
 * Opens the control database and brings its tables up to date. Several processes may have it open; each destroys what
 * it has opened.
 * @param place of SQLite the control file itself, of PostgreSQL the database that the workspaces are in
 * @throws as `openDatabase`; for PostgreSQL UnfitServerError, and the driver's errors (see lost.ts)
 */
export async function openControl(place: DatabasePlace): Promise<ControlDb> {
  if (place.kind === 'sqlite') return openFile<ControlTables>(place.file, 'control');
  const pool = createPool(place.url, { max: CONNECTIONS });
  try {
    await checkServer(pool);
    await migrateTables(place.url, 'control');
  } catch (error) {
    await pool.end();
    throw error;
  }
  return openShared<ControlTables>(pool);
}
