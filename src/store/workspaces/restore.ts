import { existsSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { CopyError, isSameFile } from '../db/backup.ts';
import { restoreDatabase, restoreFiles } from '../db/restore.ts';
import { controlIn, fileOf, listTeams } from './files.ts';

/**
 * Puts a copy in the place of the folder of a bot of many workspaces, which does not run. Files that the copy does not
 * have stay: a workspace that came later goes on with its own once it installs the app again.
 * @returns how many workspaces the copy has, what the names of the files before end in, and the workspaces that have a
 * file and that the copy does not know
 * @throws as `restoreDatabase`
 */
export function restoreFolder(
  copy: string,
  folder: string,
  now: number,
): { workspaces: number; before: string; unknown: string[] } {
  const teams = listCopied(copy, folder);
  const workspaces = teams.map((team) => ({
    ...{ copy: fileOf(copy, team), file: fileOf(folder, team) },
    schema: 'sqlite' as const,
    team,
  }));
  const control = {
    ...{ copy: controlIn(copy), file: controlIn(folder), schema: 'control' as const },
    change: (database: Sqlite.Database) => endAgain(database, now),
  };
  const before = restoreFiles([control, ...workspaces], now);
  const known = listKnown(controlIn(folder));
  const unknown = listTeams(folder).filter((team) => !known.has(team));
  return { workspaces: teams.length, before, unknown };
}

function listKnown(file: string): Set<unknown> {
  const control = new Sqlite(file, { readonly: true, fileMustExist: true });
  try {
    return new Set(control.prepare('select team from workspaces').pluck().all());
  } finally {
    control.close();
  }
}

/**
 * Workspaces that the copy says have ended end now. One of them may have installed the app again after the copy was made:
 * it has all the time to do so once more before it is deleted.
 */
function endAgain(control: Sqlite.Database, now: number): void {
  control.prepare('update workspaces set ended_at = ? where ended_at is not null').run(now);
}

/** Puts only what a copy has of one workspace in its place. @returns and throws as `restoreDatabase` */
export function restoreWorkspace(
  copy: string,
  folder: string,
  { team, now }: { team: string; now: number },
): string | undefined {
  if (!listCopied(copy, folder).includes(team)) throw new CopyError(`it has no ${team}.db`);
  return restoreDatabase(fileOf(copy, team), fileOf(folder, team), { now, team });
}

/** @returns the workspaces of a copy that is whole */
function listCopied(copy: string, folder: string): string[] {
  const given = statSync(copy, { throwIfNoEntry: false });
  if (!given) throw new CopyError('it is not there');
  if (!given.isDirectory()) throw new CopyError('it is a file: name a folder that is a copy');
  if (isSameFile(copy, folder)) throw new CopyError('it is the database itself: name a copy of it');
  if (!existsSync(controlIn(copy))) {
    throw new CopyError('it has no control.db: it is no copy, or was not finished');
  }
  return listTeams(copy);
}
