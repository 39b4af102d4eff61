import path from 'node:path';
import { parseArgs } from 'node:util';
import { readDatabaseFile, readEnvironment } from './config.ts';
import { systemClock } from './jobs/loop.ts';
import { isForMany, readDatabaseFolder } from './many-config.ts';
import { backUpAndKeep, backUpDatabase } from './store/db/backup.ts';
import { backUpFolder, backUpFolderAndKeep } from './store/workspaces/backup.ts';

/** `npm run backup`: copies the database, while the bot runs or not. */

const HELP = `npm run backup -- FILE               copies the database to FILE
npm run backup -- --keep 7 [FOLDER]  makes a copy in FOLDER, named after its time, and keeps the newest 7 of them
                                     (without FOLDER: in the folder "backups" beside the database)
A bot of many workspaces has a file for each: each of its copies is a folder, and
npm run backup -- FOLDER             makes the folder FOLDER, which may be there if it is empty`;

const WITH_POSTGRES =
  'a database of PostgreSQL is copied with pg_dump, or by the backups of its server.';

const { isFolder, source, target, keep } = readArguments();
try {
  console.log(`${source} was copied to ${await (isFolder ? copyFolder() : copyFile())}.`);
} catch (error) {
  const reason = error instanceof Error ? error.message : error;
  console.error(`${source} (DATABASE_URL) cannot be copied to ${target}: ${reason}.`);
  process.exit(1);
}

async function copyFile(): Promise<string> {
  if (keep) return backUpAndKeep(source, target, keep);
  await backUpDatabase(source, target);
  return target;
}

async function copyFolder(): Promise<string> {
  const { copy, workspaces, leftOut } = keep
    ? await backUpFolderAndKeep(source, target, keep)
    : { copy: target, ...(await backUpFolder(source, target)) };
  for (const reason of leftOut) console.error(`It is not in the copy: ${reason}.`);
  if (leftOut.length > 0) process.exitCode = 1;
  return `${copy}, with ${workspaces} ${workspaces === 1 ? 'workspace' : 'workspaces'}`;
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: { keep: { type: 'string' }, help: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    const keep = values.keep === undefined ? undefined : Number(values.keep);
    if (keep !== undefined && !(Number.isInteger(keep) && keep > 0)) {
      throw new Error('--keep takes how many copies to keep, such as 7');
    }
    if (positionals.length > 1) throw new Error('Name one place for the copy.');
    if (positionals.length === 0 && keep === undefined) throw new Error('Say where the copy goes.');
    const isFolder = isForMany(readEnvironment());
    const source = isFolder ? readDatabaseFolder(WITH_POSTGRES) : readDatabaseFile(WITH_POSTGRES);
    const target = positionals[0] ?? path.join(path.dirname(source), 'backups');
    return { isFolder, source, target, ...(keep && { keep: { keep, now: systemClock.now() } }) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${HELP}`);
    process.exit(2);
  }
}
