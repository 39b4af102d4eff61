import type { OwnBudget } from '../../core/workspaces/own-budget.ts';
import type { Sealer } from './seal.ts';
import type { ControlDb, ControlTx } from './tables.ts';

/** The workspaces that the app is in, or was: see installations.ts. */

/** A workspace as Slack tells of it; null where it has not said it. */
export interface AddedWorkspace {
  team: string;
  name: string | null;
  url: string | null;
}

export interface Workspace extends AddedWorkspace {
  /** The id of its installation. */
  installation: string;
  anthropicKey: string | null;
  /** ms since 1970; null: the app is in it */
  endedAt: number | null;
  budget: OwnBudget;
}

/** What each sealed column is sealed as. */
export const aboutKey = (team: string) => `workspace ${team} anthropic_key`;

/**
 * Adds workspaces to an installation: those of an org are added one after another. One that had ended begins again,
 * and one that was installed by itself belongs to its org now. Its key and its budget stay.
 * @param at when they were added
 * @param mayBeLate Slack may tell it late or once more: what has come or ended after that time stays as it is
 */
export async function addWorkspaces(
  db: ControlDb | ControlTx,
  installation: string,
  workspaces: readonly AddedWorkspace[],
  { at, mayBeLate = false }: { at: number; mayBeLate?: boolean },
): Promise<void> {
  for (const workspace of workspaces) {
    const row = { ...workspace, installation, added_at: at, ended_at: null };
    await db
      .insertInto('workspaces')
      .values({ ...row, anthropic_key: null })
      .onConflict((conflict) => {
        const update = conflict.column('team').doUpdateSet((eb) => ({
          installation,
          name: eb.fn.coalesce('excluded.name', 'workspaces.name'),
          url: eb.fn.coalesce('excluded.url', 'workspaces.url'),
          added_at: at,
          ended_at: null,
        }));
        if (!mayBeLate) return update;
        return update
          .where('workspaces.added_at', '<=', at)
          .where((eb) =>
            eb.or([eb('workspaces.ended_at', 'is', null), eb('workspaces.ended_at', '<', at)]),
          );
      })
      .execute();
  }
}

export interface ActiveWorkspace {
  team: string;
  /** It changes when the workspace has to be started again: with another token, key or budget. */
  version: string;
  /** As its owner has last stored it. */
  writesPerHour: number;
}

/** The workspaces that the app is in, by id. */
export async function listActiveWorkspaces(db: ControlDb): Promise<ActiveWorkspace[]> {
  const rows = await db
    .selectFrom('workspaces')
    .innerJoin('installations', 'installations.id', 'workspaces.installation')
    .select(['team', 'installation', 'installed_at', 'key_changes', 'budget', 'writes_per_hour'])
    .where('workspaces.ended_at', 'is', null)
    .orderBy('team')
    .execute();
  return rows.map(({ team, installation, installed_at, key_changes, budget, ...row }) => ({
    team,
    version: `${installation} ${installed_at} ${key_changes ?? 0} ${budget ?? ''}`,
    writesPerHour: row.writes_per_hour,
  }));
}

/** The workspaces that the app is in by an installation, by id. */
export async function listWorkspacesOf(db: ControlDb, installation: string): Promise<string[]> {
  const rows = await db
    .selectFrom('workspaces')
    .select('team')
    .where('installation', '=', installation)
    .where('ended_at', 'is', null)
    .orderBy('team')
    .execute();
  return rows.map(({ team }) => team);
}

export async function isActive(db: ControlDb, team: string): Promise<boolean> {
  const row = await db
    .selectFrom('workspaces')
    .select('team')
    .where('team', '=', team)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * @returns a workspace that the app is or was in
 * @throws SealError
 */
export async function findWorkspace(
  db: ControlDb,
  sealer: Sealer,
  team: string,
): Promise<Workspace | undefined> {
  const row = await db
    .selectFrom('workspaces')
    .select([
      'installation',
      'name',
      'url',
      'anthropic_key as key',
      'ended_at as endedAt',
      'budget',
    ])
    .where('team', '=', team)
    .executeTakeFirst();
  if (!row) return undefined;
  const { key, budget, ...workspace } = row;
  const anthropicKey = key === null ? null : sealer.open(key, aboutKey(team));
  return { team, ...workspace, anthropicKey, budget: parseBudget(budget) };
}

/** @param stored what the column has */
export function parseBudget(stored: string | null): OwnBudget {
  if (stored === null) return 'default';
  return stored === 'none' ? stored : Number(stored);
}

/** @returns whether there is such a workspace */
export async function setBudget(db: ControlDb, team: string, budget: OwnBudget): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('workspaces')
    .set({ budget: budget === 'default' ? null : String(budget) })
    .where('team', '=', team)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Sets a workspace's address, which Slack does not say when the app is installed. */
export async function setUrl(db: ControlDb, team: string, url: string): Promise<void> {
  await db.updateTable('workspaces').set({ url }).where('team', '=', team).execute();
}

export async function setWritesPerHour(
  db: ControlDb,
  team: string,
  writesPerHour: number,
): Promise<void> {
  await db
    .updateTable('workspaces')
    .set({ writes_per_hour: Math.round(writesPerHour) })
    .where('team', '=', team)
    .execute();
}

/** @param key null: it is removed */
export async function setAnthropicKey(
  db: ControlDb,
  sealer: Sealer,
  team: string,
  key: string | null,
): Promise<void> {
  const sealed = key === null ? null : sealer.seal(key, aboutKey(team));
  await db
    .updateTable('workspaces')
    .set((eb) => ({
      anthropic_key: sealed,
      key_changes: eb(eb.fn.coalesce('key_changes', eb.lit(0)), '+', 1),
    }))
    .where('team', '=', team)
    .execute();
}

/**
 * The admins of an org have taken the app out of one of its workspaces. What waits for it goes.
 * @param at when it happened: a workspace that was added later goes on
 * @returns whether it has ended by that
 */
export function endWorkspace(db: ControlDb, team: string, at: number): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('workspaces')
      .set({ ended_at: at })
      .where('team', '=', team)
      .where('ended_at', 'is', null)
      .where('added_at', '<=', at)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await tx.deleteFrom('inbox').where('team', '=', team).execute();
    return true;
  });
}
