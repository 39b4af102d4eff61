// Puts a workspace on the cloud's server.
import type { Transport } from '../delivery.ts';
import type { SlackSim } from '../slack-sim.ts';
import type { Sockets } from '../socket-mode.ts';
import { createTeam, type TeamOptions } from '../team.ts';
import { ApiError } from '../types.ts';
import { maySubscribe } from '../web-api/access.ts';
import { type Enterprise, installationIn, type Mounted, reaches } from './directory.ts';
import type { Tokens } from './tokens.ts';

export interface MountOptions extends TeamOptions {
  /**
   * The only id that no two workspaces share. They may have the same `salt` and so the same other ids,
   * unless they are of one Enterprise Grid, where ids are unique.
   */
  teamId?: string;
  name?: string;
  domain?: string;
}

/** What all workspaces share. */
export interface Shared {
  url: string;
  appId: string;
  signingSecret: string;
  tokens: Tokens;
  events: ReadonlySet<string>;
  latencyMs: number;
  retryDelaysMs: number[] | undefined;
  transport: Transport;
  notify(): void;
}

const refuse = () => {
  throw new Error('The app has no sockets: it takes its events by HTTP.');
};

const NO_SOCKETS: Sockets = {
  count: () => 0,
  onChange: () => () => {},
  refresh: refuse,
  cut: refuse,
  goSilent: refuse,
  goDeaf: refuse,
  addGhosts: refuse,
  clearGhosts: refuse,
  warn: refuse,
  disable: refuse,
  refuse,
  sendRaw: refuse,
};

export function mount(
  options: MountOptions & { teamId: string },
  enterprise: Enterprise | undefined,
  { url: cloudUrl, appId, signingSecret, tokens, ...shared }: Shared,
): Mounted {
  const { teamId } = options;
  const url = `${cloudUrl}/${teamId}`;
  const installation = () => installationIn(mounted);
  const [sibling] = enterprise?.members.values() ?? [];

  const team = createTeam(options, {
    url,
    identity: {
      ids: { teamId, appId, ...enterprise?.bot },
      name: options.name,
      domain: options.domain,
      ...(sibling && { uploads: sibling.team.world.uploads }),
    },
    installation,
    botToken() {
      const installed = installation();
      return installed && tokens.current(installed);
    },
    isSubscribed(event) {
      const scopes = installation()?.scopes;
      return shared.events.has(event) && (!scopes || maySubscribe(scopes, event));
    },
    authorize(value, kind) {
      const token = tokens.find(value);
      if (!token) throw new ApiError('invalid_auth');
      tokens.check(token);
      if (!reaches(token.installation, mounted)) throw new ApiError('team_access_not_granted');
      if (kind === 'app') throw new ApiError('not_allowed_token_type');
      return token.installation;
    },
    authorizations: ({ enterpriseId, botUserId, orgInstall }) => [
      {
        enterprise_id: enterpriseId,
        team_id: orgInstall ? null : teamId,
        user_id: botUserId,
        is_bot: true,
        is_enterprise_install: orgInstall,
      },
    ],
    transport: () => shared.transport,
    issueTicket: refuse,
    notify: shared.notify,
    describe: () => (installation() ? 'installed' : 'not installed'),
  });

  const sim: SlackSim = Object.assign(team.sim, {
    url,
    apiUrl: `${cloudUrl}/api/`,
    signingSecret,
    sockets: NO_SOCKETS,
    /** Only sockets need one. */
    appToken: '',
    deliverByHttp() {
      throw new Error('All workspaces share one Request URL: the cloud’s deliverTo sets it.');
    },
    servePage() {
      throw new Error('A workspace of the cloud has no page.');
    },
    async stop() {
      team.delivery.stop();
    },
  });
  const mounted: Mounted = { id: teamId, team, sim, enterprise, installation: undefined };
  return mounted;
}
