import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readEnvironment, readValidSettings } from './config.ts';
import { DATABASE_URL, type DatabasePlace, namePlace, parsePlace } from './core/database-place.ts';
import type { Log } from './core/log.ts';
import { count } from './core/text.ts';
import { systemClock } from './jobs/loop.ts';
import { createSlack } from './slack/client.ts';
import { identify } from './slack/read.ts';
import { isSameFile } from './store/db/backup.ts';
import { OtherWorkspaceError } from './store/db/check-file.ts';
import { lockDatabase } from './store/db/lock.ts';
import { moveWorkspace } from './store/db/move-workspace.ts';
import { findOwner, openDatabase } from './store/db/open.ts';
import { openLocks } from './store/db/postgres/locks.ts';
import { openWorkspaceAlone } from './store/db/postgres/open.ts';
import { countReplicas } from './store/db/postgres/replicas.ts';
import { describeServerTrouble } from './store/db/postgres/trouble.ts';
import type { Db } from './store/db/tables.ts';
import { controlIn, fileOf, listTeams, teamOf } from './store/workspaces/files.ts';
import { type Home, listKnownTeams, moveWorkspaces } from './store/workspaces/move.ts';
import { openControl } from './store/workspaces/open.ts';

/** `npm run move`: copies a workspace, or all of a bot, from SQLite into PostgreSQL or back, while no bot runs. */

const HELP = `npm run move -- FROM TO [--team T0123ABCD]
Copies the whole workspace from one database into the other, and compares both; stop the bot first. What is in
FROM stays there. Each is a file of SQLite, such as sqlite:data/winnow.db, or one of them a database of PostgreSQL, such as
postgres://user:password@host/database.
  --team  the id of the workspace, for PostgreSQL; without it, the file's name says it where a bot of many workspaces has
          its files, and Slack says it of SLACK_BOT_TOKEN otherwise
A bot of many workspaces is moved whole, between a folder such as sqlite:data/workspaces and PostgreSQL.`;

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

const { from, to, team } = await readArguments();
try {
  await using begun = new AsyncDisposableStack();
  if (from.kind === 'sqlite') {
    const file = isFolder(from) ? controlIn(from.file) : from.file;
    if (!existsSync(file)) throw new Error(`there is no ${file}`);
  }
  const moved = await (isFolder(from) || isFolder(to) ? moveAll(begun) : moveOne(begun));
  console.log(
    `${namePlace(to)} now has ${moved} The bot is not to be started on ${namePlace(from)} again.`,
  );
} catch (error) {
  const reason = describeServerTrouble(error as Error);
  console.error(`${namePlace(from)} cannot be moved to ${namePlace(to)}: ${reason}`);
  process.exit(1);
}

/** @returns what was moved, and what to do now */
async function moveOne(begun: AsyncDisposableStack): Promise<string> {
  const source = await open(from, team, begun);
  const id = team ?? (from.kind === 'sqlite' ? await findOwner(source) : undefined);
  const target = await open(to, id, begun);
  let rows = 0;
  await moveWorkspace(source, target, {
    team: id,
    onTable(moved) {
      rows += moved.rows;
      if (moved.rows > 0) console.log(`${moved.table}: ${moved.rows}`);
    },
  });
  return `the workspace ${id ? `${id} ` : ''}of ${namePlace(from)}: ${rows} rows, which are the same in both. Set DATABASE_URL to it and start the bot; or, if it is of a bot of many workspaces, install the app of that one now.`;
}

/** @returns what was moved, and what to do now */
async function moveAll(begun: AsyncDisposableStack): Promise<string> {
  const [source, target] = [await openHome(from, begun), await openHome(to, begun)];
  const known = await listKnownTeams(source.control);
  // A workspace that has not installed the app yet may have a file.
  const teams = from.kind === 'sqlite' ? listTeams(from.file) : known;
  if (teams.length === 0) throw new Error('there is no workspace to move');
  let rows = 0;
  await moveWorkspaces(source, target, teams, (team, moved) => {
    rows += moved;
    console.log(`${team}: ${moved}`);
  });
  return `${count(teams.length, 'workspace')} of ${namePlace(from)}, with their installations: ${rows} rows, which are the same in both. Set DATABASE_URL to it, keep ENCRYPTION_KEYS, and start the bot.`;
}

