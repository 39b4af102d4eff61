// A Slack workspace on your own machine: the Web API, Socket Mode or HTTP delivery, and the people.
// It is independent of any particular bot. The options say what can be tightened or broken.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBlockCheck } from './block-kit/validate.ts';
import { createChanges, type WaitOptions } from './changes.ts';
import { createDelivery, type Transport } from './delivery.ts';
import { createFaultBook, type EventFault, type Fault, type FaultList } from './faults.ts';
import { DEFAULT_HISTORY, type HistoryRules, UNLISTED_PAGE } from './history-rules.ts';
import { createHttpDelivery, type HttpTarget } from './http-delivery.ts';
import { handleRequest } from './http-routes.ts';
import { type AppActions, createInteractions } from './interactions.ts';
import { createLive } from './live.ts';
import { isTombstone } from './message-store.ts';
import type { PageOptions } from './page-options.ts';
import { createPeople, type People } from './people.ts';
import { createRateLimits } from './rate-limits.ts';
import { createSocketMode, type Sockets } from './socket-mode.ts';
import { findLinks, findPings, type Link } from './text.ts';
import type { ApiCall, JsonObject, SimEphemeral, SimMessage, SimView } from './types.ts';
import { maySubscribe } from './web-api/access.ts';
import { findFile, holdShares } from './web-api/files.ts';
import { createWebApi } from './web-api/serve.ts';
import { createWorkspace, isExternal } from './workspace.ts';

export interface SlackSimOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  /** Multiplies every rate limit; 1, the default, is Slack's own. */
  rateScale?: number;
  /** Default true. */
  rateLimits?: boolean;
  /** The bot's scopes. */
  scopes?: string[];
  /** The events that the app is subscribed to. */
  events?: string[];
  /** The app's slash commands; default: any command is accepted. */
  commands?: string[];
  /** Deliver by signed HTTP instead of Socket Mode. */
  httpEvents?: { url: string; signingSecret?: string };
  /** Default 3000. */
  ackTimeoutMs?: number;
  /** Delays before each retry of an unacknowledged event; default 0, 1 min, 5 min. */
  retryDelaysMs?: number[];
  /** Block types that this workspace refuses. */
  refuseBlocks?: string[];
  /** Delays every call and event. */
  latencyMs?: number;
  /** What happens to a reply to a missing message; Slack does both (python-slack-events-api#87). */
  orphanReplies?: 'refuse' | 'top_level';
  /** How history is paged; default: from the newest message on, with cursors. */
  history?: Partial<HistoryRules>;
  /**
   * The app is distributed outside the Marketplace: history and replies come once a minute (times
   * `rateScale`), at most 15 messages a page. Default false: an app of the customer's own.
   */
  unlisted?: boolean;
  /** The Enterprise Grid that the workspace belongs to; default: none. */
  enterpriseId?: string;
  /** The app is installed on the whole Enterprise Grid: lists have to name a workspace. */
  orgInstall?: boolean;
  /** Is in every id; default: drawn, so that no two workspaces have the same ids. */
  salt?: string;
  /** The bot's name; default `simbot`. */
  botName?: string;
  /** The clock that timestamps, triggers and rate limits go by, ms since 1970; default Date.now. */
  now?: () => number;
  /** Told of each call that a `hang` leaves without an answer. */
  onHang?: (request: IncomingMessage) => void;
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

