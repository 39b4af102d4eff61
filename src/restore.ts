import { parseArgs } from 'node:util';
import { readDatabaseFile } from './config.ts';
import { systemClock } from './jobs/loop.ts';
import { restoreDatabase } from './store/db/restore.ts';

/** `npm run restore`: puts a copy in the place of the database, while no bot runs. */

const HELP = `npm run restore -- FILE  puts a copy that "npm run backup" made in the place of the database; stop the bot first`;

const WITH_POSTGRES =
  'a database of PostgreSQL is restored with pg_restore, while no bot runs. Then start the bot once with ADOPT_POSTS=on.';

const { copy, file } = readArguments();
try {
  const aside = restoreDatabase(copy, file, systemClock.now());
  const before = aside ? ` The database before is ${aside}.` : '';
  console.log(
    `${file} is now a copy of ${copy}.${before} Start the bot: it finds what it has posted since, and does not post it again.`,
  );
} catch (error) {
  const reason = error instanceof Error ? error.message : error;
  console.error(`${copy} cannot be put in the place of ${file} (DATABASE_URL): ${reason}.`);
  process.exit(1);
}

function readArguments(): { copy: string; file: string } {
  try {
    const { values, positionals } = parseArgs({
      options: { help: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    const [copy, ...more] = positionals;
    if (copy === undefined || more.length > 0) throw new Error('Name one file to restore.');
    return { copy, file: readDatabaseFile(WITH_POSTGRES) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${HELP}`);
    process.exit(2);
  }
}
