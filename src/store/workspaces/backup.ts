import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { findStorageTrouble } from '../../core/health/storage.ts';
import {
  backUpDatabase,
  CopyError,
  formatTime,
  isSameFile,
  listFiles,
  removeFiles,
} from '../db/backup.ts';
import { isEmpty } from '../db/check-file.ts';
import { controlIn, fileOf, listTeams } from './files.ts';

interface FolderCopy {
  /** How many were copied. */
  workspaces: number;
  /** Why each of the others could not be, with its file. */
  leftOut: string[];
}

/**
 * Copies the folder of a bot of many workspaces while the bot uses it. Each file is consistent in itself. The control
 * database is copied first, so that no copy has an installation whose rows are missing: that workspace would begin
 * anew. A workspace that is installed meanwhile may have only its rows there, and goes on with them once it installs
 * the app again. A file that cannot be read, or belongs to another workspace, is left out and named: the copy has the
 * others.
 * @param target a new folder, or one that is empty, such as a mount point
 * @throws CopyError
 * @throws when the target cannot be written
 */
export async function backUpFolder(source: string, target: string): Promise<FolderCopy> {
  const control = controlIn(source);
  if (!existsSync(control)) throw new CopyError(`${control} is not there`);
  if (isSameFile(source, target)) throw new CopyError('it is the database itself');
  const there = statSync(target, { throwIfNoEntry: false });
  if (there?.isDirectory() === false) throw new CopyError('it is a file: name a folder');
  if (there && readdirSync(target).some((name) => name !== UNFINISHED)) {
    throw new CopyError(
      'there is something in it: name a new folder, or add --keep with a number of copies',
    );
  }
  // A mount point cannot be replaced, and what is beside it may be on another disk.
  const unfinished = there ? path.join(target, UNFINISHED) : `${path.resolve(target)}${UNFINISHED}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  try {
    // Without a control database it is no copy, whatever its folder is called.
    const first = path.join(unfinished, 'unfinished.db');
    await backUpDatabase(control, first, { schema: 'control' });
    const teams: string[] = [];
    const leftOut: string[] = [];
    for (const team of listTeams(source)) {
      try {
        const copy = fileOf(unfinished, team);
        if (await backUpWorkspace(fileOf(source, team), copy, team)) teams.push(team);
      } catch (error) {
        if (!(error instanceof CopyError)) throw error;
        leftOut.push(error.message);
      }
    }
    if (there) {
      for (const team of teams) renameSync(fileOf(unfinished, team), fileOf(target, team));
      renameSync(first, controlIn(target));
    } else {
      renameSync(first, controlIn(unfinished));
      renameSync(unfinished, target);
    }
    return { workspaces: teams.length, leftOut };
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

const UNFINISHED = '.unfinished';

/**
 * @returns false when it has no tables yet, or was deleted meanwhile: then nothing of it may be kept
 * @throws CopyError when its file cannot be copied
 * @throws when there is no room for the copy
 */
async function backUpWorkspace(file: string, copy: string, team: string): Promise<boolean> {
  try {
    if (isEmpty(file)) return false;
    await backUpDatabase(file, copy, { team });
  } catch (error) {
    if (existsSync(file)) {
      if (error instanceof CopyError || findStorageTrouble(error) === 'full') throw error;
      throw new CopyError(`${file}: ${error instanceof Error ? error.message : error}`);
    }
  }
  if (existsSync(file)) return true;
  removeFiles(copy);
  return false;
}

/**
 * Backs the folder up in another one under the time of the copy, and then removes the oldest of these copies.
 * When a workspace had to be left out, all copies stay: an older one may have it.
 * @param keep how many of them stay
 * @returns also the path of the copy
 * @throws as `backUpFolder`; then all copies stay
 */
export async function backUpFolderAndKeep(
  source: string,
  folder: string,
  { keep, now }: { keep: number; now: number },
): Promise<FolderCopy & { copy: string }> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new CopyError('it is a file: with --keep, name a folder');
  }
  const name = path.basename(path.resolve(source));
  const copy = path.join(folder, `${name}-${formatTime(now)}`);
  const copied = await backUpFolder(source, copy);
  if (copied.leftOut.length > 0) return { copy, ...copied };
  const own = `^${RegExp.escape(name)}-\\d{8}T\\d{6}Z`;
  const copies = listFiles(folder, new RegExp(`${own}$`));
  for (const old of copies.slice(0, -keep)) renameSync(old, `${old}${UNFINISHED}`);
  // Also what a process that was killed has left; another one may be writing a newer copy.
  const [oldest = copy] = copies.slice(-keep);
  for (const left of listFiles(folder, new RegExp(`${own}${RegExp.escape(UNFINISHED)}$`))) {
    if (left < oldest) rmSync(left, { recursive: true });
  }
  return { copy, ...copied };
}
