import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { greetInviters } from '../../../src/jobs/intake/greet.ts';
import { LOOK_BACK_MS } from '../../../src/jobs/intake/sweep/channel.ts';
import { sweep } from '../../../src/jobs/intake/sweep.ts';
import { checkPosts } from '../../../src/start/check-posts.ts';
import { type Stage, type StageOptions, startWith } from '../../harness.ts';
import { enqueue, post, postedKeys } from '../../slack/outbox.ts';

/**
 * An app that is distributed outside Slack's Marketplace reads one page of 15 messages a minute: a backlog takes hours,
 * and the process may end many times before it is read.
 */

const HISTORY = 'conversations.history';
const REPLIES = 'conversations.replies';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const start = (texts: string[], options: StageOptions = {}) =>
  startWith(texts, {
    onDisk: true,
    rateScale: 1,
    ...options,
    slack: { unlisted: true, rateLimits: true, ...options.slack },
  });

const texts = async (stage: Stage) =>
  (
    await stage.rows(
      sql<{ text: string }>`select text from messages where deleted_at is null order by ts`,
    )
  ).map(({ text }) => text);

const replies = async (stage: Stage) =>
  (
    await stage.rows(
      sql<{ text: string }>`select text from replies where deleted_at is null order by ts`,
    )
  ).map(({ text }) => text);

const unread = (stage: Stage) => stage.rows(sql`select * from unread`);

/** Answers, without the refusals because of the rate. */
const answers = ({ slack }: Stage, name: string) =>
  slack.calls.filter(({ method, ok }) => method === name && ok).length;

const postUnseen = ({ slack, channel, user }: Stage, text: string, threadTs?: string) =>
  slack.post({ channel, user, text, silent: true, ...(threadTs && { threadTs }) });

/** Some minutes ago: Slack shows all of it. */
function postBacklog(stage: Stage, messages: string[]): void {
  for (const text of messages) postUnseen(stage, text);
  stage.clock.jump(5 * MINUTE_MS);
}

const numbered = (count: number, word = 'unseen') =>
  Array.from({ length: count }, (_, n) => `${word} ${n}`);

class Killed extends Error {}

/** The process ends during a call, after so many answers of a method. */
function killAfter(stage: Stage, count: number, method = HISTORY): void {
  const { slack: api } = stage.context;
  const { call } = api;
  const before = answers(stage, method);
  api.call = (name, ...rest) => {
    if (answers(stage, method) - before >= count) throw new Killed();
    return call(name, ...rest);
  };
}

const lookBack = { lookBackMs: LOOK_BACK_MS.start };

/** A new process reads so many pages before it ends as well. @returns false when it came to its end */
async function startAndKill(stage: Stage, count: number, method = HISTORY): Promise<boolean> {
  await stage.restart();
  killAfter(stage, count, method);
  try {
    await readAll(stage, lookBack);
    return false;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return true;
  }
}

/** Reads until nothing is left. */
async function readAll(stage: Stage, how: { lookBackMs?: number } = {}): Promise<void> {
  let swept = await sweep(stage.context, how);
  for (let n = 0; swept !== 'done'; n++) {
    expect(n).toBeLessThan(100);
    swept = await sweep(stage.context);
  }
}

