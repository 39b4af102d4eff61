import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../../../../src/slack/blocks/actions.ts';
import { finishAsking } from '../../../../src/store/runs/express.ts';
import { type Stage, type StageOptions, startWith } from '../../../harness.ts';
import { words } from '../../../people/stage.ts';

/** The express lane: messages are asked one by one, each answer is committed as it comes. */

const TEXTS = [
  'I love the new look',
  'Could you add an export to CSV?',
  'It crashes and we lost all our data',
  'How do I change my avatar?',
  'The menu is confusing',
];

const express = (options: StageOptions = {}, texts = TEXTS) =>
  startWith(texts, { ...options, settings: { expressUpToUsd: 1, ...options.settings } });

const calls = ({ claude }: Stage) =>
  claude.calls.filter(({ path, method }) => method === 'POST' && path === '/v1/messages');

/** Calls for verdicts, not for groups, by what they ask about. */
const asked = ({ claude }: Stage) =>
  claude.asked.flatMap(({ messages }) => {
    const text = JSON.stringify(messages);
    return text.includes('<message>')
      ? [/<message>\\n(.*?)\\n<\/message>/.exec(text)?.[1] ?? '']
      : [];
  });

const states = (stage: Stage) =>
  stage.rows(
    sql<{ state: string; n: number }>`select state, count(*) as n from messages group by state`,
  );

const requests = (stage: Stage) =>
  stage.rows(
    sql<{ ts: string; asks: number; outcome: string | null; lane: string }>`
      select ts, asks, outcome, lane from requests join batches on batches.id = batch order by ts`,
  );

const run = async (stage: Stage) => {
  const [row] = await stage.rows(
    sql<{
      id: number;
      lane: string;
      lane_reason: string;
      hurry_reason: string | null;
      hurried_by: string | null;
      trouble: string | null;
    }>`select * from runs order by id desc limit 1`,
  );
  if (!row) throw new Error('there is no run');
  return row;
};

const digest = (stage: Stage) =>
  words(stage.posts().findLast(({ metadata }) => metadata?.event_type === 'winnow_digest')?.blocks);

test('a run that is cheap enough is judged at once, message by message', async () => {
  const stage = await express();
  expect(await stage.type()).toMatch(
    /^Classifying 5 pending messages for at most about \$0\.\d+, at once\./,
  );
  await stage.settle();
  expect(await states(stage)).toEqual([{ state: 'judged', n: 5 }]);
  expect(stage.claude.batches()).toEqual([]);
  expect(asked(stage).toSorted()).toEqual(TEXTS.toSorted());
  expect(await run(stage)).toMatchObject({ lane: 'express', lane_reason: 'cheap' });
  expect(await requests(stage)).toEqual(
    stage.sent.map((ts) => ({ ts, asks: 1, outcome: 'judged', lane: 'express' })),
  );
  expect(digest(stage)).toContain('5 messages');
});

test('what looks urgent is asked first', async () => {
  const stage = await express();
  await stage.type();
  await stage.settle();
  expect(asked(stage)[0]).toBe('It crashes and we lost all our data');
});

test('the bill is the price of single calls, and the price said before is not below it', async () => {
  const stage = await express();
  const said = Number(/\$(\d\.\d+)/.exec(await stage.type())?.[1]);
  await stage.settle();
  const [bill] = await stage.rows(
    sql<{ nano: number; input: number; output: number }>`
      select nano_usd as nano, input_tokens as input, output_tokens as output from batches`,
  );
  const usd = (bill?.nano ?? 0) / 1e9;
  expect(usd).toBeGreaterThan(0);
  expect(said).toBeGreaterThanOrEqual(usd);
  // At full price the output alone costs this much.
  expect(usd).toBeGreaterThan(((bill?.output ?? 0) * 0.5) / 1e6);
});

test('the prompt is written to the cache once, for five minutes, and read by the others', async () => {
  const stage = await express();
  await stage.type();
  await stage.settle();
  const { system } = stage.claude.asked[0] ?? {};
  expect(system).toMatchObject([{ cache_control: { type: 'ephemeral', ttl: '5m' } }]);
  const tokens = stage.claude.tokens();
  expect(tokens.cacheRead).toBe(4 * tokens.cacheWritten);
});

test('a single message is asked without a mark, which would cost more than it saves', async () => {
  const stage = await express({}, ['It crashes']);
  await stage.type();
  await stage.settle();
  expect(JSON.stringify(stage.claude.asked[0])).not.toContain('cache_control');
});