const DEFAULT_EVENTS = [
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

export interface SlackSim extends People, AppActions {
  readonly url: string;
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly teamId: string;
  readonly botUserId: string;
  readonly botId: string;
  readonly appId: string;
  deliverByHttp(url: string): void;
  /** Oldest first, with replies, without deleted messages. */
  messages(channel: string): SimMessage[];
  /** A parent and its replies, oldest first. */
  thread(channel: string, ts: string): SimMessage[];
  message(channel: string, ts: string): SimMessage | undefined;
  ephemerals(user?: string): SimEphemeral[];
  /** The bot's direct conversation with a person; undefined until there is one. */
  direct(user: string): string | undefined;
  /** Keeps completed files from being shared, until called with false. */
  holdShares(isHeld: boolean): void;
  /** A file whose upload was completed. */
  file(id: string): { name: string; bytes: Buffer } | undefined;
  readonly views: SimView[];
  home(user: string): SimView | undefined;
  pings(
    message: Pick<SimMessage, 'text' | 'blocks' | 'attachments' | 'parse' | 'link_names'>,
  ): string[];
  links(message: Pick<SimMessage, 'text' | 'blocks' | 'attachments'>): Link[];
  readonly calls: readonly ApiCall[];
  readonly callCounts: ReadonlyMap<string, number>;
  readonly rateLimited: number;
  readonly faults: FaultList<Fault>;
  readonly eventFaults: FaultList<EventFault>;
  /** Events that the app never acknowledged or that a fault dropped. */
  readonly lostEvents: readonly JsonObject[];
  readonly sockets: Sockets;
  /** How history is paged; may be changed at any time. */
  readonly history: HistoryRules;
  /** Expires every response_url issued so far. */
  expireResponseUrls(): void;
  /** Fails now what the app has not acknowledged yet, as if its time were over. */
  timeOut(): void;
  /** Resolves when no event or ack is outstanding; waits for retries too unless told to ignore them. */
  idle(options?: { ignoreRetries?: boolean }): Promise<void>;
  /** Checks the predicate after every change; never polls. Rejects after `timeoutMs` (60,000). */
  waitFor<T>(predicate: () => T | undefined | false, options?: WaitOptions): Promise<T>;
  state(): JsonObject;
  /** Starts serving the workspace's page; returns its address. */
  servePage(options: PageOptions): string;
  stop(): Promise<void>;
}

export async function startSlackSim(options: SlackSimOptions = {}): Promise<SlackSim> {
  const { ackTimeoutMs = 3000, latencyMs = 0 } = options;
  const secret = (bytes: number) => randomBytes(bytes).toString('hex');
  const botToken = `xoxb-sim-${secret(12)}`;
  const appToken = `xapp-1-sim-${secret(12)}`;
  const signingSecret = options.httpEvents?.signingSecret ?? secret(16);

  const changes = createChanges(() => {
    const { inFlight, waitingForRetry } = delivery.pending();
    const lines = webApi.log.calls
      .slice(-5)
      .map((c) => `  ${c.method} ${c.ok ? 'ok' : (c.error ?? c.status)}`);
    return [
      `events in flight ${inFlight}, waiting for a retry ${waitingForRetry}, sockets ${socketMode.sockets.count()}; last calls:`,
      ...lines,
    ].join('\n');
  });
  const world = createWorkspace({
    ...(options.now && { now: options.now }),
    enterpriseId: options.enterpriseId,
    orgInstall: options.orgInstall,
    salt: options.salt,
    notify: () => {
      changes.notify();
      live.notify();
    },
    // The bot hears only of channels that it is in.
    emit: (event, channel) => {
      if (!channel || world.hasBot(channel)) delivery.emit(event);
    },
  });
  const { botUserId, teamId, appId, botId } = world;
  const botName = options.botName ?? 'simbot';
  world.users.set(botUserId, {
    id: botUserId,
    name: botName,
    realName: botName,
    displayName: botName,
    tz: 'UTC',
    locale: 'en-US',
    isBot: true,
    isRestricted: false,
    teamId,
    enterpriseId: world.enterpriseId ?? undefined,
  });

  world.integrations.set(botId, { botId, appId, name: botName, user: botUserId });

  let url = '';
  let page: PageOptions | undefined;
  let http: HttpTarget | undefined = options.httpEvents && {
    url: options.httpEvents.url,
    signingSecret,
  };
  const scopes = new Set(options.scopes ?? DEFAULT_SCOPES);
  const socketMode = createSocketMode({ appId, ackTimeoutMs, notify: world.notify });
  const delivery = createDelivery({
    transport: (): Transport =>
      http ? createHttpDelivery({ target: http, ackTimeoutMs }) : socketMode,
    retryDelaysMs: options.retryDelaysMs ?? [0, 60_000, 300_000],
    latencyMs,
    events: new Set(
      (options.events ?? DEFAULT_EVENTS).filter((event) => maySubscribe(scopes, event)),
    ),
    envelope: (event) => ({
      token: 'sim-verification-token',
      team_id: teamId,
      context_team_id: teamId,
      api_app_id: appId,
      authorizations: [
        {
          enterprise_id: world.enterpriseId,
          team_id: teamId,
          user_id: botUserId,
          is_bot: true,
          is_enterprise_install: options.orgInstall ?? false,
        },
      ],
      is_ext_shared_channel: isExternal(world, event),
    }),
    notify: world.notify,
  });
  const blocks = createBlockCheck(options.refuseBlocks ?? []);
  const interactions = createInteractions({
    world,
    delivery,
    blocks,
    url: () => url,
    commands: options.commands,
  });
  const faults = createFaultBook<Fault>();
  const history = {
    ...DEFAULT_HISTORY,
    ...(options.unlisted && { pageCap: UNLISTED_PAGE }),
    ...options.history,
  };
  const rateLimits =
    options.rateLimits === false
      ? undefined
      : createRateLimits(options.rateScale ?? 1, options.now, options.unlisted);
  const webApi = createWebApi({
    world,
    blocks,
    interactions,
    faults,
    history,
    onHang: options.onHang,
    botToken,
    appToken,
    latencyMs,
    get url() {
      return url;
    },
    scopes,
    rateLimits,
    orphanReplies: options.orphanReplies ?? 'refuse',
    issueTicket: socketMode.issueTicket,
    isSocketModeRefused: socketMode.isRefusing,
  });

  const server = createServer((request, response) =>
    handleRequest(
      {
        webApi,
        responseUrls: interactions.responseUrls,
        sim: () => sim,
        page: () => page,
      },
      request,
      response,
    ),
  );
  // Keeps idle connections open for longer than clients do, as the service does.
  server.keepAliveTimeout = 60_000;
  const live = createLive({
    world,
    sim: () => sim,
    levels: () => rateLimits?.levels() ?? [],
  });
  server.on('upgrade', (request, socket, head) => {
    const isPage = request.url === '/live';
    (isPage ? live : socketMode).accept(request, socket, head);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const storeOf = (id: string) => {
    const channel = world.channels.get(id);
    if (!channel) throw new Error(`There is no channel ${id} in the simulated workspace.`);
    return channel.store;
  };
  const visible = (message: SimMessage | undefined): SimMessage[] =>
    message && !isTombstone(message) ? [message] : [];

  const sim: SlackSim = {
    ...createPeople(world),
    url,
    apiUrl: `${url}/api/`,
    botToken,
    appToken,
    signingSecret,
    teamId,
    botUserId,
    botId,
    appId,
    command: interactions.command,
    click: async (input) => interactions.click(input),
    shortcut: async (input) => interactions.shortcut(input),
    submitView: interactions.submitView,
    closeView: interactions.closeView,
    deliverByHttp(target) {
      http = { url: target, signingSecret };
    },
    messages: (channel) => storeOf(channel).all().flatMap(visible),
    thread(channel, ts) {
      const store = storeOf(channel);
      return [ts, ...store.replies(ts)].flatMap((each) => visible(store.get(each)));
    },
    message: (channel, ts) => visible(storeOf(channel).get(ts))[0],
    ephemerals: (user) => world.ephemerals.filter((e) => user === undefined || e.user === user),
    direct: (user) =>
      [...world.channels.values()].find((c) => c.kind === 'im' && c.members.has(user))?.id,
    holdShares: (isHeld) => holdShares(world, isHeld),
    file: (id) => findFile(world, id),
    get views() {
      return [...world.views.values()];
    },
    home: (user) => world.homes.get(user),
    pings: findPings,
    links: findLinks,
    calls: webApi.log.calls,
    callCounts: webApi.log.counts,
    get rateLimited() {
      return webApi.log.rateLimited;
    },
    faults,
    eventFaults: delivery.faults,
    lostEvents: delivery.lost,
    sockets: socketMode.sockets,
    history,
    expireResponseUrls: () => interactions.responseUrls.expire(),
    timeOut: delivery.timeOut,
    idle: (idleOptions) => delivery.idle(idleOptions),
    waitFor: changes.waitFor,
    state: () => ({
      team: teamId,
      bot: { userId: botUserId, botId, appId },
      users: [...world.users.values()],
      channels: [...world.channels.values()].map((c) => ({
        id: c.id,
        name: c.name,
        kind: c.kind,
        isArchived: c.isArchived,
        members: [...c.members],
        messages: c.store.all().flatMap(visible),
      })),
      ephemerals: world.ephemerals,
      calls: Object.fromEntries(webApi.log.counts),
      rateLimited: webApi.log.rateLimited,
      sockets: socketMode.sockets.count(),
    }),
    servePage(pageOptions) {
      page = pageOptions;
      live.setPage(pageOptions);
      return `${url}/`;
    },
    async stop() {
      delivery.stop();
      socketMode.stop();
      live.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return sim;
}
