import path from 'node:path';
import { parseArgs } from 'node:util';
import { readDatabaseFile } from './config.ts';
import { systemClock } from './jobs/loop.ts';
import { backUpAndKeep, backUpDatabase } from './store/db/backup.ts';

/** `npm run backup`: copies the database, while the bot runs or not. */

const HELP = `npm run backup -- FILE               copies the database to FILE
npm run backup -- --keep 7 [FOLDER]  makes a copy in FOLDER, named after its time, and keeps the newest 7 of them
                                     (without FOLDER: in the folder "backups" beside the database)`;

const WITH_POSTGRES =
  'a database of PostgreSQL is copied with pg_dump, or by the backups of its server.';

const { source, place, keep } = readArguments();
let target = place ?? path.join(path.dirname(source), 'backups');
try {
  if (keep === undefined) await backUpDatabase(source, target);
  else target = await backUpAndKeep(source, target, { keep, now: systemClock.now() });
  console.log(`${source} was copied to ${target}.`);
} catch (error) {
  const reason = error instanceof Error ? error.message : error;
  console.error(`${source} (DATABASE_URL) cannot be copied to ${target}: ${reason}.`);
  process.exit(1);
}

function readArguments(): { source: string; place: string | undefined; keep: number | undefined } {
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
    return { source: readDatabaseFile(WITH_POSTGRES), place: positionals[0], keep };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${HELP}`);
    process.exit(2);
  }
}