describe('when Claude does not answer', () => {
  test('a pause that it asks for is kept, and nothing is asked twice that has an answer', async () => {
    const stage = await express();
    stage.claude.faults.add({
      kind: 'status',
      status: 429,
      path: /^\/v1\/messages$/u,
      headers: { 'retry-after': '17' },
      times: 2,
    });
    await stage.type();
    const began = stage.clock.now();
    await stage.settle();
    expect(stage.clock.now() - began).toBeGreaterThanOrEqual(17_000);
    expect(await states(stage)).toEqual([{ state: 'judged', n: 5 }]);
    // What was refused for now was not billed.
    expect((await requests(stage)).map(({ asks }) => asks)).toEqual([1, 1, 1, 1, 1]);
  });

  test('a lost answer is asked for again, and said to be paid twice perhaps', async () => {
    const stage = await express();
    stage.claude.faults.add({ kind: 'lost_answer', path: /^\/v1\/messages$/u, method: 'POST' });
    await stage.type();
    await stage.settle();
    expect(await states(stage)).toEqual([{ state: 'judged', n: 5 }]);
    expect((await requests(stage)).map(({ asks }) => asks).toSorted()).toEqual([1, 1, 1, 1, 2]);
    expect(digest(stage)).toContain('1 answer may have been paid twice');
  });

  test('an answer that breaks off in the middle is a lost one', async () => {
    const stage = await express();
    let cut = 0;
    const breaking = () =>
      new ReadableStream({
        pull(controller) {
          controller.error(new TypeError('terminated'));
        },
      });
    stage.context.claude = stage.context.claude.withOptions({
      async fetch(url, init) {
        const answer = await fetch(url, init);
        if (!String(url).endsWith('/v1/messages') || cut++ > 0) return answer;
        return new Response(breaking(), { status: answer.status, headers: answer.headers });
      },
    });
    await stage.type();
    await stage.settle();
    expect(await states(stage)).toEqual([{ state: 'judged', n: 5 }]);
    expect(digest(stage)).toContain('1 answer may have been paid twice');
  });

  test('an overload is waited out', async () => {
    const stage = await express();
    stage.claude.faults.add({
      kind: 'status',
      status: 529,
      errorType: 'overloaded_error',
      path: /^\/v1\/messages$/u,
      times: 3,
    });
    await stage.type();
    await stage.settle();
    expect(await states(stage)).toEqual([{ state: 'judged', n: 5 }]);
    expect((await run(stage)).trouble).toBeNull();
    expect(digest(stage)).not.toContain('paid twice');
  });

  test('a spend cap stops it, and it goes on once there is money again', async () => {
    const stage = await express();
    const end = stage.claude.faults.add({ kind: 'spend_cap', times: Number.POSITIVE_INFINITY });
    await stage.type();
    await stage.step();
    await stage.step();
    expect((await run(stage)).trouble).toContain('spend limit');
    expect(calls(stage).length).toBeLessThan(8);
    end();
    await stage.settle();
    expect(await states(stage)).toEqual([{ state: 'judged', n: 5 }]);
  });

  test('a request that it refuses costs its message a try, and keeps no other from being judged', async () => {
    const stage = await express();
    stage.claude.faults.addItem({
      match: (_, text) => text.includes('avatar'),
      outcome: 'errored',
      errorType: 'invalid_request_error',
      message: 'the text is not valid',
    });
    await stage.type();
    await stage.settle();
    expect(await states(stage)).toEqual([
      { state: 'judged', n: 4 },
      { state: 'pending', n: 1 },
    ]);
    for (const _ of [1, 2]) {
      await stage.type();
      await stage.settle();
    }
    expect(await states(stage)).toEqual([
      { state: 'dead', n: 1 },
      { state: 'judged', n: 4 },
    ]);
    expect(digest(stage)).toContain('1 message could not be classified');
  });

  test('when it refuses all of them, the messages are not at fault: nothing is spent on them', async () => {
    const stage = await express(
      {},
      Array.from({ length: 12 }, (_, n) => `It crashes ${n}`),
    );
    const mend = stage.claude.faults.addItem({
      match: () => true,
      outcome: 'errored',
      errorType: 'invalid_request_error',
      message: 'output_config: not valid',
    });
    await stage.type();
    await stage.step();
    await stage.step();
    expect((await run(stage)).trouble).toContain('output_config');
    const tried = calls(stage).length;
    await stage.step();
    expect(calls(stage)).toHaveLength(tried);
    expect((await states(stage)).find(({ state }) => state === 'dead')).toBeUndefined();
    mend();
    await stage.settle();
    expect((await states(stage)).find(({ state }) => state === 'judged')?.n).toBeGreaterThan(5);
  });
});

