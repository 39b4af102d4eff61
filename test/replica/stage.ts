import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import { type Balancer, startBalancer } from '../../sim/balancer.ts';
import { type ClaudeSim, startClaudeSim } from '../../sim/claude/claude-sim.ts';
import { type SlackCloud, startSlackCloud } from '../../sim/slack/cloud.ts';
import type { SlackSim } from '../../sim/slack/slack-sim.ts';
import type { SimMessage } from '../../sim/slack/types.ts';
import { readConfig } from '../../src/config.ts';
import { type DatabasePlace, parsePlace } from '../../src/core/database-place.ts';
import { readScopes } from '../../src/manifest.ts';
import { readManyConfig } from '../../src/many-config.ts';
import { startReplica } from '../../src/replica/replica.ts';
import { startOne } from '../../src/start/one.ts';
import type { Stopped } from '../../src/start/workspace.ts';
import { controlOf } from '../../src/store/workspaces/files.ts';
import { openControl } from '../../src/store/workspaces/open.ts';
import { createDatabase, onPostgres } from '../postgres/fresh-workspace.ts';
import { findFreePort } from '../process/free-port.ts';
import { keyOf } from '../store/workspaces/keys.ts';

/** A Slack with several workspaces, Claude, and one or more replicas of the bot before one address. */

const RATE_SCALE = 600;

const run = promisify(execFile);

interface Line {
  msg: string;
  level: number;
  team?: string;
}

export interface Replica {
  port: number;
  lines: Line[];
  /** The workspaces that it works for. */
  runs(): string[];
  stop(): Promise<Stopped>;
}

export interface Tenant {
  slack: SlackSim;
  user: string;
  channel: string;
  post(text: string): string;
  /** Types the command. @returns what Slack shows the person at once */
  type(text?: string): Promise<unknown>;
  /** The bot's posts in the channel. */
  posts(): SimMessage[];
  /** The messages with a reaction of the bot's. */
  reacted(): SimMessage[];
}

interface Said {
  code: number;
  /** On stdout, and on stderr. */
  text: string;
  error: string;
}

export interface CloudStage {
  cloud: SlackCloud;
  claude: ClaudeSim;
  /** Where Slack reaches the bot: requests go to the replicas by turns. */
  address: string;
  balancer: Balancer;
  database: DatabasePlace;
  /** What a replica finds in its environment, without its port. */
  settings: Record<string, string>;
  start(environment?: Record<string, string>): Promise<Replica>;
  /** Types `npm run workspaces`, as the operator does. */
  operate(args: string[], environment?: Record<string, string>): Promise<Said>;
  /** Starts the bot of one workspace, which has made the same app for itself. */
  startAlone(tenant: Tenant, file: string): Promise<Pick<Replica, 'lines' | 'stop'>>;
  /** Adds a workspace with a person and a channel that the bot is in once it is installed. */
  addTenant(options?: Parameters<SlackCloud['addWorkspace']>[0]): Tenant;
  /**
   * Installs the app as a person does in a browser.
   * @param org where an admin installs it for a whole Enterprise Grid
   * @returns the last page
   */
  install(tenant: Tenant, org?: string): Promise<{ status: number; page: string }>;
}

