// A Slack with many workspaces, and an app behind its one Request URL that writes down what it gets.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { WebClient } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import {
  type SlackCloud,
  type SlackCloudOptions,
  startSlackCloud,
} from '../../../../sim/slack/cloud.ts';
import { listen } from '../../../../sim/slack/listen.ts';
import { DEFAULT_SCOPES, type SlackSim } from '../../../../sim/slack/slack-sim.ts';
import { isObject, type JsonObject } from '../../../../sim/slack/types.ts';
import { SILENT } from '../start-sim.ts';

export const APP = {
  clientId: '111.222',
  clientSecret: 'client secret',
  signingSecret: 'signing secret',
  redirectUrls: ['http://localhost:3000/slack/oauth_redirect', 'https://app.example/oauth'],
  scopes: [...DEFAULT_SCOPES, 'team:read'],
};

/** A request that was signed with the app's secret. */
interface Received {
  kind: 'event' | 'command' | 'interaction';
  body: JsonObject;
}

export interface CloudStage {
  cloud: SlackCloud;
  received: Received[];
  /** The inner events that arrived, oldest first. */
  events(): JsonObject[];
}

export async function startCloud(
  options: Omit<Partial<SlackCloudOptions>, 'app'> & {
    app?: Partial<typeof APP> & { tokenRotation?: boolean };
  } = {},
): Promise<CloudStage> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const time = request.headers['x-slack-request-timestamp'];
    const signature = createHmac('sha256', APP.signingSecret).update(`v0:${time}:${text}`);
    if (request.headers['x-slack-signature'] !== `v0=${signature.digest('hex')}`) {
      response.writeHead(401).end();
      return;
    }
    const body = read(text, request.headers['content-type']);
    if (body.body.type === 'url_verification') {
      response.end(String(body.body.challenge));
      return;
    }
    received.push(body);
    response.end();
  });
  const url = await listen(server);
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const cloud = await startSlackCloud({
    rateLimits: false,
    eventsUrl: `${url}/slack/events`,
    ...options,
    app: { ...APP, ...options.app },
  });
  onTestFinished(() => cloud.close());
  const events = () => received.flatMap(({ body: { event } }) => (isObject(event) ? [event] : []));
  return { cloud, received, events };
}

function read(text: string, type: string | undefined): Received {
  if (type === 'application/json') return { kind: 'event', body: JSON.parse(text) };
  const form = Object.fromEntries(new URLSearchParams(text));
  return form.payload === undefined
    ? { kind: 'command', body: form }
    : { kind: 'interaction', body: JSON.parse(form.payload) };
}

/** A workspace with an admin and a channel with the bot, in which the app is installed. */
export function furnish(
  cloud: SlackCloud,
  options: Parameters<SlackCloud['addWorkspace']>[0] = {},
) {
  const sim = cloud.addWorkspace(options);
  const ann = sim.addUser({ name: 'ann', realName: 'Ann Lee', isAdmin: true });
  const channel = sim.addChannel({ name: 'feedback', members: [ann, sim.botUserId] });
  return { sim, ann, channel };
}

export function clientWith(cloud: SlackCloud, token?: string): WebClient {
  return new WebClient(token, {
    slackApiUrl: cloud.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
  });
}

export function clientOf(cloud: SlackCloud, { botToken }: SlackSim): WebClient {
  return clientWith(cloud, botToken);
}

/** A call as any HTTP client makes it. */
export async function call(
  cloud: SlackCloud,
  method: string,
  args: Record<string, string>,
  authorization?: string,
): Promise<JsonObject> {
  const response = await fetch(`${cloud.apiUrl}${method}`, {
    method: 'POST',
    body: new URLSearchParams(args),
    ...(authorization !== undefined && { headers: { authorization } }),
  });
  return (await response.json()) as JsonObject;
}

/** Calls oauth.v2.access with the app's id and secret. */
export function getAccess(cloud: SlackCloud, args: Record<string, string>): Promise<JsonObject> {
  const pair = Buffer.from(`${APP.clientId}:${APP.clientSecret}`).toString('base64');
  return call(cloud, 'oauth.v2.access', args, `Basic ${pair}`);
}

export function codeOf(address: string): string {
  return new URL(address).searchParams.get('code') ?? '';
}
