import { statSync } from 'node:fs';
import { sql } from 'kysely';
import type { DatabasePlace } from '../../core/database-place.ts';
import type { Db } from './tables.ts';

/** @returns bytes; 0 when there is no such file */
export const sizeOf = (file: string): number =>
  statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** @returns bytes, by `database` and `wal`; of PostgreSQL all workspaces together, and no log */
export async function readSizes(db: Db, place: DatabasePlace): Promise<Record<string, number>> {
  if (place.kind === 'sqlite') {
    return { database: sizeOf(place.file), wal: sizeOf(`${place.file}-wal`) };
  }
  const { rows } = await sql<{
    bytes: number;
  }>`select pg_database_size(current_database()) as bytes`.execute(db);
  return { database: rows[0]?.bytes ?? 0 };
}
