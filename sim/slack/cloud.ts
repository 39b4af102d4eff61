// A Slack with many workspaces behind one HTTP server, and one app that each of them can install. The app
// takes everything at one Request URL.
//   const cloud = await startSlackCloud({ app });
//   const acme = cloud.addWorkspace({ name: 'Acme' });   // a SlackSim, as startSlackSim makes it
//   const ann = acme.addUser({ name: 'ann' });
//   cloud.install(acme.teamId, { user: ann });           // or the whole flow, from cloud.authorizeUrl on
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createChanges, type WaitOptions } from './changes.ts';
import { type AppOptions, checkRedirectUrl } from './cloud/app.ts';
import { createCodes } from './cloud/codes.ts';
import { type AuthorizeQuery, createConsent, readQuery } from './cloud/consent.ts';
import {
  type Directory,
  type Enterprise,
  findPlace,
  isEnterprise,
  requireInstaller,
} from './cloud/directory.ts';
import { createEnterprise } from './cloud/enterprise.ts';
import { createInstallations, type OAuthAnswer } from './cloud/installations.ts';
import { type MountOptions, mount, type Shared } from './cloud/mount.ts';
import { handleCloudRequest } from './cloud/routes.ts';
import { createTokens } from './cloud/tokens.ts';
import { limitTransport } from './cloud/transport.ts';
import type { Delivery, Transport } from './delivery.ts';
import { createFaultBook, type Fault, type FaultList } from './faults.ts';
import { createHttpDelivery } from './http-delivery.ts';
import { answerRequest } from './http-routes.ts';
import { listen } from './listen.ts';
import { createRateLimits } from './rate-limits.ts';
import { DEFAULT_EVENTS, type SlackSim } from './slack-sim.ts';
import type { TeamOptions } from './team.ts';
import { createTsClock } from './timestamps.ts';
import { type ApiCall, isObject, type JsonObject } from './types.ts';
import { createCalls } from './web-api/calls.ts';

export interface SlackCloudOptions
  extends Pick<
      TeamOptions,
      'rateScale' | 'rateLimits' | 'commands' | 'retryDelaysMs' | 'latencyMs' | 'unlisted'
    >,
    Pick<TeamOptions, 'botName' | 'now' | 'onHang'> {
  app: AppOptions;
  /** The Request URL; without one, no event arrives. */
  eventsUrl?: string;
  /** The events that the app is subscribed to. */
  events?: readonly string[];
  /** 0, the default, takes any free port. */
  port?: number;
  /** Default 3000. */
  ackTimeoutMs?: number;
  /**
   * How long a refresh token works after its first use: "a short grace period" is all that Slack says.
   * Default 10,000.
   */
  refreshGraceMs?: number;
}

/** A person's answer to what the app asks for at /oauth/v2/authorize. */
interface Decision {
  /** The address that the app sends the person to; otherwise the other parameters say what it asks for. */
  url?: string;
  /** Default: all scopes of the app. */
  scope?: string;
  state?: string;
  redirectUri?: string;
}

