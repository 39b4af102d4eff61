import type { OwnBudget } from '../../core/workspaces/own-budget.ts';
import type { ControlDb } from './tables.ts';
import { parseBudget } from './workspaces.ts';

/** A workspace that the app is or was in, as the operator sees it: without its token and its key. */
export interface KnownWorkspace {
  team: string;
  name: string | null;
  /** Null until Slack has said it. */
  url: string | null;
  installedBy: string;
  /** When the app came into it for the last time, in ms since 1970. */
  addedAt: number;
  /** ms since 1970; null: the app is in it */
  endedAt: number | null;
  hasOwnKey: boolean;
  budget: OwnBudget;
}

const selectKnown = (db: ControlDb) =>
  db
    .selectFrom('workspaces')
    .innerJoin('installations', 'installations.id', 'workspaces.installation')
    .select(['team', 'name', 'url', 'installed_by', 'added_at', 'workspaces.ended_at'])
    .select(['anthropic_key', 'budget']);

type Row = Awaited<ReturnType<ReturnType<typeof selectKnown>['execute']>>[number];

const toKnown = ({ team, name, url, ...row }: Row): KnownWorkspace => ({
  ...{ team, name, url, installedBy: row.installed_by, addedAt: row.added_at },
  ...{ endedAt: row.ended_at, hasOwnKey: row.anthropic_key !== null },
  budget: parseBudget(row.budget),
});

/** All of them, by id. */
export const listKnown = async (db: ControlDb): Promise<KnownWorkspace[]> =>
  (await selectKnown(db).orderBy('team').execute()).map(toKnown);

export async function findKnown(db: ControlDb, team: string): Promise<KnownWorkspace | undefined> {
  const row = await selectKnown(db).where('team', '=', team).executeTakeFirst();
  return row && toKnown(row);
}
