import { existsSync } from 'node:fs';
import { sql } from 'kysely';
import type { DatabasePlace } from '../../core/database-place.ts';
import { listMigrations, recordOf } from '../db/migrate.ts';
import { openReadOnly } from '../db/open.ts';
import { checkServer, createPool } from '../db/postgres/pool.ts';
import { openShared } from '../db/postgres/shared.ts';
import { openWorkspace } from '../db/postgres/workspace.ts';
import type { Db } from '../db/tables.ts';
import { controlOf, fileOf } from './files.ts';
import type { ControlDb, ControlTables } from './tables.ts';

/** What is in the place of a hosted bot, for somebody who looks while its processes run or not. Nothing is written. */
export interface Look {
  control: ControlDb;
  /** Reads a workspace. @returns undefined when nothing was stored for it yet */
  read<T>(team: string, reading: (db: Db) => Promise<T>): Promise<T | undefined>;
}

/**
 * @param begun closes everything
 * @throws when there is nothing, or its tables are of an older version; for PostgreSQL also UnfitServerError, and the
 * driver's errors
 */
export async function openToLook(place: DatabasePlace, begun: AsyncDisposableStack): Promise<Look> {
  const look = place.kind === 'sqlite' ? openFolder(place, begun) : await openServer(place, begun);
  await checkTables(look.control);
  return look;
}

const NOTHING =
  'no Winnow for many workspaces has been started on it; start one, or correct DATABASE_URL';

function openFolder(place: DatabasePlace & { kind: 'sqlite' }, begun: AsyncDisposableStack): Look {
  const { file } = controlOf(place);
  if (!existsSync(file)) throw new Error(NOTHING);
  const control = openReadOnly<ControlTables>(file);
  begun.defer(() => control.destroy());
  return {
    control,
    async read(team, reading) {
      const own = fileOf(place.file, team);
      if (!existsSync(own)) return undefined;
      const db = openReadOnly(own, team);
      try {
        return await reading(db);
      } finally {
        await db.destroy();
      }
    },
  };
}

async function openServer(
  { url }: DatabasePlace & { kind: 'postgres' },
  begun: AsyncDisposableStack,
): Promise<Look> {
  const pool = createPool(url, { max: 2 });
  begun.defer(() => pool.end());
  await checkServer(pool);
  return {
    control: openShared<ControlTables>(pool),
    read: (team, reading) => reading(openWorkspace(pool, team)),
  };
}

async function checkTables(control: ControlDb): Promise<void> {
  const record = recordOf('control');
  const tables = await control.introspection.getTables();
  if (!tables.some(({ name }) => name === record)) throw new Error(NOTHING);
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(record)}`.execute(
    control,
  );
  const made = new Set(rows.map(({ name }) => name));
  if (listMigrations('control').some((name) => !made.has(name))) {
    throw new Error('its tables are of an older version; start Winnow of this version first');
  }
}