describe('a backlog', () => {
  test('is read on where it was, however often the process ends: each message once', async () => {
    const stage = await start(['seen']);
    await readAll(stage);
    const unseen = numbered(300);
    postBacklog(stage, unseen);
    const before = answers(stage, HISTORY);
    // 20 pages, and of the five of each process one looks for what is new.
    for (let starts = 0; starts < 5; starts++) expect(await startAndKill(stage, 5)).toBe(true);
    expect(await texts(stage)).toEqual(['seen', ...unseen]);
    expect(answers(stage, HISTORY) - before).toBe(25);

    await stage.restart();
    await readAll(stage, lookBack);
    expect(await texts(stage)).toEqual(['seen', ...unseen]);
    expect(await stage.rows(sql`select ts from messages where deleted_at is not null`)).toEqual([]);
    expect(await unread(stage)).toEqual([]);
    // Everything of the last three days is read again, for edits, once.
    expect(answers(stage, HISTORY) - before).toBeLessThanOrEqual(25 + 24);
  });

  test('goes on after a failure, and when another sweep begins', async () => {
    const stage = await start([]);
    const unseen = numbered(90);
    postBacklog(stage, unseen);
    const fail = (cursor: boolean) =>
      stage.slack.faults.add({
        method: HISTORY,
        kind: 'status',
        status: 500,
        match: (args) => (args.cursor !== undefined) === cursor,
      });
    for (let n = 0; n < 3; n++) {
      fail(true);
      expect(await sweep(stage.context)).toBe('failed');
    }
    expect(await texts(stage)).toHaveLength(15 + 2 * 14);
    stage.slack.faults.clear();
    const before = answers(stage, HISTORY);
    await readAll(stage);
    expect(await texts(stage)).toEqual(unseen);
    expect(answers(stage, HISTORY) - before).toBe(5);
  });

  test('leaves what is new its turn: a start reads that first', async () => {
    const stage = await start(['seen']);
    await readAll(stage);
    postBacklog(stage, numbered(100));
    await startAndKill(stage, 2);
    postUnseen(stage, 'while it was down');
    await startAndKill(stage, 1);
    expect(await texts(stage)).toContain('while it was down');
    expect(await texts(stage)).not.toContain('unseen 0');
    await startAndKill(stage, 7);
    expect(await texts(stage)).toEqual(['seen', ...numbered(100), 'while it was down']);
  });

  test('does not keep what no event brings from being found within minutes', async () => {
    const stage = await start([]);
    postBacklog(stage, numbered(400));
    expect(await sweep(stage.context)).toBe('more');
    postUnseen(stage, 'new');
    const at = stage.clock.now();
    await sweep(stage.context);
    expect(await texts(stage)).toContain('new');
    expect(stage.clock.now() - at).toBeLessThanOrEqual(12 * MINUTE_MS);
    expect((await texts(stage)).length).toBeLessThan(401);
  });

  test('of an interrupted reading is not lost when the bot seemed to have left', async () => {
    const stage = await start(['seen']);
    await readAll(stage);
    postBacklog(stage, numbered(60));
    await startAndKill(stage, 2);
    await sql`update channels set state = 'left'`.execute(stage.context.db);
    await stage.restart();
    await readAll(stage, lookBack);
    expect(await texts(stage)).toEqual(['seen', ...numbered(60)]);
  });

  test('counts from the arrival on when the bot comes back', async () => {
    const stage = await start(['seen']);
    const { slack, channel, user } = stage;
    await readAll(stage);
    postBacklog(stage, numbered(60));
    await startAndKill(stage, 2);
    const stored = await texts(stage);
    slack.removeBot(channel);
    await stage.restart();
    await readAll(stage);
    postUnseen(stage, 'without it');
    slack.inviteBot(channel, user);
    postUnseen(stage, 'back again');
    await stage.restart();
    await readAll(stage, lookBack);
    expect(await texts(stage)).toEqual([...stored, 'back again']);
    expect(await unread(stage)).toEqual([]);
  });
});

describe('what was deleted while the bot was down', () => {
  test('is found though each process reads two pages, and nothing else is deleted', async () => {
    const stage = await start(numbered(100, 'heard'));
    const { slack, channel, sent } = stage;
    await readAll(stage);
    postBacklog(stage, numbered(40));
    for (const n of [3, 50, 51, 99]) slack.delete({ channel, ts: sent[n] ?? '', silent: true });
    let starts = 0;
    // What is new takes a call, each look-up one.
    while (starts < 16) {
      await startAndKill(stage, 3);
      starts++;
    }
    const left = numbered(100, 'heard').filter((_, n) => ![3, 50, 51, 99].includes(n));
    expect(await texts(stage)).toEqual([...left, ...numbered(40)]);
  });

  test('stays when the process ends before it was looked up, until it is', async () => {
    const stage = await start(['stays', 'goes']);
    const { slack, channel, sent } = stage;
    await readAll(stage);
    slack.delete({ channel, ts: sent[1] ?? '', silent: true });
    await startAndKill(stage, 1);
    expect(await texts(stage)).toEqual(['stays', 'goes']);
    await startAndKill(stage, 2);
    expect(await texts(stage)).toEqual(['stays']);
  });
});

test('whatever happens while a backlog is read, in the end the bot has what Slack has', async () => {
  const worlds = fc.record({
    begins: fc.constantFrom('newest' as const, 'oldest' as const),
    cursors: fc.boolean(),
    lives: fc.array(
      fc.record({
        posts: fc.integer({ min: 0, max: 12 }),
        deletes: fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 3 }),
        calls: fc.integer({ min: 0, max: 4 }),
      }),
      { minLength: 1, maxLength: 7 },
    ),
  });
  await fc.assert(
    fc.asyncProperty(worlds, async ({ begins, cursors, lives }) => {
      const stage = await start(['first'], { slack: { history: { begins, cursors, pageCap: 4 } } });
      const { slack, channel } = stage;
      const posted: string[] = [];
      const gone = new Set<string>();
      for (const { posts, deletes, calls } of lives) {
        for (let n = 0; n < posts; n++) posted.push(postUnseen(stage, `${posted.length}`));
        for (const n of deletes) {
          const ts = posted[n];
          if (ts === undefined || gone.has(ts)) continue;
          gone.add(ts);
          slack.delete({ channel, ts, silent: true });
        }
        await startAndKill(stage, calls);
        const deleted = await stage.rows(
          sql<{ ts: string }>`select ts from messages where deleted_at is not null`,
        );
        expect(deleted.filter(({ ts }) => !gone.has(ts))).toEqual([]);
      }
      await stage.restart();
      await readAll(stage, lookBack);
      const left = posted
        .filter((ts) => !gone.has(ts))
        .map((ts) => slack.message(channel, ts)?.text);
      expect(await texts(stage)).toEqual(['first', ...left]);
      expect(await unread(stage)).toEqual([]);
    }),
    { numRuns: 20, seed: 20_261_130 },
  );
});

