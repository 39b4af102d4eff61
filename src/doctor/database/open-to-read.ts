import { existsSync } from 'node:fs';
import type { DatabasePlace } from '../../core/database-place.ts';
import { openReadOnly } from '../../store/db/open.ts';
import type { Db } from '../../store/db/tables.ts';

/**
 * Opens the database of a bot that runs or not, to look into it.
 * @param team the workspace's id; undefined when Slack does not say it
 * @returns undefined when there is nothing to read yet
 */
export async function openToRead(
  place: DatabasePlace,
  team: string | undefined,
): Promise<{ db: Db; close(): Promise<void> } | undefined> {
  if (place.kind === 'sqlite') {
    if (!existsSync(place.file)) return undefined;
    const db = openReadOnly(place.file);
    return { db, close: () => db.destroy() };
  }
  if (team === undefined) return undefined;
  const { createPool, LOOKING } = await import('../../store/db/postgres/pool.ts');
  const { openWorkspace } = await import('../../store/db/postgres/workspace.ts');
  const pool = createPool(place.url, { max: 1, limits: LOOKING });
  return { db: openWorkspace(pool, team), close: () => pool.end() };
}
