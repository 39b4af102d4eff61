import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { findFault, findOtherOwner } from './check-file.ts';
import type { Schema } from './migrate.ts';

/** A copy was not made, or not used. The message says why, in words for the person who asked for it. */
export class CopyError extends Error {}

/** What SQLite keeps beside a database. Left beside another file of that name, it damages that one. */
export const SIDECARS = ['-wal', '-shm', '-journal'];

/**
 * Writes a consistent copy of a database while the bot uses it. The copy is read before it gets its name: what was
 * there under that name stays until then.
 * @param of.schema which tables it has
 * @param of.team the workspace that it may belong to; undefined: to any
 * @throws CopyError
 * @throws when the target cannot be written
 */
export async function backUpDatabase(
  source: string,
  target: string,
  { schema = 'sqlite', team }: { schema?: Schema; team?: string } = {},
): Promise<void> {
  if (!statSync(source, { throwIfNoEntry: false })) throw new CopyError(`${source} is not there`);
  if (isSameFile(source, target)) throw new CopyError('it is the database itself');
  if (statSync(target, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CopyError('it is a folder: name a file in it, or add --keep with a number of copies');
  }
  mkdirSync(path.dirname(path.resolve(target)), { recursive: true });
  const unfinished = `${target}.unfinished`;
  removeFiles(unfinished);
  const database = new Sqlite(source, { readonly: true, fileMustExist: true });
  try {
    await database.backup(unfinished, { progress: () => ALL_PAGES });
    const fault = findFault(unfinished, schema) ?? findOtherOwner(database, team)?.message;
    if (fault) throw new CopyError(`${source} cannot be used: ${fault}`);
    renameSync(unfinished, target);
    for (const end of SIDECARS) rmSync(`${target}${end}`, { force: true });
  } finally {
    database.close();
    removeFiles(unfinished);
  }
}

/** In one step: between two, SQLite would start over whenever the bot has written something. */
const ALL_PAGES = 0x7fffffff;

/** Whether two paths lead to the same file, also by a link. */
export function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((file) => statSync(file, { throwIfNoEntry: false }));
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}

/** Removes a database with what SQLite keeps beside it. */
export function removeFiles(file: string): void {
  for (const end of ['', ...SIDECARS]) rmSync(`${file}${end}`, { force: true });
}

/**
 * Backs a database up in a folder under the time of the copy, and then removes the oldest of these copies.
 * @param keep how many of them stay
 * @returns the path of the copy
 * @throws as `backUpDatabase`; then all copies stay
 */
export async function backUpAndKeep(
  source: string,
  folder: string,
  { keep, now }: { keep: number; now: number },
): Promise<string> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new CopyError('it is a file: with --keep, name a folder');
  }
  const { name } = path.parse(source);
  const target = path.join(folder, `${name}-${formatTime(now)}.db`);
  await backUpDatabase(source, target);
  const isOwn = new RegExp(`^${RegExp.escape(name)}-\\d{8}T\\d{6}Z\\.db$`);
  for (const old of listFiles(folder, isOwn).slice(0, -keep)) rmSync(old);
  return target;
}

/** Such as `20261130T092000Z`: in the order of time, and a name on every file system. */
export const formatTime = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;

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
const listCopies = (file: string) =>
  listFiles(
    path.dirname(file),
    new RegExp(`^${RegExp.escape(path.basename(file))}\\.at-\\d{4}-[a-z0-9-]+$`),
  );

/** The paths of the files in a folder with such a name, by name. */
export const listFiles = (folder: string, pattern: RegExp): string[] =>
  readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => path.join(folder, name));
