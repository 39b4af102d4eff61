import { expect, test } from 'vitest';
import { createApp, refusal, startStage } from './start-sim.ts';

test('another process can drive the workspace', async () => {
  const { sim, channel, client } = await startStage();
  const app = createApp(sim);
  app.command('/hi', async ({ ack }) => ack('hello'));
  await app.start();
  const call = async (path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${sim.url}${path}`, {
      ...(body === undefined
        ? {}
        : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) };
  };
  const { id: bob } = await call('/sim/users', { name: 'bob' });
  const { id: other } = await call('/sim/channels', { name: 'other', members: [bob] });
  await call('/sim/invite', { channel: other, inviter: bob });
  const { ts } = await call('/sim/post', { channel: other, user: bob, text: 'one' });
  await call('/sim/edit', { channel: other, ts, text: 'two' });
  await call('/sim/react', { channel: other, ts, user: bob, name: 'eyes' });
  expect(sim.message(String(other), String(ts))).toMatchObject({
    text: 'two',
    reactions: [{ name: 'eyes', users: [bob] }],
  });
  await call('/sim/unreact', { channel: other, ts, user: bob, name: 'eyes' });
  expect(await call('/sim/command', { command: '/hi', user: bob, channel })).toMatchObject({
    acked: true,
    response: { text: 'hello' },
  });
  const { id: form } = await call('/sim/integrations', { name: 'Form', hasUser: true });
  const visit = { channel: other, botId: form, username: 'A visitor', text: 'three' };
  const { ts: theirs } = await call('/sim/post', visit);
  expect(sim.message(String(other), String(theirs))).toMatchObject({ username: 'A visitor' });
  const reply = { channel: other, user: bob, text: 'four', threadTs: theirs };
  const { ts: later } = await call('/sim/post', reply);
  await call('/sim/broadcast', { channel: other, ts: later });
  expect(sim.message(String(other), String(later))).toMatchObject({ subtype: 'thread_broadcast' });
  await call('/sim/posting', { channel, limit: 'read_only' });
  expect(await refusal(client.chat.postMessage({ channel, text: 'x' }))).toBe(
    'restricted_action_read_only_channel',
  );
  const state = await call('/sim/state');
  expect(state).toMatchObject({
    status: 200,
    rateLimited: 0,
    sockets: 1,
    ephemerals: [{ text: 'hello' }],
  });
  await call('/sim/delete', { channel: other, ts });
  expect(sim.message(String(other), String(ts))).toBeUndefined();
  expect(await call('/sim/post', { user: bob })).toMatchObject({
    status: 400,
    error: expect.stringContaining('channel'),
  });
  expect(await call('/sim/post', 'nonsense')).toMatchObject({
    status: 400,
    error: 'The body is not JSON.',
  });
  expect(await call('/sim/post', { channel: 'C404', text: 'x' })).toMatchObject({
    status: 400,
    error: expect.stringContaining('no channel C404'),
  });
  expect(
    await call('/sim/click', { channel: other, ts: '1', user: bob, actionId: 'a' }),
  ).toMatchObject({ status: 400 });
  expect(await call('/sim/nothing', {})).toMatchObject({ status: 404 });
});
