// The methods about the app's installations. They belong to no workspace.
import type { IncomingMessage } from 'node:http';
import { ApiError, type JsonObject } from '../types.ts';
import { pageOf, readFlag, readLimit, readText } from '../web-api/arguments.ts';
import { ENTERPRISE_NAME } from '../workspace.ts';
import { type AppOptions, checkClient } from './app.ts';
import type { Codes } from './codes.ts';
import { type Directory, findPlace, isEnterprise, reaches } from './directory.ts';
import type { Installations } from './installations.ts';
import type { AccessToken, Tokens } from './tokens.ts';

export interface CloudContext {
  app: AppOptions;
  url: string;
  directory: Directory;
  tokens: Tokens;
  codes: Codes;
  installations: Installations;
}

interface CloudCall extends CloudContext {
  request: IncomingMessage;
  args: JsonObject;
  token: string | undefined;
}

export const CLOUD_METHODS: Record<string, (call: CloudCall) => JsonObject> = {
  'apps.uninstall': uninstallApp,
  'auth.revoke': revokeToken,
  'auth.teams.list': listTeams,
  'oauth.v2.access': getAccess,
  'oauth.v2.exchange': exchangeToken,
};

/** Throws what Slack answers to a token that is missing, unknown or dead. */
export function requireToken({ tokens, token }: Pick<CloudCall, 'tokens' | 'token'>): AccessToken {
  if (token === undefined) throw new ApiError('not_authed');
  const known = tokens.find(token);
  if (!known) throw new ApiError('invalid_auth');
  tokens.check(known);
  return known;
}

function getAccess(call: CloudCall): JsonObject {
  const { app, args, request, directory, tokens, installations } = call;
  checkClient(app, request, args);
  switch (readText(args, 'grant_type')) {
    case 'refresh_token': {
      const { installation, issued } = tokens.refresh(readText(args, 'refresh_token'));
      return { ...installations.describe(findPlace(directory, installation.id), issued) };
    }
    case undefined:
    case 'authorization_code': {
      const { place, user, scopes } = call.codes.redeem(
        readText(args, 'code'),
        readText(args, 'redirect_uri'),
      );
      return { ...installations.install(findPlace(directory, place), user, scopes) };
    }
    default:
      throw new ApiError('invalid_grant_type');
  }
}

function exchangeToken(call: CloudCall): JsonObject {
  checkClient(call.app, call.request, call.args);
  const { installation, issued } = call.tokens.exchange(call.token);
  return { ...call.installations.describe(findPlace(call.directory, installation.id), issued) };
}

function uninstallApp(call: CloudCall): JsonObject {
  const { installation } = requireToken(call);
  checkClient(call.app, call.request, call.args);
  // An org admin has to do that (docs.slack.dev/reference/methods/auth.revoke).
  if (installation.isOrgWide) throw new ApiError('enterprise_is_restricted');
  call.installations.uninstall(findPlace(call.directory, installation.id));
  return {};
}

/** Revokes the token that it is called with, which may be a refresh token. */
function revokeToken(call: CloudCall): JsonObject {
  const { tokens, token = '', directory, installations } = call;
  const isTest = readFlag(call.args, 'test');
  if (tokens.isRefreshToken(token)) {
    if (!isTest) tokens.revoke(token);
  } else {
    const { installation } = requireToken(call);
    const place = findPlace(directory, installation.id);
    if (!isTest) installations.revoke(token, installation, place);
  }
  return { revoked: !isTest };
}

function listTeams(call: CloudCall): JsonObject {
  const { installation } = requireToken(call);
  const { args, directory } = call;
  const teams = [...directory.workspaces.values()].filter((one) => reaches(installation, one));
  const { page, next } = pageOf(teams, args, readLimit(args, 1000, 100));
  return {
    teams: page.map(({ id, team }) => ({ id, name: team.world.teamName })),
    response_metadata: { next_cursor: next },
  };
}

/** What auth.test says of a token of a whole Enterprise Grid: it names that in place of a workspace. */
export function testOrgToken({ url, directory }: CloudContext, { id }: { id: string }): JsonObject {
  const place = findPlace(directory, id);
  if (!isEnterprise(place)) throw new Error(`${id} is no Enterprise Grid.`);
  const [member] = place.members.values();
  const bot = member?.team.world.users.get(place.bot.botUserId);
  return {
    url: `${url}/${id}/`,
    team: ENTERPRISE_NAME,
    user: bot?.name ?? 'bot',
    team_id: id,
    user_id: place.bot.botUserId,
    bot_id: place.bot.botId,
    enterprise_id: id,
    is_enterprise_install: true,
  };
}