async function openHome(place: DatabasePlace, begun: AsyncDisposableStack): Promise<Home> {
  const control: DatabasePlace =
    place.kind === 'sqlite' ? { kind: 'sqlite', file: controlIn(place.file) } : place;
  if (control.kind === 'sqlite') begun.defer(lockDatabase(control.file));
  else await refuseWhileUsed(control.url);
  const db = await openControl(control);
  begun.defer(() => db.destroy());
  return {
    control: db,
    open(id, opened) {
      const its: DatabasePlace =
        place.kind === 'sqlite' ? { kind: 'sqlite', file: fileOf(place.file, id) } : place;
      return open(its, id, opened);
    },
  };
}

async function refuseWhileUsed(url: string): Promise<void> {
  const locks = await openLocks(url, { clock: systemClock, log: silent });
  try {
    const replicas = await locks.ask(countReplicas);
    if (replicas > 0)
      throw new Error('Winnow is running on the database of PostgreSQL: stop it first');
  } finally {
    await locks.close();
  }
}

/**
 * Opens a database for this process only, with its tables up to date.
 * @param id the workspace's; undefined when nobody knows it, of a file
 */
async function open(
  place: DatabasePlace,
  id: string | undefined,
  begun: AsyncDisposableStack,
): Promise<Db> {
  if (place.kind === 'postgres') {
    const onLost = () => {
      console.error(`${namePlace(place)} was taken over by another process: nothing was moved.`);
      process.exit(1);
    };
    const options = { takeOverMs: 0, clock: systemClock, log: silent, onLost };
    return (await openWorkspaceAlone(place.url, id ?? '', options, begun)).db;
  }
  begun.defer(lockDatabase(place.file));
  const db = await openDatabase(place.file, id).catch((error: unknown) => {
    if (!(error instanceof OtherWorkspaceError)) throw error;
    throw new Error(`${place.file} cannot be used: ${error.message}`);
  });
  begun.defer(() => db.destroy());
  return db;
}

async function readArguments(): Promise<Places & { team: string | undefined }> {
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
    const places = { from: parsePlace(from), to: parsePlace(to) };
    refuseUnlike(places, values.team);
    return { ...places, team: await findTeam(places, values.team) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${HELP}`);
    process.exit(2);
  }
}

interface Places {
  from: DatabasePlace;
  to: DatabasePlace;
}

/** @throws when nothing can be moved between two places, in words for the person who has named them */
function refuseUnlike({ from, to }: Places, id: string | undefined): void {
  if (from.kind === 'postgres' && to.kind === 'postgres') {
    throw new Error(
      'One has to be of SQLite; pg_dump moves from one server of PostgreSQL to another.',
    );
  }
  if (from.kind === 'sqlite' && to.kind === 'sqlite' && isSameFile(from.file, to.file)) {
    throw new Error('FROM and TO are the same.');
  }
  if (!isFolder(from) && !isFolder(to)) return;
  if (id !== undefined) {
    throw new Error('A folder is moved whole, without --team; or name the file of the workspace.');
  }
  if (from.kind === to.kind) {
    throw new Error(
      'A folder is moved into PostgreSQL, or out of it. npm run backup copies one; a single workspace is moved into its file, such as sqlite:data/workspaces/T0123ABCD.db.',
    );
  }
}

/** Whether a bot of many workspaces has its files there, or is to have them. */
function isFolder(place: DatabasePlace): boolean {
  if (place.kind === 'postgres') return false;
  const there = statSync(place.file, { throwIfNoEntry: false });
  return there?.isDirectory() ?? path.extname(place.file) === '';
}

/**
 * @param given by the person who moves it
 * @returns the id of the workspace; undefined where nobody has to know it
 */
async function findTeam({ from, to }: Places, given?: string): Promise<string | undefined> {
  const named = [from, to].map((place) =>
    place.kind === 'sqlite' ? teamOf(place.file) : undefined,
  );
  const [team, other] = new Set([given, ...named].filter((id) => id !== undefined));
  if (other !== undefined) {
    throw new Error(
      `These are two workspaces, ${team} and ${other}: a workspace is moved into the file that has its id.`,
    );
  }
  const isNeeded = from.kind !== to.kind && !isFolder(from) && !isFolder(to);
  return team ?? (isNeeded ? askSlack() : undefined);
}

/** @returns the id of the workspace of the bot's token */
async function askSlack(): Promise<string> {
  const { SLACK_BOT_TOKEN: token, SLACK_API_URL: apiUrl } = readValidSettings(readEnvironment());
  if (!token || !apiUrl) throw new Error('Name the workspace by --team, or set SLACK_BOT_TOKEN.');
  const logger = { ...silent, setLevel() {}, getLevel: () => 'error' as never, setName() {} };
  const slack = createSlack({ token, apiUrl, rateScale: 1, logger }, systemClock);
  return (await identify(slack)).id;
}