describe('after a crash', () => {
  test('the messages that were in flight are asked again, and no others', async () => {
    const stage = await express({ onDisk: true });
    await stage.type();
    await stage.step();
    const before = asked(stage).length;
    // Two answers that were never committed.
    const [first = '', second = ''] = stage.sent;
    await stage.rows(sql`update runs set ended_at = null, stage = 'judging', published_at = null`);
    await stage.rows(sql`update batches set stage = 'asking'`);
    await stage.rows(sql`update requests set outcome = null where ts in (${first}, ${second})`);
    await stage.rows(
      sql`update messages set state = 'claimed', verdict = null where ts in (${first}, ${second})`,
    );
    await stage.restart();
    await stage.connect();
    await stage.settle();
    expect(asked(stage).slice(before).toSorted()).toEqual(TEXTS.slice(0, 2).toSorted());
    expect(await states(stage)).toEqual([{ state: 'judged', n: 5 }]);
    expect((await requests(stage)).map(({ asks }) => asks)).toEqual([2, 2, 1, 1, 1]);
  });
});

test('a message that is edited or deleted meanwhile is not judged by its old words', async () => {
  const stage = await express();
  const [praise = '', wish = ''] = stage.sent;
  await stage.type();
  stage.slack.edit({ channel: stage.channel, ts: praise, text: 'It crashes since the new look' });
  stage.slack.delete({ channel: stage.channel, ts: wish });
  await stage.slack.idle();
  await stage.settle();
  expect(asked(stage)).toContain('It crashes since the new look');
  expect(asked(stage)).not.toContain(TEXTS[0]);
  expect(asked(stage)).not.toContain(TEXTS[1]);
});

test('a run that is canceled stops asking; what is answered is kept', async () => {
  const stage = await express(
    {},
    Array.from({ length: 30 }, (_, n) => `The page ${n} is slow`),
  );
  stage.claude.faults.add({
    kind: 'status',
    status: 429,
    path: /^\/v1\/messages$/u,
    headers: { 'retry-after': '30' },
  });
  await stage.type();
  await stage.step();
  await stage.type('cancel');
  await stage.settle();
  expect(calls(stage).length).toBeLessThanOrEqual(9);
  const all = await states(stage);
  expect(all.reduce((sum, { n }) => sum + n, 0)).toBe(30);
  expect(all.find(({ state }) => state === 'claimed')).toBeUndefined();
});

const billed = async (stage: Stage) => {
  const [bill] = await stage.rows(sql<{ nano: number }>`select sum(nano_usd) as nano from batches`);
  return bill?.nano ?? Number.NaN;
};

