import { createHmac } from 'node:crypto';
import { type AddressInfo, connect } from 'node:net';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../src/listeners/app.ts';
import { createHttpReceiver } from '../../src/listeners/http-receiver.ts';
import { toSlackLogger } from '../../src/slack/logger.ts';
import { type Stage, startStage } from '../harness.ts';

/** Requests that Slack would not send, beside those that it does. */

async function startHttp(): Promise<Stage> {
  const stage = await startStage();
  await stage.connect('http');
  return stage;
}

/** A message, as Slack sends it. */
const eventOf = ({ channel, user, slack }: Stage, text: string) =>
  JSON.stringify({
    type: 'event_callback',
    team_id: slack.teamId,
    api_app_id: 'A0',
    event_id: 'Ev0REPLAYED',
    event_time: 1,
    event: {
      type: 'message',
      channel,
      user,
      text,
      ts: '1795428100.000100',
      channel_type: 'channel',
    },
  });

function sign(stage: Stage, body: string, { agoS = 0, secret = stage.slack.signingSecret } = {}) {
  const at = Math.floor(Date.now() / 1000) - agoS;
  const signature = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': String(at), 'x-slack-signature': `v0=${signature}` };
}

const send = (stage: Stage, body: string, headers: Record<string, string>) =>
  fetch(stage.requestUrl, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });

const texts = async (stage: Stage) =>
  (await stage.rows(sql<{ text: string }>`select text from messages`)).map(({ text }) => text);

test('what Slack has signed is stored, and the same request again changes nothing', async () => {
  const stage = await startHttp();
  const body = eventOf(stage, 'The export crashes');
  const headers = sign(stage, body);
  for (let time = 0; time < 3; time++) expect((await send(stage, body, headers)).status).toBe(200);
  expect(await texts(stage)).toEqual(['The export crashes']);
});

test('the address is verified', async () => {
  const stage = await startHttp();
  const body = JSON.stringify({ type: 'url_verification', challenge: 'c4a11e', token: 't' });
  const answer = await send(stage, body, sign(stage, body));
  expect([answer.status, await answer.json()]).toEqual([200, { challenge: 'c4a11e' }]);
});

test.each([
  ['without a signature', () => ({})],
  [
    'signed with another secret',
    (stage: Stage, body: string) => sign(stage, body, { secret: 'other' }),
  ],
  ['signed ten minutes ago', (stage: Stage, body: string) => sign(stage, body, { agoS: 600 })],
  ['signed for another body', (stage: Stage) => sign(stage, '{}')],
  [
    'with a time that is none',
    (stage: Stage, body: string) => ({
      ...sign(stage, body),
      'x-slack-request-timestamp': 'now',
    }),
  ],
])('%s it is refused, and nothing is stored', async (_how, headersOf) => {
  const stage = await startHttp();
  const body = eventOf(stage, 'Let me in');
  expect((await send(stage, body, headersOf(stage, body))).status).toBe(401);
  expect(await texts(stage)).toEqual([]);
});

test('what is no JSON, is of another kind or goes elsewhere is refused, and the next request is not', async () => {
  const stage = await startHttp();
  for (const [body, type] of [
    ['{"type": "event_callback"', 'application/json'],
    ['<xml/>', 'text/xml'],
    ['', 'application/json'],
  ] as const) {
    const answer = await send(stage, body, { ...sign(stage, body), 'content-type': type });
    expect([body, answer.status >= 400 && answer.status < 500]).toEqual([body, true]);
  }
  const elsewhere = await fetch(stage.requestUrl.replace('/slack/events', '/admin'));
  expect(elsewhere.status).toBe(404);
  const body = eventOf(stage, 'It still works');
  expect((await send(stage, body, sign(stage, body))).status).toBe(200);
  expect(await texts(stage)).toEqual(['It still works']);
});

test('a body that is far too large is refused before it is read to its end', async () => {
  const stage = await startHttp();
  const body = eventOf(stage, 'x'.repeat(5_000_000));
  const sending = new AbortController();
  const { status } = await fetch(stage.requestUrl, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...sign(stage, body) },
    signal: sending.signal,
  });
  // The rest is still being sent.
  sending.abort();
  expect(status).toBe(413);
  expect(await texts(stage)).toEqual([]);
});

test('a client that does not send its request whole is cut off', async () => {
  const stage = await startStage();
  const { apiUrl, signingSecret } = stage.slack;
  const logger = toSlackLogger(stage.context.log, false);
  const receiver = createHttpReceiver({
    ...{ signingSecret, port: 0, logger, log: stage.context.log, onHeldBack() {} },
    patienceMs: 50,
  });
  const app = createApp(stage.context, () => {}, { apiUrl, logger, receiver });
  const server = await app.start();
  onTestFinished(async () => void (await app.stop()));
  // Node's own patience is five minutes.
  expect(server).toMatchObject({ requestTimeout: 50, headersTimeout: 50 });
  const { port } = (server as import('node:net').Server).address() as { port: number };
  const said = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.write(
      'POST /slack/events HTTP/1.1\r\nhost: winnow\r\ncontent-length: 100\r\n\r\n{"type"',
    );
  });
  expect(said).toMatch(/^HTTP\/1\.1 (?:408|400)|^$/);
});

test('a page of the installation that fails is answered all the same', async () => {
  const { log } = (await startStage()).context;
  const fail = () => {
    throw new Error('a page that cannot be made');
  };
  const receiver = createHttpReceiver({
    ...{ signingSecret: 'secret', port: 0, logger: toSlackLogger(log, false), log },
    onHeldBack() {},
    oauth: {
      ...{ clientId: '1.2', clientSecret: 'secret', stateSecret: 'secret', scopes: ['commands'] },
      installerOptions: { renderHtmlForInstallPath: fail, callbackOptions: { failure: fail } },
    },
  });
  const server = await receiver.start(0);
  onTestFinished(() => receiver.stop());
  const { port } = server.address() as AddressInfo;
  for (const page of ['install', 'oauth_redirect']) {
    const answer = await fetch(`http://127.0.0.1:${port}/slack/${page}`);
    expect([answer.status, await answer.text()]).toEqual([
      500,
      expect.stringContaining('Something went wrong on our side'),
    ]);
  }
});
