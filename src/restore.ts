import { parseArgs } from 'node:util';
import { readDatabaseFile, readEnvironment } from './config.ts';
import { systemClock } from './jobs/loop.ts';
import { isForMany, readDatabaseFolder } from './many-config.ts';
import { restoreDatabase } from './store/db/restore.ts';
import { restoreFolder, restoreWorkspace } from './store/workspaces/restore.ts';

/** `npm run restore`: puts a copy in the place of the database, while no bot runs. */

const HELP = `npm run restore -- FILE  puts a copy that "npm run backup" made in the place of the database; stop the bot first
A bot of many workspaces has a folder instead:
npm run restore -- FOLDER                    puts everything back
npm run restore -- FOLDER --team T0123ABCD   puts only this workspace back`;

const WITH_POSTGRES =
  'a database of PostgreSQL is restored with pg_restore, while no bot runs. Then start the bot once with ADOPT_POSTS=on.';

const WITH_POSTGRES_FOR_MANY = `${WITH_POSTGRES} Also set KEEP_ENDED_DAYS=0 first, as docs/workspaces.md says.`;

const { isFolder, copy, target, team } = readArguments();
try {
  console.log(isFolder ? restoreAll() : restoreOne());
} catch (error) {
  const reason = error instanceof Error ? error.message : error;
  console.error(`${copy} cannot be put in the place of ${target} (DATABASE_URL): ${reason}.`);
  process.exit(1);
}

function restoreOne(): string {
  const aside = restoreDatabase(copy, target, { now: systemClock.now() });
  const before = aside ? ` The database before is ${aside}.` : '';
  return `${target} is now a copy of ${copy}.${before} Start the bot: it finds what it has posted since, and does not post it again.`;
}

function restoreAll(): string {
  const now = systemClock.now();
  if (team !== undefined) {
    const aside = restoreWorkspace(copy, target, { team, now });
    const before = aside ? ` The database before is ${aside}.` : '';
    return `${team} in ${target} is now a copy of that in ${copy}.${before} Start the bot: it finds what it has posted there since, and does not post it again.`;
  }
  const { workspaces, before, unknown } = restoreFolder(copy, target, now);
  const files = unknown.map((id) => `${id}.db`).join(', ');
  const others = files
    ? ` It does not know the workspaces of ${files}: they go on with these files once they install the app again; otherwise delete them yourself.`
    : '';
  return `${target} is now a copy of ${copy}, with ${workspaces} ${workspaces === 1 ? 'workspace' : 'workspaces'}. The files before end in ${before}.${others} Start the bot: it finds what it has posted since, and does not post it again.`;
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: { team: { type: 'string' }, help: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    const isFolder = isForMany(readEnvironment());
    const [copy, ...more] = positionals;
    if (copy === undefined || more.length > 0) {
      throw new Error(`Name one ${isFolder ? 'folder' : 'file'} to restore.`);
    }
    const { team } = values;
    if (team !== undefined && !isFolder) throw new Error('--team is for a bot of many workspaces.');
    const target = isFolder
      ? readDatabaseFolder(WITH_POSTGRES_FOR_MANY)
      : readDatabaseFile(WITH_POSTGRES);
    return { isFolder, copy, target, team };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${HELP}`);
    process.exit(2);
  }
}