export interface SlackCloud {
  readonly url: string;
  readonly apiUrl: string;
  readonly authorizeUrl: string;
  readonly appId: string;
  /** By id. */
  readonly workspaces: ReadonlyMap<string, SlackSim>;
  /** The app is not installed there yet. With `enterpriseId` it is of that Enterprise Grid. */
  addWorkspace(options?: MountOptions): SlackSim;
  /** Sets the Request URL. */
  deliverTo(url: string): void;
  /** Sends the challenge that Slack sends to a new Request URL. Rejects if the app does not return it. */
  verifyRequestUrl(): Promise<void>;
  /**
   * Installs the app without the OAuth flow; returns what oauth.v2.access would answer. It can be repeated.
   * @param id a workspace, or an Enterprise Grid: then no workspace has the app until it is granted
   * @param options.scopes default: all scopes of the app
   */
  install(id: string, options: { user: string; scopes?: readonly string[] }): OAuthAnswer;
  /** Removes the app from a workspace or from an Enterprise Grid; the app is told. */
  uninstall(id: string): void;
  /** An org admin adds the app of the whole Enterprise Grid to workspaces. */
  grantAccess(enterpriseId: string, teamIds: readonly string[]): void;
  /** An org admin removes it from workspaces. */
  revokeAccess(enterpriseId: string, teamIds: readonly string[]): void;
  /** Allows what the app asks for; returns the address that the person is sent to, with `code` and `state`. */
  approve(decision: Decision & { team: string; user: string }): string;
  /** The same with `error=access_denied`. */
  deny(decision: Decision): string;
  /** Switches token rotation on, for good; tokens that are there last until they are exchanged. */
  turnOnRotation(): void;
  /** Lets the access tokens of a workspace or Enterprise Grid expire now, with rotation. */
  expireTokens(id: string): void;
  /** Calls that belong to no workspace: for tokens, and with unknown ones. */
  readonly calls: readonly ApiCall[];
  /** Faults of these calls. */
  readonly faults: FaultList<Fault>;
  /** Of all workspaces, and those that belong to none. */
  readonly lostEvents: readonly JsonObject[];
  /** Resolves when no event or ack is outstanding anywhere; waits for retries too unless told not to. */
  idle(options?: { ignoreRetries?: boolean }): Promise<void>;
  /** Checks the predicate after every change anywhere; never polls. Rejects after `timeoutMs` (60,000). */
  waitFor<T>(predicate: () => T | undefined | false, options?: WaitOptions): Promise<T>;
  close(): Promise<void>;
}

/** Beyond those of one workspace: what an app hears of its installations. */
const INSTALLATION_EVENTS = [
  'app_uninstalled',
  'tokens_revoked',
  'team_access_granted',
  'team_access_revoked',
];

