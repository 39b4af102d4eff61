import type { Selectable } from 'kysely';
import { engineOf } from '../db/engine.ts';
import type { Sealer } from './seal.ts';
import type { ControlDb, ControlTables } from './tables.ts';
import { type AddedWorkspace, addWorkspaces } from './workspaces.ts';

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

/** What each sealed column is sealed as. */
export const aboutBot = (id: string) => `installation ${id} bot_token`;
export const aboutRefresh = (id: string) => `installation ${id} refresh_token`;

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
    await addWorkspaces(tx, id, workspaces, { at: installedAt });
  });
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

/** The orgs that have the app, by id. */
export async function listOrgs(db: ControlDb): Promise<string[]> {
  const rows = await db
    .selectFrom('installations')
    .select('id')
    .where('is_org', '=', 1)
    .where('ended_at', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** Sets the bot's own id, which Slack does not say when the app is installed. */
export async function setBotId(db: ControlDb, id: string, botId: string): Promise<void> {
  await db.updateTable('installations').set({ bot_id: botId }).where('id', '=', id).execute();
}

/**
 * The app was uninstalled, or its tokens were revoked. They are removed, and the workspaces end. What
 * waits for these goes: it would be months old when somebody installs the app again.
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
    await tx
      .deleteFrom('inbox')
      .where('team', 'in', (eb) =>
        eb.selectFrom('workspaces').select('team').where('installation', '=', id),
      )
      .execute();
    return true;
  });
}

/**
 * The admins of an org have added the app to workspaces.
 * @param at when it happened: Slack may tell it late, and what has ended since stays ended
 * @returns false when the installation has ended, or there is none: then nothing is added
 */
export function grantWorkspaces(
  db: ControlDb,
  id: string,
  teams: readonly string[],
  at: number,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const alive = tx
      .selectFrom('installations')
      .select('id')
      .where('id', '=', id)
      .where('ended_at', 'is', null);
    // Who ends it meanwhile waits, and ends these workspaces as well. A transaction of SQLite has the whole file.
    const locked = engineOf(tx) === 'sqlite' ? alive : alive.forUpdate();
    if (!(await locked.executeTakeFirst())) return false;
    const workspaces = teams.map((team) => ({ team, name: null, url: null }));
    await addWorkspaces(tx, id, workspaces, { at, mayBeLate: true });
    return true;
  });
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
