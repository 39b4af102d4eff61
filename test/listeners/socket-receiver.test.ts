import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { type Stage, startStage } from '../harness.ts';

/** The connection to Slack comes and goes; what is posted is stored all the same. */

const texts = async (stage: Stage) =>
  (await stage.rows(sql<{ text: string }>`select text from messages order by ts`)).map(
    ({ text }) => text,
  );

async function connected(): Promise<Stage> {
  const stage = await startStage();
  await stage.connect();
  return stage;
}

const reconnections = (stage: Stage) => stage.woken.filter((what) => what === 'reconnected').length;

async function postAndWait(stage: Stage, text: string): Promise<void> {
  stage.slack.post({ channel: stage.channel, user: stage.user, text });
  await stage.slack.idle();
}

test('an app_rate_limited envelope and unknown ones kill nothing', async () => {
  const stage = await connected();
  const { slack } = stage;
  slack.sockets.sendRaw({
    envelope_id: 'e1',
    type: 'events_api',
    payload: { type: 'app_rate_limited', team_id: slack.teamId, minute_rate_limited: 1 },
  });
  slack.sockets.sendRaw({ envelope_id: 'e2', type: 'events_api' });
  slack.sockets.sendRaw({ envelope_id: 'e3', type: 'something_new', payload: { a: 1 } });
  slack.sockets.sendRaw({ type: 'something_newer' });
  slack.sockets.sendRaw({});
  await postAndWait(stage, 'still there');
  expect(await texts(stage)).toEqual(['still there']);
  expect(stage.logs.some(({ message }) => message.includes('envelope'))).toBe(true);
});

test('ten reconnections in a row lose nothing, and each asks for a sweep', async () => {
  const stage = await connected();
  for (let n = 1; n <= 10; n++) {
    stage.slack.sockets.refresh();
    await stage.waitFor(() => reconnections(stage) === n);
    await postAndWait(stage, `after ${n}`);
  }
  expect(await texts(stage)).toHaveLength(10);
  expect(stage.slack.lostEvents).toEqual([]);
  await stage.slack.waitFor(() => stage.slack.sockets.count() === 1);
});

test('a connection that breaks is made again', async () => {
  const stage = await connected();
  stage.slack.sockets.cut();
  await stage.waitFor(() => reconnections(stage) === 1);
  await postAndWait(stage, 'back');
  expect(await texts(stage)).toEqual(['back']);
});

test('while Slack takes no connection it is tried again and again, later and later', async () => {
  const stage = await connected();
  const { slack, clock } = stage;
  slack.sockets.refuse(true);
  slack.sockets.cut();
  const failures = () => stage.logs.filter(({ message }) => message.includes('is lost'));
  for (const [n, wait] of [200, 400, 800, 1600].entries()) {
    await stage.waitFor(() => failures().length === n + 1);
    await new Promise((resolve) => setImmediate(resolve));
    clock.fire(wait);
  }
  await stage.waitFor(() => failures().length === 5);
  await new Promise((resolve) => setImmediate(resolve));
  slack.sockets.refuse(false);
  clock.fire(3200);
  await stage.waitFor(() => reconnections(stage) === 1);
  await postAndWait(stage, 'back');
  expect(await texts(stage)).toEqual(['back']);
});

test('stopped in the middle of a reconnection, it stops, and stays away', async () => {
  const stage = await startStage();
  const app = await stage.connect();
  const { slack } = stage;
  slack.faults.add({ method: 'apps.connections.open', kind: 'error', error: 'internal_error' });
  slack.sockets.cut();
  await stage.waitFor(() => stage.logs.some(({ message }) => message.includes('is lost')));
  await app.stop();
  expect(slack.sockets.count()).toBe(0);
  expect(reconnections(stage)).toBe(0);
});

test('stopped while a new connection is being asked for, it leaves none behind', async () => {
  const stage = await startStage();
  const app = await stage.connect();
  const { slack } = stage;
  const asked = Promise.withResolvers<void>();
  slack.faults.add({
    method: 'apps.connections.open',
    kind: 'garbage',
    match: () => {
      asked.resolve();
      return false;
    },
  });
  slack.sockets.cut();
  await asked.promise;
  await app.stop();
  await slack.waitFor(() => slack.sockets.count() === 0);
  expect(reconnections(stage)).toBe(0);
});

test('what came before the stop is finished and answered before the connection is closed', async () => {
  const stage = await startStage();
  const app = await stage.connect();
  const held = Promise.withResolvers<void>();
  const transaction = stage.context.db.transaction().execute(() => held.promise);
  const answer = stage.type('status');
  stage.slack.post({ channel: stage.channel, user: stage.user, text: 'just in time' });
  // Both have reached the bot once it logs something that was sent after them.
  stage.slack.sockets.sendRaw({ envelope_id: 'last', type: 'events_api' });
  await new Promise((resolve) => setImmediate(resolve));
  stage.slack.sockets.sendRaw({ envelope_id: 'last', type: 'events_api' });
  const unknown = () => stage.logs.filter(({ message }) => message.includes('envelope'));
  await stage.waitFor(() => unknown().length === 2);
  const stopped = app.stop();
  held.resolve();
  await transaction;
  expect(await answer).toContain('*Pending*');
  await stopped;
  await stage.slack.idle({ ignoreRetries: true });
  expect(await texts(stage)).toEqual(['just in time']);
  expect(stage.slack.lostEvents).toEqual([]);
});
