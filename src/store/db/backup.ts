import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';

/**
 * Writes a consistent copy of a database while the bot uses it. SQLite copies page by page, and
 * starts over when something is written meanwhile.
 * @throws when the source cannot be read or the target cannot be written
 */
export async function backUpDatabase(source: string, target: string): Promise<void> {
  const database = new Sqlite(source, { readonly: true, fileMustExist: true });
  try {
    await database.backup(target);
  } finally {
    database.close();
  }
}

/** How many copies are kept of a database before its tables were changed. */
const KEPT = 2;

/**
 * Copies a database before a new version changes its tables, and removes the oldest such copies.
 * @param last the last change that it has
 * @throws when the copy cannot be written
 */
export async function backUpBefore(
  database: Sqlite.Database,
  file: string,
  last: string,
): Promise<void> {
  await database.backup(`${file}.at-${last}`);
  for (const old of listCopies(file).slice(0, -KEPT)) rmSync(old);
}

/** Removes all of these copies: they still have what is to be forgotten. */
export function removeCopies(file: string): void {
  for (const copy of listCopies(file)) rmSync(copy);
}

/** Named after their last change, whose numbers grow. */
function listCopies(file: string): string[] {
  const folder = path.dirname(file);
  const prefix = `${path.basename(file)}.at-`;
  return readdirSync(folder)
    .filter(
      (name) => name.startsWith(prefix) && /^\d{4}-[a-z0-9-]+$/.test(name.slice(prefix.length)),
    )
    .sort()
    .map((name) => path.join(folder, name));
}
