import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver } from '@slack/bolt';
import { expect, onTestFinished, test } from 'vitest';
import { startStage } from './start-sim.ts';

test('a real Bolt app behind HTTP takes signed events, commands and clicks', async () => {
  const { sim, ann, channel, client } = await startStage();
  const receiver = new HTTPReceiver({
    signingSecret: sim.signingSecret,
    processBeforeResponse: true,
  });
  const app = new App({
    token: sim.botToken,
    receiver,
    clientOptions: { slackApiUrl: sim.apiUrl },
  });
  const heard: string[] = [];
  app.message(async ({ message }) => void heard.push(message.ts));
  app.command('/hello', async ({ ack }) => ack('hi'));
  app.action('go', async ({ ack, respond }) => {
    await ack();
    await respond({ text: 'went' });
  });
  const server = await app.start(0);
  onTestFinished(async () => void (await app.stop()));
  sim.deliverByHttp(
    `http://127.0.0.1:${((server as ReturnType<typeof createServer>).address() as AddressInfo).port}/slack/events`,
  );
  const ts = sim.post({ channel, user: ann, text: 'over http' });
  await sim.idle();
  expect(heard).toEqual([ts]);
  expect(await sim.command({ command: '/hello', user: ann, channel })).toEqual({
    acked: true,
    response: 'hi',
  });
  const button = {
    type: 'button' as const,
    action_id: 'go',
    text: { type: 'plain_text' as const, text: 'Go' },
  };
  const { ts: card = '' } = await client.chat.postMessage({
    channel,
    text: 'c',
    blocks: [{ type: 'actions', elements: [button] }],
  });
  await sim.click({ channel, ts: card, user: ann, actionId: 'go' });
  await sim.waitFor(() => sim.ephemerals(ann).length === 2);
  expect(sim.ephemerals(ann).map((e) => e.text)).toEqual(['hi', 'went']);
});

test('events to a failing app are retried with number and reason, unless it opts out', async () => {
  const seen: (string | undefined)[][] = [];
  let quiet = false;
  const server = createServer((request, response) => {
    request.resume();
    seen.push(
      [request.headers['x-slack-retry-num'], request.headers['x-slack-retry-reason']].map(String),
    );
    if (quiet) response.setHeader('x-slack-no-retry', '1');
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
  const { sim, ann, channel } = await startStage({
    retryDelaysMs: [0, 1],
    httpEvents: { url, signingSecret: 's' },
  });
  sim.post({ channel, user: ann, text: 'x' });
  await sim.idle();
  expect(seen).toEqual([
    ['undefined', 'undefined'],
    ['1', 'http_error'],
    ['2', 'http_error'],
  ]);
  quiet = true;
  sim.post({ channel, user: ann, text: 'y' });
  await sim.idle();
  expect(seen).toHaveLength(4);
  expect(await sim.command({ command: '/x', user: ann, channel })).toEqual({
    acked: false,
    error: 'dispatch_failed',
  });
});
