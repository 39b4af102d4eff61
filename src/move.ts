import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readEnvironment, readValidSettings } from './config.ts';
import { DATABASE_URL, type DatabasePlace, namePlace, parsePlace } from './core/database-place.ts';
import type { Log } from './core/log.ts';
import { systemClock } from './jobs/loop.ts';
import { createSlack } from './slack/client.ts';
import { identify } from './slack/read.ts';
import { lockDatabase } from './store/db/lock.ts';
import { moveWorkspace } from './store/db/move-workspace.ts';
import { openDatabase } from './store/db/open.ts';
import { openWorkspaceAlone } from './store/db/postgres/open.ts';
import { describeServerTrouble } from './store/db/postgres/trouble.ts';
import type { Db } from './store/db/tables.ts';

/** `npm run move`: copies a workspace from SQLite into PostgreSQL or back, while no bot runs. */

const HELP = `npm run move -- FROM TO [--team T0123ABCD]
Copies the whole workspace from one database into the other, and compares both; stop the bot first. FROM stays as it
is. One of them is a file of SQLite, such as sqlite:data/winnow.db, the other a database of PostgreSQL, such as
postgres://user:password@host/database.
  --team  the id of the workspace; without it, Slack says it of SLACK_BOT_TOKEN`;

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

const { from, to, team } = await readArguments();
try {
  await using begun = new AsyncDisposableStack();
  if (from.kind === 'sqlite' && !existsSync(from.file)) {
    throw new Error(`there is no ${from.file}`);
  }
  const [source, target] = [await open(from, begun), await open(to, begun)];
  let rows = 0;
  await moveWorkspace(source, target, (moved) => {
    rows += moved.rows;
    if (moved.rows > 0) console.log(`${moved.table}: ${moved.rows}`);
  });
  console.log(
    `${namePlace(to)} now has the workspace ${team} of ${namePlace(from)}: ${rows} rows, which are the same in both. Set DATABASE_URL to it and start the bot. It is not to be started on ${namePlace(from)} again.`,
  );
} catch (error) {
  const reason = describeServerTrouble(error as Error);
  console.error(`${namePlace(from)} cannot be moved to ${namePlace(to)}: ${reason}`);
  process.exit(1);
}

/** Opens a database for this process only, with its tables up to date. */
async function open(place: DatabasePlace, begun: AsyncDisposableStack): Promise<Db> {
  if (place.kind === 'postgres') {
    const onLost = () => {
      console.error(`${namePlace(place)} was taken over by another process: nothing was moved.`);
      process.exit(1);
    };
    const options = { takeOverMs: 0, clock: systemClock, log: silent, onLost };
    return (await openWorkspaceAlone(place.url, team, options, begun)).db;
  }
  begun.defer(lockDatabase(place.file));
  const db = await openDatabase(place.file);
  begun.defer(() => db.destroy());
  return db;
}

async function readArguments(): Promise<{ from: DatabasePlace; to: DatabasePlace; team: string }> {
  try {
    const { values, positionals } = parseArgs({
      options: { team: { type: 'string' }, help: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    const [from, to, ...more] = positionals;
    if (from === undefined || to === undefined || more.length > 0) {
      throw new Error('Name two databases: FROM and TO.');
    }
    for (const url of [from, to]) {
      if (!DATABASE_URL.test(url)) throw new Error('A database is sqlite:… or postgres://….');
    }
    const places = [parsePlace(from), parsePlace(to)] as const;
    if (places[0].kind === places[1].kind) {
      throw new Error('One has to be a file of SQLite, the other a database of PostgreSQL.');
    }
    return { from: places[0], to: places[1], team: values.team ?? (await askSlack()) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${HELP}`);
    process.exit(2);
  }
}

/** @returns the id of the workspace of the bot's token */
async function askSlack(): Promise<string> {
  const { SLACK_BOT_TOKEN: token, SLACK_API_URL: apiUrl } = readValidSettings(readEnvironment());
  if (!token || !apiUrl) throw new Error('Name the workspace by --team, or set SLACK_BOT_TOKEN.');
  const logger = { ...silent, setLevel() {}, getLevel: () => 'error' as never, setName() {} };
  const slack = createSlack({ token, apiUrl, rateScale: 1, logger }, systemClock);
  return (await identify(slack)).id;
}
