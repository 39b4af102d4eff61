import { sql } from 'kysely';
import { describe, expect, test, vi } from 'vitest';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { type Stage, startStage } from '../harness.ts';

/** Connections that mislead: deaf ones, and those that another process shares. */

const MINUTE_MS = 60_000;
const FOREVER = Number.POSITIVE_INFINITY;

/** What a deaf socket does not acknowledge is lost soon. */
const HASTY = { slack: { ackTimeoutMs: 300, retryDelaysMs: [] } };

async function connected(options: Parameters<typeof startStage>[0] = {}): Promise<Stage> {
  const stage = await startStage(options);
  await stage.connect();
  await sweep(stage.context);
  return stage;
}

const connections = ({ slack }: Stage) => slack.callCounts.get('apps.connections.open') ?? 0;

const warnings = ({ logs }: Stage) =>
  logs.filter(({ level }) => level === 'warn').map(({ message }) => message);

const reconnections = ({ woken }: Stage) => woken.filter((what) => what === 'reconnected').length;

async function postAndSweep(stage: Stage, text: string): Promise<void> {
  stage.clock.jump(3 * MINUTE_MS);
  stage.slack.post({ channel: stage.channel, user: stage.user, text });
  await stage.slack.idle();
  await sweep(stage.context);
}

describe('a socket that brings nothing', () => {
  test('is replaced after three sweeps in a row that found what no event had brought', async () => {
    const stage = await connected(HASTY);
    const { slack } = stage;
    slack.sockets.goDeaf();
    for (let n = 0; n < 2; n++) await postAndSweep(stage, `It crashes on page ${n}`);
    expect([connections(stage), warnings(stage)]).toEqual([1, []]);
    await postAndSweep(stage, 'It crashes on page 3');
    await stage.waitFor(() => reconnections(stage) === 1);
    expect(connections(stage)).toBe(2);
    expect(warnings(stage)).toEqual([expect.stringMatching(/^no event brings what people write/)]);
    slack.post({ channel: stage.channel, user: stage.user, text: 'heard again' });
    await stage.waitFor(() => stage.woken.includes('message'));
    expect(await stage.rows(sql`select ts from messages where text = 'heard again'`)).toHaveLength(
      1,
    );
    await slack.waitFor(() => slack.sockets.count() === 1);
    for (let n = 0; n < 5; n++) await postAndSweep(stage, `All is well on page ${n}`);
    expect([connections(stage), warnings(stage).length]).toEqual([2, 1]);
  });

  test('is also replaced when all that it misses are replies', async () => {
    const stage = await connected(HASTY);
    const { slack, channel, user, clock } = stage;
    const threadTs = slack.post({ channel, user, text: 'It crashes' });
    await slack.idle();
    await sweep(stage.context);
    slack.sockets.goDeaf();
    for (let n = 0; n < 3; n++) {
      clock.jump(3 * MINUTE_MS);
      slack.post({ channel, user, text: `on page ${n}`, threadTs });
      await slack.idle();
      await sweep(stage.context);
    }
    await stage.waitFor(() => reconnections(stage) === 1);
  });

  test('sweeps that find nothing in between change nothing', async () => {
    const stage = await connected(HASTY);
    stage.slack.sockets.goDeaf();
    for (let n = 0; n < 4; n++) {
      await postAndSweep(stage, `It crashes on page ${n}`);
      await sweep(stage.context);
    }
    await stage.waitFor(() => reconnections(stage) === 1);
  });

  test('what a sweep finds just before its event does not count', async () => {
    const stage = await connected();
    for (let n = 0; n < 6; n++) {
      stage.clock.jump(3 * MINUTE_MS);
      stage.slack.eventFaults.add({ kind: 'late', match: ({ type }) => type === 'message' });
      const { db } = stage.context;
      const held = Promise.withResolvers<void>();
      const holding = db.connection().execute(() => held.promise);
      stage.slack.post({ channel: stage.channel, user: stage.user, text: `page ${n}` });
      const sweeping = sweep(stage.context);
      held.resolve();
      await Promise.all([holding, sweeping, stage.slack.idle()]);
    }
    expect([connections(stage), warnings(stage)]).toEqual([1, []]);
  });

  test('what was posted before the connection does not count', async () => {
    const stage = await startStage();
    const { slack, channel, user } = stage;
    for (let n = 0; n < 5; n++) {
      slack.post({ channel, user, text: `page ${n}`, silent: true });
      stage.clock.jump(MINUTE_MS);
    }
    await stage.connect();
    for (let n = 0; n < 5; n++) {
      stage.clock.jump(MINUTE_MS);
      await sweep(stage.context, { lookBackMs: 60 * MINUTE_MS });
    }
    expect([connections(stage), warnings(stage)]).toEqual([1, []]);
  });

  test('an event that is lost now and then is no reason', async () => {
    const stage = await connected();
    for (let n = 0; n < 8; n++) {
      if (n % 3 === 0) {
        stage.slack.eventFaults.add({ kind: 'drop', match: ({ type }) => type === 'message' });
      }
      await postAndSweep(stage, `page ${n}`);
    }
    expect([connections(stage), warnings(stage)]).toEqual([1, []]);
  });

  test('events of other kinds do not make up for messages that never come', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    const ts = slack.post({ channel, user, text: 'It crashes' });
    await slack.idle();
    slack.eventFaults.add({
      kind: 'drop',
      match: ({ type }) => type === 'message',
      times: FOREVER,
    });
    for (let n = 0; n < 4; n++) {
      slack.react({ channel, ts, user, name: ['eyes', 'bug', 'wave', 'heart'][n] ?? '' });
      await postAndSweep(stage, `page ${n}`);
    }
    await stage.waitFor(() => reconnections(stage) === 1);
  });
});

