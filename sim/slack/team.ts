// One workspace and all that happens in it, without a server: its people, its Web API, its deliveries.
// It is on a server of its own (slack-sim.ts), or on one with many others (cloud.ts).
import type { IncomingMessage } from 'node:http';
import { createBlockCheck } from './block-kit/validate.ts';
import { createChanges, type WaitOptions } from './changes.ts';
import { createDelivery, type Delivery, type Transport } from './delivery.ts';
import { createFaultBook, type EventFault, type Fault, type FaultList } from './faults.ts';
import { DEFAULT_HISTORY, type HistoryRules, UNLISTED_PAGE } from './history-rules.ts';
import { type AppActions, createInteractions } from './interactions.ts';
import { isTombstone } from './message-store.ts';
import { createPeople, type People } from './people.ts';
import { createRateLimits, type RateLimits } from './rate-limits.ts';
import type { ResponseUrls } from './response-urls.ts';
import { findLinks, findPings, type Link } from './text.ts';
import type { ApiCall, JsonObject, SimEphemeral, SimMessage, SimView } from './types.ts';
import type { Grant } from './web-api/access.ts';
import { findFile, holdShares } from './web-api/files.ts';
import { type Authorize, createWebApi, type WebApi } from './web-api/serve.ts';
import { createWorkspace, isExternal, type Workspace, type WorkspaceOptions } from './workspace.ts';

export interface TeamOptions {
  /** Multiplies every rate limit; 1, the default, is Slack's own. */
  rateScale?: number;
  /** Default true. */
  rateLimits?: boolean;
  /** The app's slash commands; default: any command is accepted. */
  commands?: string[];
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
  /** Is in every id; default: drawn, so that no two workspaces have the same ids. */
  salt?: string;
  /** The bot's name; default `simbot`. */
  botName?: string;
  /** The clock that timestamps, triggers and rate limits go by, ms since 1970; default Date.now. */
  now?: () => number;
  /** Told of each call that a `hang` leaves without an answer. */
  onHang?: (request: IncomingMessage) => void;
}

/** What a workspace needs of the server that it is on. */
export interface Host {
  /** Default: a workspace like any other. */
  identity?: Pick<WorkspaceOptions, 'ids' | 'name' | 'domain' | 'uploads'>;
  /** Every address of the workspace begins with it. */
  url: string;
  /** How the app is installed; undefined: it is not, so it hears nothing. */
  installation(): Grant | undefined;
  botToken(): string | undefined;
  /** By the name under which an app subscribes to an event. */
  isSubscribed(event: string): boolean;
  authorize: Authorize;
  authorizations(world: Workspace): JsonObject[];
  transport(): Transport;
  /** A ticket for a socket. */
  issueTicket(): string;
  /** Told of every change in the workspace. */
  notify(): void;
  /** Describes the connection to the app, for errors. */
  describe(): string;
}

export interface TeamSim extends People, AppActions {
  /** Throws if the app has no valid one, for instance because it is not installed. */
  readonly botToken: string;
  readonly teamId: string;
  readonly botUserId: string;
  readonly botId: string;
  readonly appId: string;
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
}

export interface Team {
  readonly sim: TeamSim;
  readonly world: Workspace;
  readonly webApi: WebApi;
  readonly responseUrls: ResponseUrls;
  readonly delivery: Delivery;
  readonly rateLimits: RateLimits | undefined;
  knowsTrigger(id: string): boolean;
}

export function createTeam(options: TeamOptions, host: Host): Team {
  const { latencyMs = 0 } = options;
  const changes = createChanges(() => {
    const { inFlight, waitingForRetry } = delivery.pending();
    const lines = webApi.log.calls
      .slice(-5)
      .map((c) => `  ${c.method} ${c.ok ? 'ok' : (c.error ?? c.status)}`);
    return [
      `events in flight ${inFlight}, waiting for a retry ${waitingForRetry}, ${host.describe()}; last calls:`,
      ...lines,
    ].join('\n');
  });
  const world = createWorkspace({
    ...host.identity,
    now: options.now,
    enterpriseId: options.enterpriseId,
    isOrgInstall: () => host.installation()?.isOrgWide ?? false,
    salt: options.salt,
    notify: () => {
      changes.notify();
      host.notify();
    },
    // The bot hears only of channels that it is in.
    emit: (event, channel) => {
      if (host.installation() && (!channel || world.hasBot(channel))) delivery.emit(event);
    },
  });
  const { botUserId, teamId, appId, botId } = world;
  addBot(world, options.botName ?? 'simbot');

  const delivery = createDelivery({
    transport: host.transport,
    retryDelaysMs: options.retryDelaysMs ?? [0, 60_000, 300_000],
    latencyMs,
    isSubscribed: host.isSubscribed,
    envelope: (event) => ({
      token: 'sim-verification-token',
      team_id: teamId,
      ...(world.enterpriseId && { enterprise_id: world.enterpriseId }),
      context_team_id: teamId,
      api_app_id: appId,
      // Nobody is authorized any more when the app hears that it was uninstalled.
      ...(host.installation() && { authorizations: host.authorizations(world) }),
      is_ext_shared_channel: isExternal(world, event),
    }),
    notify: world.notify,
  });
  const blocks = createBlockCheck(options.refuseBlocks ?? []);
  const interactions = createInteractions({
    world,
    delivery: {
      request: async (kind, payload) => {
        if (host.installation()) return delivery.request(kind, payload);
        const error = kind === 'slash_commands' ? 'invalid_command' : 'app_not_installed';
        return { acked: false, error };
      },
    },
    blocks,
    url: host.url,
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
    latencyMs,
    url: host.url,
    authorize: host.authorize,
    rateLimits,
    orphanReplies: options.orphanReplies ?? 'refuse',
    issueTicket: host.issueTicket,
  });

  const storeOf = (id: string) => {
    const channel = world.channels.get(id);
    if (!channel) throw new Error(`There is no channel ${id} in the simulated workspace.`);
    return channel.store;
  };
  const visible = (message: SimMessage | undefined): SimMessage[] =>
    message && !isTombstone(message) ? [message] : [];

  const sim: TeamSim = {
    ...createPeople(world),
    get botToken() {
      const token = host.botToken();
      if (token === undefined) throw new Error(`The app has no valid token in ${teamId}.`);
      return token;
    },
    teamId,
    botUserId,
    botId,
    appId,
    command: interactions.command,
    click: async (input) => interactions.click(input),
    shortcut: async (input) => interactions.shortcut(input),
    submitView: interactions.submitView,
    closeView: interactions.closeView,
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
    }),
  };
  const { responseUrls, hasIssued: knowsTrigger } = interactions;
  return { sim, world, webApi, responseUrls, delivery, rateLimits, knowsTrigger };
}

function addBot(world: Workspace, name: string): void {
  const { botUserId, botId, appId, teamId } = world;
  world.users.set(botUserId, {
    id: botUserId,
    name,
    realName: name,
    displayName: name,
    tz: 'UTC',
    locale: 'en-US',
    isBot: true,
    isRestricted: false,
    teamId,
    enterpriseId: world.enterpriseId ?? undefined,
  });
  world.integrations.set(botId, { botId, appId, name, user: botUserId });
}