describe('several channels', () => {
  test('take turns: a large backlog in one does not hold up the others', async () => {
    const stage = await start([]);
    const { slack, user } = stage;
    const others = ['one', 'two'].map((name) => {
      const id = slack.addChannel({ name, members: [user] });
      slack.inviteBot(id, user);
      return id;
    });
    await slack.idle();
    postBacklog(stage, numbered(200));
    const post = (channel: string, text: string) =>
      slack.post({ channel, user, text, silent: true });
    for (const id of others) for (const text of numbered(20, id)) post(id, text);
    await startAndKill(stage, 6);
    const stored = await texts(stage);
    expect(stored.filter((text) => text.startsWith('unseen'))).toHaveLength(30);
    for (const id of others) {
      expect(stored.filter((text) => text.startsWith(id))).toHaveLength(20);
    }
    // While the backlog is read, each sweep finds what is new elsewhere, and goes on with it.
    const [other = ''] = others;
    post(other, 'found');
    await stage.restart();
    const at = stage.clock.now();
    expect(await sweep(stage.context)).toBe('more');
    expect(await texts(stage)).toContain('found');
    expect(stage.clock.now() - at).toBeLessThanOrEqual(12 * MINUTE_MS);
    expect((await texts(stage)).filter((text) => text.startsWith('unseen')).length).toBeGreaterThan(
      30 + 5 * 14,
    );
  });
});

describe('threads', () => {
  /** Messages with unseen replies. */
  function postThreads(stage: Stage, count: number): void {
    for (const text of numbered(count, 'about')) {
      postUnseen(stage, text, postUnseen(stage, `${text} parent`));
    }
  }

  test('are read on where they were, and history is not held up by them', async () => {
    const stage = await start([]);
    await readAll(stage);
    postThreads(stage, 40);
    const at = stage.clock.now();
    const before = answers(stage, REPLIES);
    await stage.restart();
    killAfter(stage, 8, REPLIES);
    await expect(readAll(stage)).rejects.toThrow(Killed);
    // Three pages of history in the minutes of eight threads.
    expect(await texts(stage)).toHaveLength(40);
    for (let starts = 0; starts < 4; starts++) {
      await stage.restart();
      killAfter(stage, 8, REPLIES);
      await readAll(stage).catch(() => {});
    }
    expect((await replies(stage)).toSorted()).toEqual(numbered(40, 'about').toSorted());
    expect(answers(stage, REPLIES) - before).toBe(40);
    expect(stage.clock.now() - at).toBeLessThan(50 * MINUTE_MS);
  });

  test('a long one goes on too', async () => {
    const stage = await start(['parent']);
    await readAll(stage);
    for (const text of numbered(100)) postUnseen(stage, text, stage.sent[0]);
    await startAndKill(stage, 4, REPLIES);
    expect(await replies(stage)).toHaveLength(4 * 14);
    await startAndKill(stage, 5, REPLIES);
    expect(await replies(stage)).toEqual(numbered(100));
  });

  test('a reply that was deleted while the bot was down is found', async () => {
    const stage = await start(['parent']);
    const { slack, channel, user, sent } = stage;
    const all = numbered(50).map((text) =>
      slack.post({ channel, user, text, threadTs: sent[0] ?? '' }),
    );
    await slack.idle();
    await readAll(stage);
    for (const n of [2, 30]) slack.delete({ channel, ts: all[n] ?? '', silent: true });
    while (await startAndKill(stage, 3, REPLIES)) {
      if ((await replies(stage)).length === 48) break;
    }
    expect(await replies(stage)).toEqual(numbered(50).filter((_, n) => n !== 2 && n !== 30));
  });

  test('one that cannot be read lets the others go first', async () => {
    const stage = await start([]);
    postThreads(stage, 3);
    const bad = stage.slack.messages(stage.channel).find(({ text }) => text === 'about 2 parent');
    stage.slack.faults.add({
      method: REPLIES,
      kind: 'status',
      status: 500,
      match: ({ ts }) => ts === bad?.ts,
      times: Number.POSITIVE_INFINITY,
    });
    for (let n = 0; n < 3; n++) expect(await sweep(stage.context)).toBe('failed');
    expect(await replies(stage)).toEqual(['about 0', 'about 1']);
  });
});

