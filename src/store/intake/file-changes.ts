import type { Selectable } from 'kysely';
import type { Db, Tables } from '../db/tables.ts';

/** Files that have changed since their messages were read. */

export type FileChange = Selectable<Tables['file_changes']>;

export async function recordFileChange(db: Db, file: string, now: number): Promise<void> {
  await db
    .insertInto('file_changes')
    .values({ file, heard_at: now })
    .onConflict((conflict) => conflict.column('file').doUpdateSet({ heard_at: now }))
    .execute();
}

export function listFileChanges(db: Db, limit: number): Promise<FileChange[]> {
  return db.selectFrom('file_changes').selectAll().orderBy('heard_at').limit(limit).execute();
}

/** Its messages have been read, unless it has changed again meanwhile. */
export async function deleteFileChange(db: Db, { file, heard_at }: FileChange): Promise<void> {
  await db
    .deleteFrom('file_changes')
    .where('file', '=', file)
    .where('heard_at', '=', heard_at)
    .execute();
}