export async function startSlackCloud(options: SlackCloudOptions): Promise<SlackCloud> {
  const { app, ackTimeoutMs = 3000, latencyMs = 0, now = Date.now } = options;
  const { eventsUrl, port, refreshGraceMs = 10_000 } = options;
  const { appId = 'A0CLOUD', signingSecret } = app;
  for (const redirectUrl of app.redirectUrls) checkRedirectUrl(redirectUrl);
  const events = new Set(options.events ?? [...DEFAULT_EVENTS, ...INSTALLATION_EVENTS]);
  let requestUrl = eventsUrl;
  let isRotating = app.tokenRotation ?? false;

  const server = createServer((request, response) =>
    answerRequest(request, response, (exchange) => handleCloudRequest(routes, exchange)),
  );
  const url = await listen(server, port);

  const directory: Directory = { workspaces: new Map(), enterprises: new Map() };
  const tokens = createTokens({ now, refreshGraceMs, isRotating: () => isRotating });
  const codes = createCodes(now);
  const nextTs = createTsClock(now);
  const installations = createInstallations({
    appId,
    tokens,
    nextTs,
    isRotating: () => isRotating,
  });
  const consent = createConsent({ app, directory, codes });
  const changes = createChanges(() => `${directory.workspaces.size} workspaces at ${url}`);
  const faults = createFaultBook<Fault>();
  const calls = createCalls({
    faults,
    latencyMs,
    onHang: options.onHang,
    now,
    notify: changes.notify,
  });
  const rateLimits =
    options.rateLimits === false
      ? undefined
      : createRateLimits(options.rateScale ?? 1, options.now);
  const routes = {
    ...{ app, url, directory, tokens, codes, installations },
    ...{ calls, consent, rateLimits },
  };

  const unreachable: Transport = {
    deliver: async () => ({ kind: 'failed', reason: 'connection_failed' }),
  };
  const transport = limitTransport(() =>
    requestUrl === undefined
      ? unreachable
      : createHttpDelivery({ target: { url: requestUrl, signingSecret }, ackTimeoutMs }),
  );
  const shared: Shared = {
    ...{ url, appId, signingSecret, tokens, events, transport, latencyMs },
    retryDelaysMs: options.retryDelaysMs,
    notify: changes.notify,
  };

  const requireEnterprise = (id: string): Enterprise => {
    const place = findPlace(directory, id);
    if (!isEnterprise(place)) throw new Error(`${id} is no Enterprise Grid.`);
    return place;
  };
  const toQuery = ({ url: from, ...given }: Decision): AuthorizeQuery => {
    if (from !== undefined) return readQuery(new URL(from).searchParams);
    return {
      client_id: app.clientId,
      scope: given.scope ?? app.scopes.join(','),
      user_scope: '',
      state: given.state ?? '',
      redirect_uri: given.redirectUri ?? '',
      team: '',
    };
  };
  const sims = new Map<string, SlackSim>();
  const deliveries = () => [
    ...[...directory.workspaces.values()].map((mounted) => mounted.team.delivery),
    ...[...directory.enterprises.values()].map((enterprise) => enterprise.delivery),
  ];
  const idSalt = randomBytes(2).toString('hex').toUpperCase();

  return {
    url,
    apiUrl: `${url}/api/`,
    authorizeUrl: `${url}/oauth/v2/authorize`,
    appId,
    workspaces: sims,
    addWorkspace(given = {}) {
      const number = String(sims.size + 1).padStart(4, '0');
      const { teamId = `T0${idSalt}${number}`, enterpriseId } = given;
      if (sims.has(teamId)) throw new Error(`There is a workspace ${teamId} already.`);
      const enterprise =
        enterpriseId === undefined
          ? undefined
          : (directory.enterprises.get(enterpriseId) ?? createEnterprise(enterpriseId, shared));
      const defaults = { salt: idSalt + number, name: `Team ${number}`, domain: `team-${number}` };
      const mounted = mount({ ...options, ...defaults, ...given, teamId }, enterprise, shared);
      directory.workspaces.set(teamId, mounted);
      if (enterprise) {
        enterprise.members.set(teamId, mounted);
        directory.enterprises.set(enterprise.id, enterprise);
      }
      sims.set(teamId, mounted.sim);
      return mounted.sim;
    },
    deliverTo(target) {
      requestUrl = target;
    },
    async verifyRequestUrl() {
      const challenge = randomBytes(20).toString('hex');
      const payload = { token: 'sim-verification-token', challenge, type: 'url_verification' };
      const retry = { attempt: 0, reason: '' };
      const given = await transport.deliver({ kind: 'events_api', payload, retry });
      const { response } = given.kind === 'acked' ? given : {};
      if ((isObject(response) ? response.challenge : response) !== challenge)
        throw new Error(`${requestUrl} did not return the challenge.`);
    },
    install(id, { user, scopes = app.scopes }) {
      const place = findPlace(directory, id);
      requireInstaller(place, user);
      const unknown = scopes.filter((scope) => !app.scopes.includes(scope));
      if (unknown.length > 0) throw new Error(`The app has no scopes ${unknown}.`);
      return installations.install(place, user, scopes);
    },
    uninstall(id) {
      installations.uninstall(findPlace(directory, id));
    },
    grantAccess(id, teamIds) {
      installations.grant(requireEnterprise(id), teamIds);
    },
    revokeAccess(id, teamIds) {
      installations.withdraw(requireEnterprise(id), teamIds);
    },
    approve: ({ team: place, user, ...decision }) => consent.allow(toQuery(decision), place, user),
    deny: (decision) => consent.deny(toQuery(decision)),
    turnOnRotation() {
      isRotating = true;
    },
    expireTokens(id) {
      const { installation } = findPlace(directory, id);
      if (!installation) throw new Error(`The app is not installed in ${id}.`);
      tokens.expire(installation);
    },
    calls: calls.log.calls,
    faults,
    get lostEvents() {
      return deliveries().flatMap((delivery) => delivery.lost);
    },
    async idle(idleOptions = {}) {
      const isBusy = (delivery: Delivery) => {
        const { inFlight, waitingForRetry } = delivery.pending();
        return inFlight > 0 || (waitingForRetry > 0 && !idleOptions.ignoreRetries);
      };
      // What one workspace does may have an effect in another.
      do await Promise.all(deliveries().map((delivery) => delivery.idle(idleOptions)));
      while (deliveries().some(isBusy));
    },
    waitFor: changes.waitFor,
    async close() {
      for (const delivery of deliveries()) delivery.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
