import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createHttpDelivery } from '../../sim/slack/http-delivery.ts';
import type { Db } from '../../src/store/db/tables.ts';
import { type Stage, startStage, startWith } from '../harness.ts';
import { enqueue, outbox, post, postedKeys } from '../slack/outbox.ts';

/** What stands between the bot and Slack fails: a proxy, a connection. */

/** Holds the database as a long transaction does; call what it resolves with to let go. */
async function hold(db: Db): Promise<() => Promise<void>> {
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const work = db.transaction().execute(() => {
    begun.resolve();
    return held.promise;
  });
  await begun.promise;
  return async () => {
    held.resolve();
    await work;
  };
}

test('a proxy that says no is not Slack: the post is sent when the proxy lets it through', async () => {
  const stage = await startWith([]);
  const { channel, slack } = stage;
  for (const status of [403, 404, 407]) {
    slack.faults.add({ method: 'chat.postMessage', kind: 'status', status });
  }
  await enqueue(stage, [post(channel, 'digest', { priority: 0 })]);
  await stage.settle();
  expect(postedKeys(stage)).toEqual(['digest']);
  expect((await outbox(stage))[0]).toMatchObject({ state: 'done', attempts: 3 });
});

/** Cuts the connection, for good, between the arrival of something and its commit. */
async function cutBeforeCommit(stage: Stage, send: () => unknown): Promise<void> {
  const { slack, context } = stage;
  const { db } = context;
  const letGo = await hold(db);
  const arrived = Promise.withResolvers<void>();
  Object.defineProperty(context, 'db', {
    get() {
      arrived.resolve();
      return db;
    },
  });
  send();
  await arrived.promise;
  slack.sockets.refuse(true);
  slack.sockets.cut();
  await stage.waitFor(() => stage.logs.some(({ message }) => message.includes('is lost')));
  await letGo();
}

test('an event whose acknowledgement is lost with its connection is stored, and no error', async () => {
  const stage = await startWith([], { slack: { retryDelaysMs: [] } });
  const { slack, channel, user } = stage;
  await cutBeforeCommit(stage, () => slack.post({ channel, user, text: 'It crashes' }));
  await slack.idle();
  expect(await stage.rows(sql`select text from messages`)).toEqual([{ text: 'It crashes' }]);
  expect(stage.logs.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a command whose answer is lost with its connection has its run begun all the same', async () => {
  const stage = await startWith(['It crashes']);
  const { slack, channel, user } = stage;
  await cutBeforeCommit(stage, () =>
    slack.command({ command: '/classify-feedback', user, channel }),
  );
  await stage.waitFor(() => stage.woken.includes('command'));
  expect(await stage.rows(sql`select stage from runs`)).toEqual([{ stage: 'claiming' }]);
  expect(stage.logs.filter(({ level }) => level === 'error')).toEqual([]);
});

test.each(['socket', 'http'] as const)(
  'app_rate_limited over %s: one line says so, and what Slack holds back is read from history',
  async (how) => {
    const stage = await startStage();
    await stage.connect(how);
    const { teamId } = stage.slack;
    const payload = { type: 'app_rate_limited', team_id: teamId, minute_rate_limited: 1 };
    if (how === 'socket') {
      stage.slack.sockets.sendRaw({ envelope_id: 'e1', type: 'events_api', payload });
    } else {
      const { requestUrl: url, slack } = stage;
      const target = { url, signingSecret: slack.signingSecret };
      const answer = await createHttpDelivery({ target, ackTimeoutMs: 60_000 }).deliver({
        kind: 'events_api',
        payload,
        retry: { attempt: 0, reason: '' },
      });
      expect(answer).toMatchObject({ kind: 'acked' });
    }
    await stage.waitFor(() => stage.woken.includes('reconnected'));
    expect(stage.logs.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([
      { level: 'warn', message: 'Slack holds back events for now; history is read instead' },
    ]);
  },
);