describe('whoever does not want to wait', () => {
  const held = async (options: StageOptions = {}, texts = TEXTS) => {
    const stage = await startWith(texts, options);
    stage.claude.holdBatches(true);
    await stage.type();
    await stage.settle(() => stage.claude.batches().length > 0);
    await stage.settle(() => stage.posts().length > 0);
    return stage;
  };

  const press = async (stage: Stage, user = stage.user) => {
    const { channel, slack } = stage;
    const before = slack.ephemerals(user).length;
    const ts = stage.posts().at(-1)?.ts ?? '';
    const answer = await slack.click({ user, channel, ts, actionId: ACTIONS.hurry });
    expect(answer).toMatchObject({ acked: true });
    await slack.waitFor(() => slack.ephemerals(user).length > before);
    return slack.ephemerals(user).at(-1)?.text ?? '';
  };

  test('presses a button that says what it costs more; nothing is asked twice', async () => {
    const stage = await held(
      {},
      Array.from({ length: 8 }, (_, n) => `The page ${n} is slow`),
    );
    expect(JSON.stringify(stage.posts().at(-1)?.blocks)).toMatch(/Don't wait \(\$0\.0\d+ more\)/);
    const [batch] = stage.claude.batches();
    stage.claude.progressBatch(batch?.id ?? '', 3);
    expect(await press(stage)).toMatch(
      /^Claude now classifies the rest at once, for at most about \$/,
    );
    await stage.settle(() => stage.claude.batches()[0]?.status === 'canceling');
    stage.claude.holdBatches(false);
    await stage.settle();
    expect(asked(stage)).toHaveLength(5);
    expect(await states(stage)).toEqual([{ state: 'judged', n: 8 }]);
    expect(await run(stage)).toMatchObject({
      lane: 'batch',
      hurry_reason: 'person',
      hurried_by: stage.user,
    });
    expect(digest(stage)).toContain('8 messages');
    expect(digest(stage)).not.toContain('paid twice');
  });

  test('does not wait for a batch that does not end; what it was billed is counted later', async () => {
    const stage = await held(
      {},
      Array.from({ length: 8 }, (_, n) => `The page ${n} is slow`),
    );
    const [batch] = stage.claude.batches();
    stage.claude.progressBatch(batch?.id ?? '', 3);
    await press(stage);
    // It stays canceling.
    await stage.settle(() => digest(stage).startsWith('Feedback summary,'), 500);
    expect(await states(stage)).toEqual([{ state: 'judged', n: 8 }]);
    expect(asked(stage)).toHaveLength(8);
    expect(digest(stage)).toContain('8 answers may have been paid twice');
    const cost = await billed(stage);
    // The next run does not wait for it either.
    expect(await stage.type()).toContain('Nothing is pending');
    stage.claude.holdBatches(false);
    await stage.settle();
    expect(digest(stage)).toContain('3 answers may have been paid twice');
    expect(await billed(stage)).toBeGreaterThan(cost);
    const [open] = await stage.rows(
      sql<{ n: number }>`select count(*) as n from batches where stage <> 'collected'`,
    );
    expect(open?.n).toBe(0);
  });

  test('presses it twice, or too late: nothing more happens', async () => {
    const stage = await held();
    await press(stage);
    expect(await press(stage)).toBe('Claude is already classifying the rest at once.');
    await stage.rows(sql`update runs set ended_at = 1`);
    expect(await press(stage)).toBe('This run is over.');
  });

  test('is a member: others may not spend', async () => {
    const stage = await held();
    const guest = stage.slack.addUser({ name: 'gus', isRestricted: true });
    stage.slack.join(stage.channel, guest);
    await press(stage, guest);
    expect((await run(stage)).hurry_reason).toBeNull();
  });

  test('survives a restart in each stage', async () => {
    const stage = await held(
      { onDisk: true },
      Array.from({ length: 8 }, (_, n) => `The page ${n} is slow`),
    );
    await press(stage);
    for (let round = 0; round < 12; round++) {
      await stage.restart();
      await stage.connect();
      await stage.step();
      if (round === 3) stage.claude.holdBatches(false);
    }
    await stage.settle();
    expect(await states(stage)).toEqual([{ state: 'judged', n: 8 }]);
    expect(asked(stage)).toHaveLength(8);
  });

  test('a batch that is given up and never was ends, and nothing was paid twice', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({ kind: 'cut', method: 'POST', path: /batches$/ });
    await stage.type();
    await stage.step();
    await stage.settle(() => stage.posts().length > 0);
    const times = Number.POSITIVE_INFINITY;
    stage.claude.faults.add({ kind: 'cut', method: 'GET', path: /batches/, times });
    await press(stage);
    await stage.settle(() => digest(stage).startsWith('Feedback summary,'), 500);
    expect(digest(stage)).toContain('5 answers may have been paid twice');
    stage.claude.faults.clear();
    await stage.settle();
    expect(digest(stage)).not.toContain('paid twice');
    expect(await stage.rows(sql`select stage from batches group by stage`)).toEqual([
      { stage: 'collected' },
    ]);
    expect(stage.logs.filter(({ level }) => level === 'error')).toEqual([]);
    expect(asked(stage)).toHaveLength(5);
  });

  test('what is moved into an express batch that is about to close is asked as well', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.holdBatches(true);
    await stage.type();
    await stage.settle(() => stage.claude.batches().length > 0);
    const { db, clock } = stage.context;
    await stage.rows(sql`update batches set lane = 'express', stage = 'asking'`);
    const close = () => db.transaction().execute((tx) => finishAsking(tx, 1, clock.now()));
    await stage.rows(
      sql`update requests set outcome = 'judged' where ts <> ${stage.sent[0] ?? ''}`,
    );
    expect(await close()).toBe(false);
    expect(await stage.rows(sql`select stage from batches`)).toEqual([{ stage: 'asking' }]);
    await stage.rows(sql`update requests set outcome = 'judged'`);
    expect(await close()).toBe(true);
    expect(await stage.rows(sql`select stage from batches`)).toEqual([{ stage: 'collected' }]);
  });

  test('a batch whose submission has no answer yet is looked for, canceled and collected', async () => {
    const stage = await startWith(Array.from({ length: 8 }, (_, n) => `The page ${n} is slow`));
    stage.claude.holdBatches(true);
    stage.claude.faults.add({ kind: 'lost_answer' });
    await stage.type();
    await stage.step();
    await stage.settle(() => stage.posts().length > 0);
    await press(stage);
    await stage.settle(() => digest(stage).startsWith('Feedback summary,'), 500);
    stage.claude.holdBatches(false);
    await stage.settle();
    expect(stage.claude.batches()).toHaveLength(1);
    expect(await states(stage)).toEqual([{ state: 'judged', n: 8 }]);
    const [open] = await stage.rows(
      sql<{ n: number }>`select count(*) as n from batches where stage <> 'collected'`,
    );
    expect(open?.n).toBe(0);
  });
});
