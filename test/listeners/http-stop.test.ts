import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import type { App, ReceiverEvent } from '@slack/bolt';
import { expect, onTestFinished, test } from 'vitest';
import { createHttpReceiver } from '../../src/listeners/http-receiver.ts';
import { toSlackLogger } from '../../src/slack/logger.ts';

/** A bot that stops answers what has come whole, and waits for nothing else. */

const SECRET = 'secret';
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A receiver whose events are handled by `handle` alone. */
async function startReceiver(handle: (event: ReceiverEvent) => Promise<void>) {
  const logger = toSlackLogger(silent, false);
  const receiver = createHttpReceiver({
    ...{ signingSecret: SECRET, port: 0, logger, log: silent, onHeldBack() {} },
  });
  receiver.init({ processEvent: handle } as unknown as App);
  const server = await receiver.start(0);
  const { port } = server.address() as { port: number };
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  return {
    port,
    stop: () => receiver.stop(),
    /** Sends an event over a connection that could bring more. @returns the status, and whether it may */
    async send(id: string): Promise<[number, string]> {
      const body = JSON.stringify({ type: 'event_callback', event_id: id });
      const at = Math.floor(Date.now() / 1000);
      const signature = createHmac('sha256', SECRET).update(`v0:${at}:${body}`).digest('hex');
      const sent = request({
        ...{ port, agent, method: 'POST', path: '/slack/events' },
        headers: {
          'content-type': 'application/json',
          'x-slack-request-timestamp': String(at),
          'x-slack-signature': `v0=${signature}`,
        },
      });
      sent.end(body);
      const [response] = await once(sent, 'response');
      response.resume();
      await once(response, 'end');
      return [response.statusCode, response.headers.connection];
    },
  };
}

test('an event in progress is answered before the stop, and its connection ends with it', async () => {
  const begun = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const receiver = await startReceiver(async (event) => {
    begun.resolve();
    await released.promise;
    await event.ack();
  });
  const answered = receiver.send('Ev1');
  await begun.promise;
  let stopped = false;
  const stopping = receiver.stop().then(() => {
    stopped = true;
  });
  await expect(receiver.send('Ev2')).rejects.toThrow(/ECONNREFUSED/);
  expect(stopped).toBe(false);
  released.resolve();
  // A connection that stays open for the next request would hold up the stop for five seconds.
  expect(await answered).toEqual([200, 'close']);
  await stopping;
});

test('a client that does not send its request whole is not waited for', async () => {
  const receiver = await startReceiver(async (event) => event.ack());
  expect(await receiver.send('Ev1')).toEqual([200, 'keep-alive']);
  const slow = connect(receiver.port, '127.0.0.1');
  const asked = once(slow, 'data');
  slow.on('error', () => {});
  slow.write(
    'POST /slack/events HTTP/1.1\r\nhost: winnow\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n',
  );
  // It has been read so far.
  await asked;
  const closed = once(slow, 'close');
  await receiver.stop();
  await closed;
});
