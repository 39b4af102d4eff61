import { readDatabaseFile } from './config.ts';
import { backUpDatabase } from './store/db/backup.ts';

/** `npm run backup -- FILE`: copies the database, while the bot runs or not. */
const [, , target] = process.argv;
if (!target) {
  console.error('Say where the copy goes, for instance: npm run backup -- winnow-backup.db');
  process.exit(2);
}
const source = readDatabaseFile();
try {
  await backUpDatabase(source, target);
  console.log(`${source} was copied to ${target}.`);
} catch (error) {
  console.error(
    `${source} (DATABASE_URL) cannot be copied to ${target}: ${(error as Error).message}`,
  );
  process.exit(1);
}
