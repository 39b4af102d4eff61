import type { Selectable } from 'kysely';
import type { Sealer } from './seal.ts';
import type { ControlDb, ControlTables, ControlTx } from './tables.ts';

/**
 * Who has installed the app, and in which workspaces it is: one, or several where the admins of an Enterprise Grid have
 * installed it for their org. What has ended stays, without its tokens, until its workspaces are deleted.
 */

export interface Installation {
  /** The workspace's id (T…), or the org's (E…). */
  id: string;
  enterprise: string | null;
  isOrg: boolean;
  app: string;
  botId: string | null;
  botUser: string;
  tokens: Tokens;
  scopes: string[];
  installedBy: string;
  /** ms since 1970 */
  installedAt: number;
}

export interface Tokens {
  bot: string;
  /** Null when tokens are not rotated. */
  refresh: string | null;
  /** When the bot's token expires, in ms since 1970; null: never. */
  expiresAt: number | null;
}

/** A workspace as Slack tells of it; null where it has not said it. */
export interface AddedWorkspace {
  team: string;
  name: string | null;
  url: string | null;
}

export interface Workspace extends AddedWorkspace {
  /** The id of its installation. */
  installation: string;
}

/** What each sealed column is sealed as. */
export const aboutBot = (id: string) => `installation ${id} bot_token`;
export const aboutRefresh = (id: string) => `installation ${id} refresh_token`;
export const aboutKey = (team: string) => `workspace ${team} anthropic_key`;

const sealTokens = (sealer: Sealer, id: string, { bot, refresh, expiresAt }: Tokens) => ({
  bot_token: sealer.seal(bot, aboutBot(id)),
  refresh_token: refresh === null ? null : sealer.seal(refresh, aboutRefresh(id)),
  expires_at: expiresAt,
});

/**
 * Saves an installation, which replaces an earlier one of the same id, and the workspaces that it is known to be in.
 * A workspace that comes back has its Anthropic key again.
 */
export async function saveInstallation(
  db: ControlDb,
  sealer: Sealer,
  installation: Installation,
  workspaces: readonly AddedWorkspace[],
): Promise<void> {
  const { id, installedAt } = installation;
  const row = {
    enterprise: installation.enterprise,
    is_org: Number(installation.isOrg),
    app: installation.app,
    bot_id: installation.botId,
    bot_user: installation.botUser,
    ...sealTokens(sealer, id, installation.tokens),
    scopes: installation.scopes.join(','),
    installed_by: installation.installedBy,
    installed_at: installedAt,
    ended_at: null,
    ended_why: null,
  };
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('installations')
      .values({ id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
    await addWorkspaces(tx, id, workspaces, installedAt);
  });
}

/**
 * Adds workspaces to an installation: those of an org are added one after another. One that had ended begins again,
 * and one that was installed by itself belongs to its org now.
 */
export async function addWorkspaces(
  db: ControlDb | ControlTx,
  installation: string,
  workspaces: readonly AddedWorkspace[],
  now: number,
): Promise<void> {
  for (const workspace of workspaces) {
    const row = { ...workspace, installation, added_at: now, ended_at: null };
    await db
      .insertInto('workspaces')
      .values({ ...row, anthropic_key: null })
      .onConflict((conflict) =>
        conflict.column('team').doUpdateSet((eb) => ({
          installation,
          name: eb.fn.coalesce('excluded.name', 'workspaces.name'),
          url: eb.fn.coalesce('excluded.url', 'workspaces.url'),
          added_at: now,
          ended_at: null,
        })),
      )
      .execute();
  }
}

/**
 * @returns an installation with its tokens; undefined when there is none, or it has ended
 * @throws SealError
 */
export async function findInstallation(
  db: ControlDb,
  sealer: Sealer,
  id: string,
): Promise<Installation | undefined> {
  const row = await db
    .selectFrom('installations')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  const tokens = row && openTokens(sealer, row);
  if (!tokens) return undefined;
  return {
    id,
    enterprise: row.enterprise,
    isOrg: row.is_org === 1,
    app: row.app,
    botId: row.bot_id,
    botUser: row.bot_user,
    tokens,
    scopes: row.scopes.split(',').filter(Boolean),
    installedBy: row.installed_by,
    installedAt: row.installed_at,
  };
}