/** @param options.databaseUrl default: a new database of the tests' server, or a folder */
export async function openCloudStage({
  tokenRotation = false,
  databaseUrl,
}: {
  tokenRotation?: boolean;
  databaseUrl?: string;
} = {}): Promise<CloudStage> {
  const balancer = await startBalancer();
  const address = balancer.url;
  const app = {
    ...{ clientId: '1.2', clientSecret: 'client-secret', signingSecret: 'signing-secret' },
    ...{ redirectUrls: [`${address}/slack/oauth_redirect`], scopes: readScopes(), tokenRotation },
  };
  const cloud = await startSlackCloud({
    ...{ app, rateScale: RATE_SCALE, botName: 'winnow', ackTimeoutMs: 60_000 },
    retryDelaysMs: Array(1000).fill(200),
    eventsUrl: `${address}/slack/events`,
  });
  const claude = await startClaudeSim({ batchMs: 50 });
  const folder = mkdtempSync(path.join(tmpdir(), 'winnow-replica-'));
  const database =
    databaseUrl ?? (onPostgres ? await createDatabase('template1') : `sqlite:${folder}`);
  onTestFinished(async () => {
    await Promise.all([cloud.close(), claude.stop(), balancer.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const settings = {
    SLACK_CLIENT_ID: app.clientId,
    SLACK_CLIENT_SECRET: app.clientSecret,
    SLACK_SIGNING_SECRET: app.signingSecret,
    SLACK_API_URL: cloud.apiUrl,
    SLACK_RATE_SCALE: String(RATE_SCALE),
    PUBLIC_URL: address,
    ENCRYPTION_KEYS: keyOf('first'),
    ANTHROPIC_BASE_URL: claude.url,
    ANTHROPIC_API_KEY: claude.apiKey,
    BATCH_POLL_SECONDS: '0.1',
    SUMMARY_SCHEDULE: '0 0 29 2 *',
    DATABASE_URL: database,
  };
  const collectLines = () => {
    const lines: Line[] = [];
    const write = (line: string) => void lines.push(JSON.parse(line) as Line);
    return { lines, log: pino({ level: 'debug', base: null }, { write }) };
  };
  /** Brings what Slack sends to a bot, until the test or the function that is returned stops it. */
  const connect = (port: number, end: () => Promise<Stopped>) => {
    balancer.add(port);
    let stopping: Promise<Stopped> | undefined;
    const stop = () => {
      stopping ??= end().finally(() => balancer.remove(port));
      return stopping;
    };
    onTestFinished(async () => void (await stop()));
    return stop;
  };
  const stage: CloudStage = {
    ...{ cloud, claude, address, balancer, settings, database: parsePlace(database) },
    async startAlone({ slack, user }, file) {
      const port = await findFreePort();
      const { lines, log } = collectLines();
      const { access_token: token } = cloud.install(slack.teamId, { user });
      const config = await readConfig({
        ...settings,
        ...{ SLACK_BOT_TOKEN: token, DATABASE_URL: `sqlite:${file}`, PORT: String(port) },
      });
      return { lines, stop: connect(port, await startOne(config, log, () => {})) };
    },
    async start(environment = {}) {
      const port = await findFreePort();
      const { lines, log } = collectLines();
      const config = await readManyConfig({ ...settings, PORT: String(port), ...environment });
      const replica = await startReplica(config, log);
      const stop = connect(port, replica.stop);
      return { port, lines, runs: replica.listRunning, stop };
    },
    async operate(args, environment = {}) {
      const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
      const env = { PATH, NODE_COMPILE_CACHE, ...settings, ...environment };
      const child = run(process.execPath, [path.resolve('src/workspaces.ts'), ...args], { env });
      return child.then(
        ({ stdout, stderr }) => ({ code: 0, text: stdout, error: stderr }),
        ({ code, stdout, stderr }) => ({ code, text: stdout, error: stderr }),
      );
    },
    addTenant(options) {
      const slack = cloud.addWorkspace(options);
      const user = slack.addUser({ name: 'ana', realName: 'Ana', isAdmin: true });
      const channel = slack.addChannel({ name: 'feedback', members: [user, slack.botUserId] });
      return {
        ...{ slack, user, channel },
        post: (text) => slack.post({ channel, user, text }),
        async type(text = '') {
          // On a busy machine an answer may take more than the three seconds that Bolt has.
          for (let tries = 1; ; tries++) {
            const command = { command: '/classify-feedback', text, user, channel };
            const answer = await slack.command(command);
            if (answer.acked) return answer;
            if (tries === 5) throw new Error(`the command was not answered: ${answer.error}`);
          }
        },
        reacted: () =>
          slack
            .messages(channel)
            .filter(({ reactions }) =>
              reactions.some(({ users }) => users.includes(slack.botUserId)),
            ),
        posts: () => slack.messages(channel).filter(({ bot_id: botId }) => botId === slack.botId),
      };
    },
    async install({ slack, user }, org) {
      const begin = await fetch(`${address}/slack/install`);
      const [, consent = ''] = /href="([^"]*oauth[^"]*)"/.exec(await begin.text()) ?? [];
      const url = consent.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
      const [cookie = ''] = begin.headers.getSetCookie();
      const back = cloud.approve({ url, team: org ?? slack.teamId, user });
      const end = await fetch(back, { headers: { cookie: cookie.split(';')[0] ?? '' } });
      return { status: end.status, page: await end.text() };
    },
  };
  return stage;
}

/** Waits until a condition holds; on a very busy machine as well. */
export const until = <T>(look: () => T) => expect.poll(look, { timeout: 150_000, interval: 50 });

/** The control database of the replicas, to look at. */
export async function openControlOf({ database }: CloudStage) {
  const control = await openControl(controlOf(database));
  onTestFinished(() => control.destroy());
  return control;
}

/** Waits until what is posted in the workspaces counts from then on. */
export async function counted(
  replicas: readonly { lines: readonly { msg: string; team?: unknown }[] }[],
  tenants: readonly Tenant[],
): Promise<void> {
  for (const { slack } of tenants) {
    await until(() =>
      replicas.some(({ lines }) =>
        lines.some(
          ({ msg, team }) => msg === 'messages count from here on' && team === slack.teamId,
        ),
      ),
    ).toBe(true);
  }
}
