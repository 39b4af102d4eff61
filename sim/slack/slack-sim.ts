// A Slack workspace on your own machine: the Web API, Socket Mode or HTTP delivery, and the people.
// It is independent of any particular bot. The options say what can be tightened or broken.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createHttpDelivery, type HttpTarget } from './http-delivery.ts';
import { answerRequest, handleRequest } from './http-routes.ts';
import { listen } from './listen.ts';
import { createLive } from './live.ts';
import type { PageOptions } from './page-options.ts';
import { createSocketMode, type Sockets } from './socket-mode.ts';
import { createTeam, type TeamOptions, type TeamSim } from './team.ts';
import { ApiError } from './types.ts';
import { maySubscribe } from './web-api/access.ts';

export interface SlackSimOptions extends TeamOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  /** The bot's scopes. */
  scopes?: string[];
  /** The events that the app is subscribed to. */
  events?: string[];
  /** Deliver by signed HTTP instead of Socket Mode. */
  httpEvents?: { url: string; signingSecret?: string };
  /** Default 3000. */
  ackTimeoutMs?: number;
  /** The app is installed on the whole Enterprise Grid: lists have to name a workspace. */
  orgInstall?: boolean;
}

export const DEFAULT_SCOPES = [
  'channels:history',
  'groups:history',
  'channels:read',
  'groups:read',
  'chat:write',
  'reactions:read',
  'reactions:write',
  'commands',
  'users:read',
  'emoji:read',
  'im:history',
  'im:write',
  'app_mentions:read',
  'files:read',
  'files:write',
];

export const DEFAULT_EVENTS = [
  'app_mention',
  'message.channels',
  'message.groups',
  'message.im',
  'reaction_added',
  'reaction_removed',
  'app_home_opened',
  'member_joined_channel',
  'member_left_channel',
  'user_change',
  'channel_left',
  'group_left',
  'channel_archive',
  'group_archive',
  'channel_unarchive',
  'group_unarchive',
  'channel_rename',
  'group_rename',
  'channel_id_changed',
  'emoji_changed',
  'file_change',
];

export interface SlackSim extends TeamSim {
  readonly url: string;
  readonly apiUrl: string;
  readonly appToken: string;
  readonly signingSecret: string;
  deliverByHttp(url: string): void;
  readonly sockets: Sockets;
  /** Starts serving the workspace's page; returns its address. */
  servePage(options: PageOptions): string;
  stop(): Promise<void>;
}

export async function startSlackSim(options: SlackSimOptions = {}): Promise<SlackSim> {
  const { ackTimeoutMs = 3000, orgInstall = false } = options;
  const secret = (bytes: number) => randomBytes(bytes).toString('hex');
  const botToken = `xoxb-sim-${secret(12)}`;
  const appToken = `xapp-1-sim-${secret(12)}`;
  const signingSecret = options.httpEvents?.signingSecret ?? secret(16);
  const scopes = new Set(options.scopes ?? DEFAULT_SCOPES);
  const events = new Set(
    (options.events ?? DEFAULT_EVENTS).filter((event) => maySubscribe(scopes, event)),
  );
  const grant = { scopes, isOrgWide: orgInstall };
  let page: PageOptions | undefined;
  let http: HttpTarget | undefined = options.httpEvents && {
    url: options.httpEvents.url,
    signingSecret,
  };

  const server = createServer((request, response) =>
    answerRequest(request, response, (exchange) => handleRequest({ ...team, sim }, exchange, page)),
  );
  const url = await listen(server, options.port);
  const team = createTeam(options, {
    url,
    installation: () => grant,
    botToken: () => botToken,
    isSubscribed: (event) => events.has(event),
    authorize(token, kind) {
      if (token === (kind === 'app' ? appToken : botToken)) return grant;
      const isKnown = token === botToken || token === appToken;
      throw new ApiError(isKnown ? 'not_allowed_token_type' : 'invalid_auth');
    },
    authorizations: ({ enterpriseId, teamId, botUserId }) => [
      {
        enterprise_id: enterpriseId,
        team_id: teamId,
        user_id: botUserId,
        is_bot: true,
        is_enterprise_install: orgInstall,
      },
    ],
    transport: () => (http ? createHttpDelivery({ target: http, ackTimeoutMs }) : socketMode),
    issueTicket: () => socketMode.issueTicket(),
    notify: () => live.notify(),
    describe: () => `sockets ${socketMode.sockets.count()}`,
  });
  const { world } = team;
  const socketMode = createSocketMode({ appId: world.appId, ackTimeoutMs, notify: world.notify });
  const live = createLive({
    world,
    sim: () => sim,
    levels: () => team.rateLimits?.levels() ?? [],
  });
  server.on('upgrade', (request, socket, head) => {
    const isPage = request.url === '/live';
    (isPage ? live : socketMode).accept(request, socket, head);
  });
  const state = team.sim.state;

  const sim: SlackSim = Object.assign(team.sim, {
    url,
    apiUrl: `${url}/api/`,
    appToken,
    signingSecret,
    deliverByHttp(target: string) {
      http = { url: target, signingSecret };
    },
    sockets: socketMode.sockets,
    state: () => ({ ...state(), sockets: socketMode.sockets.count() }),
    servePage(pageOptions: PageOptions) {
      page = pageOptions;
      live.setPage(pageOptions);
      return `${url}/`;
    },
    async stop() {
      team.delivery.stop();
      socketMode.stop();
      live.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
  return sim;
}