/** Connects while another connection counts, which is gone right afterwards. */
async function connectWithGhost(stage: Stage): Promise<void> {
  const { slack } = stage;
  slack.sockets.addGhosts(1);
  const connecting = stage.connect();
  await slack.waitFor(() => slack.sockets.count() === 1);
  slack.sockets.clearGhosts();
  // What went to the other one is sent again.
  slack.timeOut();
  await connecting;
}

describe('another process with the app token', () => {
  const SHARED = /^another process has this app token: .*each misses some/;

  test('is warned about, once, and named in the status until it is gone', async () => {
    const stage = await startStage();
    const { slack } = stage;
    await connectWithGhost(stage);
    expect(warnings(stage)).toEqual([expect.stringMatching(SHARED)]);
    expect(await stage.type('status')).toContain('*Another process has my app token*');
    slack.sockets.refresh();
    await stage.waitFor(() => reconnections(stage) === 1);
    expect(warnings(stage)).toHaveLength(1);
    expect(await stage.type('status')).not.toContain('app token');
  });

  test('that comes later is found with the next connection', async () => {
    const stage = await connected();
    expect(await stage.type('status')).not.toContain('app token');
    stage.slack.sockets.addGhosts(2);
    stage.slack.sockets.warn();
    await stage.waitFor(() => reconnections(stage) === 1);
    expect(stage.logs.at(-1)).toBeDefined();
    expect(stage.logs.filter(({ others }) => others === 2)).toHaveLength(1);
    stage.slack.sockets.warn();
    await stage.waitFor(() => reconnections(stage) === 2);
    expect(stage.logs.filter(({ others }) => others === 2)).toHaveLength(1);
  });

  test('it is looked for while messages stay away, though some come', async () => {
    const stage = await connected(HASTY);
    const { slack, channel, user } = stage;
    slack.sockets.addGhosts(1);
    for (let n = 0; n < 6; n++) {
      slack.post({ channel, user, text: `one of page ${n}` });
      await postAndSweep(stage, `another of page ${n}`);
    }
    await stage.waitFor(() => stage.logs.some(({ others }) => others === 1));
  });
});

describe('its own connection before is no other process', () => {
  test('when it was cut and still counts for a moment', async () => {
    const stage = await connected();
    const { slack } = stage;
    // As Slack counts the connection that it has not missed yet.
    slack.sockets.addGhosts(1);
    slack.sockets.cut();
    await stage.waitFor(() => reconnections(stage) === 1);
    slack.sockets.clearGhosts();
    expect(stage.context.connection.others).toBe(0);
    stage.clock.jump(2 * MINUTE_MS);
    await sweep(stage.context);
    await stage.waitFor(() => reconnections(stage) === 2);
    expect(stage.context.connection.others).toBe(0);
    expect(warnings(stage).filter((words) => words.startsWith('another process'))).toEqual([]);
  });

  test('but one that is there is found in a moment', async () => {
    const stage = await connected();
    stage.slack.sockets.addGhosts(1);
    stage.slack.sockets.cut();
    await stage.waitFor(() => reconnections(stage) === 1);
    stage.clock.jump(2 * MINUTE_MS);
    await sweep(stage.context);
    await stage.waitFor(() => reconnections(stage) === 2);
    expect(stage.context.connection.others).toBe(1);
    stage.clock.jump(2 * MINUTE_MS);
    await sweep(stage.context);
    expect(reconnections(stage)).toBe(2);
  });

  test('when the process before was killed: a moment after the start it looks again', async () => {
    const stage = await startStage();
    await connectWithGhost(stage);
    stage.clock.jump(2 * MINUTE_MS);
    await sweep(stage.context);
    await stage.waitFor(() => reconnections(stage) === 1);
    expect(stage.context.connection.others).toBe(0);
  });
});

describe('ends that a person has to do something about', () => {
  const errors = ({ logs }: Stage) =>
    logs.filter(({ level }) => level === 'error').map(({ message }) => message);

  /** Ends its waits between two tries until it is connected again. */
  const reconnected = (stage: Stage) =>
    vi.waitFor(
      () => {
        for (let ms = 200; ms <= 30_000; ms *= 2) stage.clock.fire(ms);
        expect(reconnections(stage)).toBe(1);
      },
      { interval: 5, timeout: 60_000 },
    );

  test('Socket Mode is switched off: it says so, and goes on once it is on again', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    slack.sockets.disable(true);
    await stage.waitFor(() => warnings(stage).some((words) => words.includes('is lost')));
    expect(errors(stage)).toEqual([expect.stringContaining('Socket Mode is switched off')]);
    slack.sockets.disable(false);
    await reconnected(stage);
    slack.post({ channel, user, text: 'back' });
    await slack.idle();
    expect(await stage.rows(sql`select text from messages`)).toEqual([{ text: 'back' }]);
  });

  test('too many connections: it says so and tries again', async () => {
    const stage = await connected();
    stage.slack.sockets.addGhosts(10);
    stage.slack.sockets.refresh();
    await stage.waitFor(() => errors(stage).length > 0);
    expect(errors(stage)[0]).toContain('ten connections');
    stage.slack.sockets.clearGhosts();
    await reconnected(stage);
  });
});
