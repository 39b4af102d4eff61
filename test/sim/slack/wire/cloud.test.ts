import { WebClient } from '@slack/web-api';
import { expect, test } from 'vitest';
import { CLOUD_METHODS } from '../../../../sim/slack/cloud/methods.ts';
import type { SlackCloud } from '../../../../sim/slack/cloud.ts';
import { isObject, type JsonObject } from '../../../../sim/slack/types.ts';
import { APP, codeOf, furnish, startCloud } from '../cloud/stage.ts';
import { checkTypes, type Sent } from './check.ts';
import type { Wire } from './types.ts';

/** What the stand-in sends about the installations of an app in many workspaces. */

const GRID = 'E0GRID';
const KEYS = { client_id: APP.clientId, client_secret: APP.clientSecret };
const plain = (text: string) => ({ type: 'plain_text' as const, text });

/** A client that writes down each answer. */
function recordCalls(cloud: SlackCloud, sent: Sent[]) {
  return (token?: string) =>
    new WebClient(token, {
      slackApiUrl: cloud.apiUrl,
      fetch: async (input, init) => {
        const response = await fetch(input as string, init as RequestInit);
        const kind = new URL(String(input)).pathname.replace('/api/', '') as keyof Wire;
        sent.push({ kind, value: (await response.clone().json()) as JsonObject });
        return response as never;
      },
    });
}

async function playDay(): Promise<Sent[]> {
  const sent: Sent[] = [];
  const { cloud, received } = await startCloud();
  const connect = recordCalls(cloud, sent);
  const alone = furnish(cloud);
  const { sim, ann, channel } = furnish(cloud, { enterpriseId: GRID });

  const code = codeOf(cloud.approve({ team: alone.sim.teamId, user: alone.ann }));
  const { access_token: own = '' } = await connect().oauth.v2.access({ ...KEYS, code });
  cloud.turnOnRotation();
  const pair = await connect().oauth.v2.exchange({ ...KEYS, token: own });
  const refresh = { grant_type: 'refresh_token', refresh_token: pair.refresh_token } as const;
  const next = await connect().oauth.v2.access({ ...KEYS, ...refresh });
  await connect(pair.access_token).auth.revoke({ token: pair.access_token ?? '' });
  await connect(next.access_token).apps.uninstall(KEYS);

  const orgCode = codeOf(cloud.approve({ team: GRID, user: ann }));
  const { access_token: org } = await connect().oauth.v2.access({ ...KEYS, code: orgCode });
  cloud.grantAccess(GRID, [sim.teamId]);
  await cloud.idle();
  const client = connect(org);
  await client.auth.test();
  await client.auth.teams.list();
  await client.users.list({ team_id: sim.teamId });
  await client.users.list({}).catch(() => {});
  sim.post({ channel, user: ann, text: 'hello' });
  await sim.command({ command: '/x', user: ann, channel });
  const command = received.find(({ kind }) => kind === 'command')?.body;
  await client.views.open({
    trigger_id: String(command?.trigger_id),
    view: { type: 'modal', title: plain('Title'), submit: plain('Save'), blocks: [] },
  });
  await sim.submitView({ viewId: sim.views[0]?.id ?? '' });
  cloud.uninstall(GRID);
  await cloud.idle();
  return [...sent, ...received.flatMap(({ kind, body }) => describe(kind, body))];
}

function describe(kind: string, { event, ...body }: JsonObject): Sent[] {
  if (kind === 'command') return [{ kind: 'slash_command', value: body }];
  if (!isObject(event)) return [{ kind: body.type as keyof Wire, value: body }];
  return [
    { kind: 'envelope', value: { ...body, event: null } },
    { kind: event.type as keyof Wire, value: event },
  ];
}

test('what an app is sent about its installations is what Slack’s packages say', async () => {
  const sent = await playDay();
  expect(await checkTypes(sent)).toEqual([]);
  const kinds = new Set<string>(sent.map(({ kind }) => kind));
  const events = [
    'tokens_revoked',
    'app_uninstalled',
    'team_access_granted',
    'team_access_revoked',
  ];
  expect([...Object.keys(CLOUD_METHODS), ...events].filter((kind) => !kinds.has(kind))).toEqual([]);
});
