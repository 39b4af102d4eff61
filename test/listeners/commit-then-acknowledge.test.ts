import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { type Stage, startStage } from '../harness.ts';

/** Slack repeats what is not acknowledged, so nothing is acknowledged before it is committed. */

const texts = async (stage: Stage) =>
  (await stage.rows(sql<{ text: string }>`select text from messages order by ts`)).map(
    ({ text }) => text,
  );

/** Holds the database as a long transaction does; call what it resolves with to let go. */
async function hold({ context }: Stage): Promise<() => Promise<void>> {
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const work = context.db.transaction().execute(() => {
    begun.resolve();
    return held.promise;
  });
  await begun.promise;
  return async () => {
    held.resolve();
    await work;
  };
}

/** Resolves when all that Slack has sent before has reached the bot, and its answers Slack. */
async function goBackAndForth({ slack, logs, requestUrl, waitFor }: Stage): Promise<void> {
  const unknown = () => logs.filter(({ message }) => message.includes('envelope')).length;
  for (let times = 0; times < 3; times++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (requestUrl) {
      await fetch(requestUrl, { method: 'POST' });
      continue;
    }
    const before = unknown();
    slack.sockets.sendRaw({ envelope_id: 'unknown', type: 'events_api' });
    await waitFor(() => unknown() > before);
  }
}

describe.each(['socket', 'http'] as const)('over %s', (how) => {
  test('an event that cannot be stored is sent again by Slack, and stored once then', async () => {
    const stage = await startStage();
    await stage.connect(how);
    const { slack, channel, user } = stage;
    const mend = await stage.refuseInserts('messages');
    slack.post({ channel, user, text: 'precious' });
    if (how === 'http') await slack.idle({ ignoreRetries: true });
    else await stage.waitFor(() => stage.logs.some(({ level }) => level === 'error'));
    expect(await texts(stage)).toEqual([]);
    await mend();
    slack.timeOut();
    await slack.idle();
    expect(await texts(stage)).toEqual(['precious']);
    expect(slack.lostEvents).toEqual([]);
  });

  test('an event is not acknowledged while its commit is still under way', async () => {
    const stage = await startStage({ slack: { retryDelaysMs: [] } });
    await stage.connect(how);
    const { slack, channel, user } = stage;
    const letGo = await hold(stage);
    slack.post({ channel, user, text: 'waits' });
    await goBackAndForth(stage);
    slack.timeOut();
    await slack.waitFor(() => slack.lostEvents.length === 1);
    await letGo();
    await stage.waitFor(() => stage.woken.includes('message'));
    expect(await texts(stage)).toEqual(['waits']);
  });

  test('a command whose run cannot be stored says so, with a reference to the log', async () => {
    const stage = await startStage();
    await stage.connect(how);
    const { slack, channel, user } = stage;
    slack.post({ channel, user, text: 'It crashes' });
    await slack.idle();
    const mend = await stage.refuseInserts('runs');
    const answer = await stage.type();
    expect(answer).toMatch(/^Something went wrong on my side, and nothing was started\./);
    const [, reference] = /as (cmd-[a-z0-9]+)\./.exec(answer) ?? [];
    expect(stage.logs).toContainEqual(expect.objectContaining({ level: 'error', reference }));
    await mend();
    expect(await stage.type()).toMatch(/^Classifying 1 pending message /);
  });
});

test('Slack sends an event again while the bot is stuck, and it is stored once', async () => {
  const stage = await startStage({ slack: { retryDelaysMs: [0, 0] } });
  await stage.connect();
  const { slack, channel, user } = stage;
  const letGo = await hold(stage);
  slack.post({ channel, user, text: 'thrice' });
  while (slack.lostEvents.length === 0) {
    await goBackAndForth(stage);
    slack.timeOut();
  }
  await letGo();
  slack.post({ channel, user, text: 'after them' });
  await slack.idle();
  expect(await texts(stage)).toEqual(['thrice', 'after them']);
});

test('a request that Slack has not signed is refused', async () => {
  const stage = await startStage();
  await stage.connect('http');
  const { slack, channel, user, requestUrl } = stage;
  slack.post({ channel, user, text: 'signed' });
  await slack.idle();
  const event = { type: 'message', channel, user, text: 'forged', ts: '1700000000.000100' };
  const body = JSON.stringify({ type: 'event_callback', team_id: slack.teamId, event });
  const time = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', 'a guess').update(`v0:${time}:${body}`).digest('hex');
  const { status } = await fetch(requestUrl, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${signature}`,
    },
  });
  expect(status).toBe(401);
  expect(await texts(stage)).toEqual(['signed']);
});
