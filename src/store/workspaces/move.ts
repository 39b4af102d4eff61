import { sql } from 'kysely';
import {
  copyTable,
  countSame,
  MoveError,
  moveWorkspace,
  NothingToMoveError,
  TakenError,
} from '../db/move-workspace.ts';
import type { Db } from '../db/tables.ts';
import type { ControlDb } from './tables.ts';

/** Moves all workspaces of a bot from files into PostgreSQL, or back. */

/** Where they are, or come to. Nobody else uses it. */
export interface Home {
  control: ControlDb;
  /** @param begun closes it */
  open(team: string, begun: AsyncDisposableStack): Promise<Db>;
}

/**
 * Moves the workspaces one by one, each whole or not at all, and the control database last: until then a bot on the
 * other database would know none of them. What was moved before is compared again, so that a move that was broken off
 * can be run again.
 * @param onMoved hears of each workspace, with the number of its rows
 * @throws MoveError
 */
export async function moveWorkspaces(
  from: Home,
  to: Home,
  teams: readonly string[],
  onMoved: (team: string, rows: number) => void,
): Promise<void> {
  const tables = await listTables(from.control, to.control);
  for (const { name } of tables) {
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(to.control);
    if (rows.length > 0) {
      throw new MoveError(`its table ${name} has rows already: name a new database or folder`);
    }
  }
  for (const team of teams) {
    await using begun = new AsyncDisposableStack();
    const [source, target] = [await from.open(team, begun), await to.open(team, begun)];
    onMoved(team, await moveOne(source, target, team));
  }
  await to.control.transaction().execute(async (tx) => {
    for (const table of tables) await copyTable(from.control, tx, table);
  });
}

/** @returns how many rows it has */
async function moveOne(from: Db, to: Db, team: string): Promise<number> {
  let count = 0;
  try {
    await moveWorkspace(from, to, {
      team,
      onTable({ rows }) {
        count += rows;
      },
    });
  } catch (error) {
    // It was installed, and nothing has happened since.
    if (error instanceof NothingToMoveError) return 0;
    const same = error instanceof TakenError ? await countSame(from, to) : undefined;
    if (same !== undefined) return same;
    throw error instanceof MoveError ? new MoveError(`${team}: ${error.message}`) : error;
  }
  return count;
}

/** What refers to another table comes after it. */
const TABLES = [
  { name: 'installations', key: ['id'] },
  { name: 'workspaces', key: ['team'] },
  { name: 'inbox', key: ['id'] },
];

/** The tables of both, and their columns: they have to be the same. */
async function listTables(from: ControlDb, to: ControlDb) {
  const [here, there] = [await readTables(from), await readTables(to)];
  if (JSON.stringify(here) !== JSON.stringify(there)) {
    throw new MoveError('its tables are not those of this version');
  }
  return here;
}

async function readTables(control: ControlDb) {
  const all = await control.introspection.getTables();
  return TABLES.map((table) => {
    const columns = all.find(({ name }) => name === table.name)?.columns ?? [];
    return { ...table, columns: columns.map(({ name }) => name).sort() };
  });
}

/** The workspaces that a control database knows, also those that have ended, by id. */
export async function listKnownTeams(control: ControlDb): Promise<string[]> {
  const rows = await control.selectFrom('workspaces').select('team').orderBy('team').execute();
  return rows.map(({ team }) => team);
}
