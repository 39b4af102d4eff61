import type { InstallationQuery, InstallationStore, Installation as Installed } from '@slack/oauth';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import {
  findInstallation,
  type Installation,
  saveInstallation,
  type Tokens,
  updateTokens,
} from '../store/workspaces/installations.ts';
import type { Sealer } from '../store/workspaces/seal.ts';
import type { ControlDb } from '../store/workspaces/tables.ts';
import type { AddedWorkspace } from '../store/workspaces/workspaces.ts';

/** Where Slack's own library, which leads people through the installation and renews tokens, keeps what it learns. */

const installedSchema = z.looseObject({
  team: z.looseObject({ id: z.string(), name: z.string().optional() }).nullish(),
  enterprise: z.looseObject({ id: z.string() }).nullish(),
  isEnterpriseInstall: z.boolean().default(false),
  user: z.looseObject({ id: z.string() }),
  bot: z.looseObject({
    token: z.string(),
    refreshToken: z.string().optional(),
    /** Seconds since 1970. */
    expiresAt: z.number().optional(),
    scopes: z.array(z.string()),
    id: z.string().nullish(),
    userId: z.string(),
  }),
  appId: z.string().default(''),
});

interface Options {
  control: ControlDb;
  sealer: Sealer;
  clock: Clock;
  /** The workspaces that the admins of an org have added the app to. */
  listWorkspaces(token: string): Promise<AddedWorkspace[]>;
  /** Somebody has installed the app, or has installed it again. */
  onInstalled(installation: Installation): Promise<void>;
}

export function createInstallationStore(options: Options): InstallationStore {
  const { control, sealer } = options;
  /** The refresh token that each installation had when the library has read it. */
  const used = new WeakMap<object, string>();
  return {
    async storeInstallation(installed) {
      const { bot } = installed;
      const refreshToken = bot && used.get(bot);
      if (!bot || refreshToken === undefined) return install(options, installed);
      // The library has renewed the tokens of what it has read. Who else has done so was first.
      const { id, tokens } = toInstallation(installed, 0);
      await updateTokens(control, sealer, id, { used: refreshToken, tokens });
    },
    async fetchInstallation(query) {
      const installation = await findBy(options, query);
      const installed = toInstalled(installation);
      const { refresh } = installation.tokens;
      if (installed.bot && refresh !== null) used.set(installed.bot, refresh);
      // The library has no type for what can be of both kinds.
      return installed as Installed<'v2', false>;
    },
  };
}

async function install(options: Options, installed: Installed): Promise<void> {
  const { control, sealer, clock, listWorkspaces, onInstalled } = options;
  const installation = toInstallation(installed, clock.now());
  const { isOrg, id } = installation;
  const workspaces = isOrg
    ? await listWorkspaces(installation.tokens.bot)
    : [{ team: id, name: installed.team?.name ?? null, url: null }];
  await saveInstallation(control, sealer, installation, workspaces);
  await onInstalled(installation);
}

async function findBy(
  { control, sealer }: Options,
  { teamId, enterpriseId, isEnterpriseInstall }: InstallationQuery<boolean>,
): Promise<Installation> {
  const id = isEnterpriseInstall ? enterpriseId : teamId;
  const found = id === undefined ? undefined : await findInstallation(control, sealer, id);
  if (!found) throw new Error(`${id} has not installed the app`);
  return found;
}

function toInstallation(installed: Installed, installedAt: number): Installation {
  const { team, enterprise, isEnterpriseInstall, user, bot, appId } =
    installedSchema.parse(installed);
  const id = (isEnterpriseInstall ? enterprise : team)?.id;
  if (id === undefined) throw new Error('Slack does not say who has installed the app');
  return {
    ...{ id, enterprise: enterprise?.id ?? null, isOrg: isEnterpriseInstall, app: appId },
    ...{ botId: bot.id || null, botUser: bot.userId, scopes: bot.scopes },
    tokens: toTokens(bot),
    ...{ installedBy: user.id, installedAt },
  };
}

const toTokens = ({
  token,
  refreshToken,
  expiresAt,
}: z.infer<typeof installedSchema>['bot']): Tokens => ({
  bot: token,
  refresh: refreshToken ?? null,
  expiresAt: expiresAt === undefined ? null : expiresAt * 1000,
});

function toInstalled(installation: Installation): Installed {
  const { id, enterprise, isOrg, tokens } = installation;
  return {
    authVersion: 'v2',
    team: isOrg ? undefined : { id },
    enterprise: enterprise === null ? undefined : { id: enterprise },
    isEnterpriseInstall: isOrg,
    user: { token: undefined, scopes: undefined, id: installation.installedBy },
    bot: {
      token: tokens.bot,
      ...(tokens.refresh !== null && { refreshToken: tokens.refresh }),
      ...(tokens.expiresAt !== null && { expiresAt: Math.floor(tokens.expiresAt / 1000) }),
      scopes: installation.scopes,
      id: installation.botId ?? '',
      userId: installation.botUser,
    },
    appId: installation.app,
  } as Installed;
}