describe('what else is read', () => {
  const START_SETTINGS = { database: { kind: 'sqlite' as const, file: '' }, adoptsPosts: false };
  const postMany = ({ slack, user }: Stage, id: string, count: number) => {
    for (const text of numbered(count)) slack.post({ channel: id, user, text, silent: true });
  };

  test('the person who invites the bot is greeted within minutes, and offered "or more"', async () => {
    const stage = await start([]);
    const { slack, user } = stage;
    const id = slack.addChannel({ name: 'large', members: [user] });
    postMany(stage, id, 300);
    slack.inviteBot(id, user);
    await slack.idle();
    const at = stage.clock.now();
    await greetInviters(stage.context);
    await stage.settle(() => slack.ephemerals(user).length > 0);
    expect(stage.clock.now() - at).toBeLessThan(5 * MINUTE_MS);
    expect(JSON.stringify(slack.ephemerals(user).at(-1)?.blocks)).toMatch(/\d+ messages or more/);
  });

  test('a post whose answer was lost is found behind many others, with each page read once', async () => {
    const stage = await start([]);
    const { slack, channel } = stage;
    slack.faults.add({ method: 'chat.postMessage', kind: 'cut', when: 'after' });
    await stage.step();
    await enqueue(stage, [post(channel, 'buried')]);
    await stage.step();
    postMany(stage, channel, 100);
    const before = answers(stage, HISTORY);
    await stage.settle();
    expect(postedKeys(stage)).toEqual(['buried']);
    expect(answers(stage, HISTORY) - before).toBeLessThanOrEqual(7);
  });

  test('nothing is held up at a start because only one channel could be read in time', async () => {
    const stage = await start(['seen']);
    const { slack, user } = stage;
    for (const name of ['one', 'two'])
      slack.inviteBot(slack.addChannel({ name, members: [user] }), user);
    await slack.idle();
    await stage.context.slack.call(
      'chat.postMessage',
      { channel: stage.channel, text: 'x' },
      z.any(),
    );
    await stage.restart();
    const { context, clock } = stage;
    const { call } = context.slack;
    const before = answers(stage, HISTORY);
    context.slack.call = (name, ...rest) => {
      if (name !== HISTORY || answers(stage, HISTORY) === before) return call(name, ...rest);
      // The second one would have to wait, and the time is over.
      clock.fire(10_000);
      return new Promise(() => {});
    };
    await checkPosts(context, START_SETTINGS);
    expect(context.adopted).toBeNull();
  });

  test.each([
    ['goes on once what is new has been read', true],
    ['waits for the rest when there are posts that the database does not know', false],
  ])('a start that could not look for own posts %s', async (_name, isKnown) => {
    const stage = await start(numbered(60, 'heard'));
    const { slack, channel, clock } = stage;
    clock.jump(5 * MINUTE_MS);
    await readAll(stage);
    postBacklog(stage, numbered(20));
    if (!isKnown) {
      await stage.context.slack.call('chat.postMessage', { channel, text: 'x' }, z.any());
      clock.jump(5 * MINUTE_MS);
    }
    await stage.restart();
    const { context } = stage;
    slack.faults.add({ kind: 'error', method: HISTORY, error: 'internal_error' });
    await checkPosts(context, START_SETTINGS);
    expect(context.adopted).toEqual(new Set());
    killAfter(stage, 3);
    await expect(readAll(stage, lookBack)).rejects.toThrow(Killed);
    expect(context.adopted?.has(channel)).toBe(isKnown);
  });
});

describe('the pace', () => {
  test('is learned from two refusals, and tried again once an hour', async () => {
    const stage = await start([]);
    postBacklog(stage, numbered(1500));
    const at = stage.clock.now();
    await readAll(stage);
    expect(await texts(stage)).toHaveLength(1500);
    const hours = (stage.clock.now() - at) / HOUR_MS;
    // 100 pages, and one call in ten looks for what is new.
    expect(answers(stage, HISTORY)).toBeLessThanOrEqual(115);
    expect(hours * 60).toBeLessThanOrEqual(answers(stage, HISTORY) + 3);
    expect(stage.slack.rateLimited).toBeLessThanOrEqual(2 + Math.ceil(hours));
    const told = stage.logs.filter(({ message }) => message.includes('one call a minute'));
    expect(told).toHaveLength(1);
  });

  test("is Slack's own for a team's own app: it is not slowed down", async () => {
    const stage = await start([], { slack: { unlisted: false } });
    postBacklog(stage, numbered(3000));
    const at = stage.clock.now();
    expect(await sweep(stage.context)).toBe('done');
    expect(answers(stage, HISTORY)).toBe(15);
    expect(stage.clock.now() - at).toBeLessThan(MINUTE_MS);
  });
});