function openTokens(
  sealer: Sealer,
  row: Selectable<ControlTables['installations']>,
): Tokens | undefined {
  const { id, bot_token: bot, refresh_token: refresh, expires_at: expiresAt } = row;
  if (bot === null) return undefined;
  return {
    bot: sealer.open(bot, aboutBot(id)),
    refresh: refresh === null ? null : sealer.open(refresh, aboutRefresh(id)),
    expiresAt,
  };
}

/**
 * The workspaces that the app is in, by id.
 * @returns with each what changes when it has to be started again: with another token, or another key
 */
export async function listActiveWorkspaces(
  db: ControlDb,
): Promise<{ team: string; version: string }[]> {
  const rows = await db
    .selectFrom('workspaces')
    .innerJoin('installations', 'installations.id', 'workspaces.installation')
    .select(['team', 'installation', 'installed_at', 'anthropic_key'])
    .where('workspaces.ended_at', 'is', null)
    .orderBy('team')
    .execute();
  return rows.map(({ team, installation, installed_at, anthropic_key }) => ({
    team,
    version: `${installation} ${installed_at} ${anthropic_key ?? ''}`,
  }));
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
 * @returns a workspace that the app is or was in, with its Anthropic key
 * @throws SealError
 */
export async function findWorkspace(
  db: ControlDb,
  sealer: Sealer,
  team: string,
): Promise<(Workspace & { anthropicKey: string | null; endedAt: number | null }) | undefined> {
  const row = await db
    .selectFrom('workspaces')
    .select(['installation', 'name', 'url', 'anthropic_key as key', 'ended_at as endedAt'])
    .where('team', '=', team)
    .executeTakeFirst();
  if (!row) return undefined;
  const { key, ...workspace } = row;
  const anthropicKey = key === null ? null : sealer.open(key, aboutKey(team));
  return { team, ...workspace, anthropicKey };
}

/** Sets a workspace's address, which Slack does not say when the app is installed. */
export async function setUrl(db: ControlDb, team: string, url: string): Promise<void> {
  await db.updateTable('workspaces').set({ url }).where('team', '=', team).execute();
}

/** Sets the bot's own id, which Slack does not say when the app is installed. */
export async function setBotId(db: ControlDb, id: string, botId: string): Promise<void> {
  await db.updateTable('installations').set({ bot_id: botId }).where('id', '=', id).execute();
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
    .set({ anthropic_key: sealed })
    .where('team', '=', team)
    .execute();
}

/**
 * The app was uninstalled, or its tokens were revoked. They are removed, and the workspaces end.
 * @param end.at when it happened: Slack may tell it late, and an installation that is newer goes on
 * @returns whether it has ended by that
 */
export function endInstallation(
  db: ControlDb,
  id: string,
  { why, at }: { why: string; at: number },
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('installations')
      .set({ bot_token: null, refresh_token: null, expires_at: null, ended_at: at, ended_why: why })
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .where('installed_at', '<=', at)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await tx
      .updateTable('workspaces')
      .set({ ended_at: at })
      .where('installation', '=', id)
      .where('ended_at', 'is', null)
      .execute();
    return true;
  });
}

/**
 * The admins of an org have taken the app out of one of its workspaces.
 * @param at when it happened: a workspace that was added later goes on
 * @returns whether it has ended by that
 */
export async function endWorkspace(db: ControlDb, team: string, at: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('workspaces')
    .set({ ended_at: at })
    .where('team', '=', team)
    .where('ended_at', 'is', null)
    .where('added_at', '<=', at)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Saves the tokens that Slack gave for a refresh token.
 * @param used the refresh token that was used
 * @returns false when it is not the refresh token any more: another process has rotated the tokens, the app was
 * installed again, or the installation has ended. Read the installation again.
 * @throws SealError
 */
export async function updateTokens(
  db: ControlDb,
  sealer: Sealer,
  id: string,
  { used, tokens }: { used: string; tokens: Tokens },
): Promise<boolean> {
  for (;;) {
    const row = await db
      .selectFrom('installations')
      .select('refresh_token as sealed')
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row?.sealed || sealer.open(row.sealed, aboutRefresh(id)) !== used) return false;
    const { numUpdatedRows } = await db
      .updateTable('installations')
      .set(sealTokens(sealer, id, tokens))
      .where('id', '=', id)
      .where('refresh_token', '=', row.sealed)
      .executeTakeFirst();
    // Otherwise it was sealed anew in between.
    if (numUpdatedRows > 0n) return true;
  }
}
