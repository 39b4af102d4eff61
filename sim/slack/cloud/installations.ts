// Installing the app, in a workspace or on a whole Enterprise Grid, and all ways to be rid of it.
import { ApiError } from '../types.ts';
import { ENTERPRISE_NAME } from '../workspace.ts';
import { type Enterprise, installationIn, isEnterprise, type Mounted } from './directory.ts';
import type { Installation, IssuedTokens, Tokens } from './tokens.ts';

/** What oauth.v2.access answers; without `authed_user` when a token is refreshed. */
export interface OAuthAnswer extends IssuedTokens {
  app_id: string;
  token_type: 'bot';
  scope: string;
  bot_user_id: string;
  team: { id: string; name: string } | null;
  enterprise: { id: string; name: string } | null;
  is_enterprise_install: boolean;
  authed_user?: { id: string };
}

export interface Installations {
  /**
   * The scopes of an installation only grow.
   * Throws cannot_install_an_org_installed_app for a workspace whose Enterprise Grid has the app.
   */
  install(place: Mounted | Enterprise, user: string, scopes: readonly string[]): OAuthAnswer;
  describe(place: Mounted | Enterprise, issued: IssuedTokens): OAuthAnswer;
  /** Removes the app and kills its tokens, then tells it so. */
  uninstall(place: Mounted | Enterprise): void;
  /** Revokes one token; without rotation, the installation ends with its only token. */
  revoke(value: string, installation: Installation, place: Mounted | Enterprise): void;
  /** An org admin adds the app to workspaces. */
  grant(enterprise: Enterprise, teams: readonly string[]): void;
  /** An org admin removes the app from workspaces. */
  withdraw(enterprise: Enterprise, teams: readonly string[]): void;
}

export function createInstallations(options: {
  appId: string;
  tokens: Tokens;
  isRotating(): boolean;
  nextTs(): string;
}): Installations {
  const { appId, tokens } = options;

  const installationOf = (place: Mounted | Enterprise): Installation => {
    place.installation ??= {
      id: place.id,
      isOrgWide: isEnterprise(place),
      scopes: new Set(),
      isUninstalled: false,
    };
    return place.installation;
  };
  const botOf = (place: Mounted | Enterprise) =>
    isEnterprise(place) ? place.bot.botUserId : place.sim.botUserId;
  const deliveryOf = (place: Mounted | Enterprise) =>
    isEnterprise(place) ? place.delivery : place.team.delivery;

  const describe: Installations['describe'] = (place, issued) => {
    const enterpriseId = isEnterprise(place) ? place.id : place.enterprise?.id;
    return {
      app_id: appId,
      token_type: 'bot',
      scope: [...installationOf(place).scopes].join(','),
      bot_user_id: botOf(place),
      ...issued,
      team: isEnterprise(place) ? null : { id: place.id, name: place.team.world.teamName },
      enterprise: enterpriseId === undefined ? null : { id: enterpriseId, name: ENTERPRISE_NAME },
      is_enterprise_install: isEnterprise(place),
    };
  };

  const tellRevoked = (place: Mounted | Enterprise) =>
    deliveryOf(place).emit({
      type: 'tokens_revoked',
      tokens: { oauth: [], bot: [botOf(place)] },
    });
  const tellTeams = ({ delivery }: Enterprise, type: string, teams: readonly string[]) =>
    delivery.emit({ type, team_ids: teams, event_ts: options.nextTs() });

  const uninstall: Installations['uninstall'] = (place) => {
    const { installation } = place;
    if (!installation) throw new Error(`The app is not installed in ${place.id}.`);
    if (isEnterprise(place)) withdraw(place, [...place.granted]);
    installation.isUninstalled = true;
    place.installation = undefined;
    if (!isEnterprise(place)) retireBot(place);
    tellRevoked(place);
    deliveryOf(place).emit({ type: 'app_uninstalled' });
  };

  const withdraw: Installations['withdraw'] = (enterprise, teams) => {
    const taken = teams.filter((id) => enterprise.granted.delete(id));
    for (const id of taken) {
      const member = enterprise.members.get(id);
      if (member && !installationIn(member)) retireBot(member);
    }
    if (taken.length > 0) tellTeams(enterprise, 'team_access_revoked', taken);
  };

  const grant: Installations['grant'] = (enterprise, teams) => {
    if (!enterprise.installation) throw new Error(`The app is not installed on ${enterprise.id}.`);
    const given = teams.flatMap((id) => {
      const member = enterprise.members.get(id);
      if (!member) throw new Error(`${id} is no workspace of ${enterprise.id}.`);
      return enterprise.granted.has(id) ? [] : member;
    });
    for (const member of given) {
      enterprise.granted.add(member.id);
      employBot(member);
    }
    const ids = given.map(({ id }) => id);
    if (ids.length > 0) tellTeams(enterprise, 'team_access_granted', ids);
  };

  return {
    describe,
    uninstall,
    grant,
    withdraw,
    install(place, user, scopes) {
      if (!isEnterprise(place) && place.enterprise?.installation)
        throw new ApiError('cannot_install_an_org_installed_app');
      const installation = installationOf(place);
      for (const scope of scopes) installation.scopes.add(scope);
      if (!isEnterprise(place)) {
        employBot(place);
      } else {
        // "All the workspaces where your bot was installed will automatically be accessible"
        // (api.slack.com/enterprise/migration).
        for (const member of place.members.values())
          if (member.installation) place.granted.add(member.id);
      }
      const { app_id, ...rest } = describe(place, tokens.issue(installation));
      return { app_id, authed_user: { id: user }, ...rest };
    },
    revoke(value, installation, place) {
      tokens.revoke(value);
      // bolt-js#1965: with rotation only this token is gone, and no event says so.
      if (options.isRotating()) return;
      if (installation.isOrgWide) tellRevoked(place);
      else uninstall(place);
    },
  };
}

/** The bot user is deactivated and leaves its channels. */
function retireBot({ team: { world } }: Mounted): void {
  for (const channel of world.channels.values()) {
    if (channel.kind !== 'im') channel.members.delete(world.botUserId);
  }
  setBot({ isDeactivated: true }, world);
}

function employBot({ team: { world } }: Mounted): void {
  setBot({ isDeactivated: false }, world);
}

function setBot(
  change: { isDeactivated: boolean },
  { users, botUserId, notify }: Mounted['team']['world'],
): void {
  const bot = users.get(botUserId);
  if (bot) users.set(botUserId, { ...bot, ...change });
  notify();
}
