import { startBalancer } from '../../sim/balancer.ts';
import { type SlackCloud, startSlackCloud } from '../../sim/slack/cloud.ts';
import { readScopes } from '../../src/manifest.ts';
import { createTenant, type Tenant } from './tenant.ts';

/**
 * A Slack with many workspaces as a separate process, so that its work does not count as the bot's, and the proxy before
 * the bots. On request it performs what people do and times it as they see it.
 */
export type Order =
  /** The bots that the proxy hands requests to. */
  | { kind: 'bots'; ports: number[] }
  /** So many workspaces more install the app, as people do. */
  | { kind: 'install'; workspaces: number }
  /** Posts messages over all workspaces within a time (0: at once), while commands are typed. */
  | { kind: 'post'; messages: number; seconds: number }
  /** Types a command in each workspace until each has answered. */
  | { kind: 'reach all' }
  /** Posts in every workspace, has some of them sum it up, and goes on until `killed`; then like `reach all`. */
  | { kind: 'fail over'; messages: number; seconds: number }
  /** A bot was killed just now. */
  | { kind: 'killed' }
  /** Has the first workspace sum up what is pending. Types a command in the others, ten times a second, until `enough`. */
  | { kind: 'crowd' }
  | { kind: 'enough' };

export interface Began {
  address: string;
  environment: Record<string, string>;
}

export interface Outcome {
  elapsedMs: number;
  /** From sending a command to its answer. */
  latenciesMs: number[];
  posted: number;
  /** Posts that are there twice. */
  twice: number;
  /** The first workspace, and its channel. */
  first: { team: string; channel: string } | undefined;
}

const SECRETS = { clientId: '1.2', clientSecret: 'client-secret', signingSecret: 'signing-secret' };

const balancer = await startBalancer();
const cloud: SlackCloud = await startSlackCloud({
  app: {
    ...SECRETS,
    redirectUrls: [`${balancer.url}/slack/oauth_redirect`],
    scopes: readScopes(),
  },
  eventsUrl: `${balancer.url}/slack/events`,
  rateLimits: false,
  botName: 'winnow',
  ackTimeoutMs: 3_000,
  // Slack's are a minute and more.
  retryDelaysMs: [0, 1_000, 5_000, 10_000, 10_000],
});
process.send?.({
  address: balancer.url,
  environment: {
    SLACK_CLIENT_ID: SECRETS.clientId,
    SLACK_CLIENT_SECRET: SECRETS.clientSecret,
    SLACK_SIGNING_SECRET: SECRETS.signingSecret,
    SLACK_API_URL: cloud.apiUrl,
    PUBLIC_URL: balancer.url,
  },
} satisfies Began);

const tenants: Tenant[] = [];
const known: number[] = [];
let posted = 0;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const pick = (among: readonly Tenant[] = tenants) =>
  among[Math.floor(Math.random() * among.length)];

async function time(work: () => Promise<unknown>): Promise<number> {
  const at = performance.now();
  await work();
  return performance.now() - at;
}

async function install(workspaces: number): Promise<void> {
  const added = Array.from({ length: workspaces }, () => createTenant(cloud));
  let next = 0;
  const worker = async () => {
    for (let tenant = added[next++]; tenant; tenant = added[next++]) {
      await tenant.install(balancer.url);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  tenants.push(...added);
}

/** Types a command ten times a second in any of these. @returns ends it, and says how long each took */
function keepAsking(among: () => Tenant | undefined): () => Promise<number[]> {
  const latencies: number[] = [];
  let going = true;
  const asking = (async () => {
    while (going) {
      const tenant = among();
      // While nobody works for the workspace, a command is not answered.
      if (tenant) latencies.push(await time(() => tenant.ask()));
      await sleep(100);
    }
  })();
  return async () => {
    going = false;
    await asking;
    return latencies;
  };
}

/** Posts, and types commands meanwhile. */
async function post(messages: number, seconds: number): Promise<number[]> {
  const enough = keepAsking(() => pick());
  for (let n = 0; n < messages; n++) {
    pick()?.post(`The export of report ${n} fails since the update.`);
    posted += 1;
    if (seconds > 0) await sleep((1_000 * seconds) / messages);
  }
  await cloud.idle();
  return enough();
}

/** As many people as type at the same time. */
const TYPING = 50;

/** @returns after how long each workspace has answered */
async function reachAll(): Promise<number[]> {
  const began = performance.now();
  const left = [...tenants];
  const after: number[] = [];
  const person = async () => {
    for (let tenant = left.shift(); tenant; tenant = left.shift()) {
      // Whoever is not answered is asked again after the others.
      if (await tenant.reach()) after.push(performance.now() - began);
      else left.push(tenant);
    }
  };
  await Promise.all(Array.from({ length: TYPING }, person));
  return after;
}

/** People rarely ask for more at the same moment. */
const SUMMING = 100;

const killed = Promise.withResolvers<void>();

async function failOver(messages: number, seconds: number): Promise<number[]> {
  for (const tenant of tenants) tenant.post('The export fails since the update.');
  posted += tenants.length;
  await cloud.idle();
  const summing = tenants.slice(0, SUMMING).map((tenant) => tenant.sumUp());
  const load = post(messages, seconds);
  await killed.promise;
  const reached = await reachAll();
  await Promise.all([load, ...summing]);
  return reached;
}

const crowded = Promise.withResolvers<void>();

async function crowd(): Promise<number[]> {
  const [first, ...others] = tenants;
  while (!(await first?.order()));
  const enough = keepAsking(() => pick(others));
  await crowded.promise;
  return enough();
}

async function carryOut(order: Order): Promise<number[] | undefined> {
  switch (order.kind) {
    case 'bots':
      for (const port of known.splice(0)) balancer.remove(port);
      for (const port of order.ports) balancer.add(port);
      known.push(...order.ports);
      return [];
    case 'install':
      await install(order.workspaces);
      return [];
    case 'post':
      return post(order.messages, order.seconds);
    case 'reach all':
      return reachAll();
    case 'fail over':
      return failOver(order.messages, order.seconds);
    case 'killed':
      killed.resolve();
      return undefined;
    case 'crowd':
      return crowd();
    case 'enough':
      crowded.resolve();
      return undefined;
    default:
      return order satisfies never;
  }
}

process.on('message', async (order: Order) => {
  const began = performance.now();
  const latenciesMs = await carryOut(order);
  if (!latenciesMs) return;
  const twice = tenants.reduce((sum, tenant) => sum + tenant.countTwice(), 0);
  const elapsedMs = performance.now() - began;
  const [first] = tenants;
  process.send?.({ elapsedMs, latenciesMs, posted, twice, first } satisfies Outcome);
});
process.once('disconnect', () => process.exit(0));
