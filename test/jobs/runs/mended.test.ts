import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { SimMessage } from '../../../sim/slack/types.ts';
import { advanceRuns } from '../../../src/jobs/runs/advance.ts';
import { ACTIONS } from '../../../src/slack/blocks/actions.ts';
import {
  BUG,
  DAY_MS,
  HOUR_MS,
  IDEA,
  MINUTE_MS,
  type People,
  PRAISE,
  startPeople,
  words,
} from '../../people/stage.ts';

/** What waits until a person has mended it is tried at once when somebody asks, and soon by itself. */

const CREATE = /^\/v1\/messages\/batches$/;
const ALWAYS = Number.POSITIVE_INFINITY;

const BROKEN = {
  'a spend cap': { kind: 'spend_cap', times: ALWAYS },
  'a spend limit': { kind: 'spend_limit_400', times: ALWAYS },
  'a bad key': { kind: 'status', status: 401, errorType: 'authentication_error', times: ALWAYS },
  'a refused batch': {
    kind: 'status',
    status: 400,
    errorType: 'invalid_request_error',
    message: 'model: not available',
    path: CREATE,
    method: 'POST',
    times: ALWAYS,
  },
} as const;

const submissions = ({ claude }: People) =>
  claude.calls.filter(({ method, path }) => method === 'POST' && CREATE.test(path)).length;

const states = async ({ rows }: People) =>
  (await rows(sql<{ state: string }>`select state from messages order by ts`)).map(
    ({ state }) => state,
  );

/** The post of the newest run in a channel. */
function receipt(people: People, where = people.channel): SimMessage {
  const post = people
    .posts(where)
    .findLast(({ metadata }) => metadata?.event_type === 'winnow_digest');
  if (!post) throw new Error('no receipt');
  return post;
}

const offersRetry = (people: People, where?: string) =>
  JSON.stringify(receipt(people, where).blocks).includes(ACTIONS.retry);

/** Presses *Try again*. @returns what the person is told at once */
async function press(people: People, user: string, where = people.channel): Promise<string> {
  const { slack } = people;
  const before = people.told(user).length;
  const { ts } = receipt(people, where);
  const answer = await slack.click({ user, channel: where, ts, actionId: ACTIONS.retry });
  expect(answer).toMatchObject({ acked: true });
  await slack.waitFor(() => people.told(user).length > before);
  return people.told(user)[before] ?? '';
}

/** A run that was asked for and has to wait, and how to mend that. */
async function startWaiting(
  what: keyof typeof BROKEN = 'a spend cap',
  options: Parameters<typeof startPeople>[1] = {},
) {
  const people = await startPeople([BUG, PRAISE], options);
  const mend = people.claude.faults.add(BROKEN[what]);
  await people.type();
  await people.settle(() => people.posts().length > 0 && offersRetry(people));
  return { people, mend };
}

describe.each(Object.keys(BROKEN) as (keyof typeof BROKEN)[])('%s, mended', (what) => {
  test('is tried at once when somebody types the command', async () => {
    const { people, mend } = await startWaiting(what);
    mend();
    const before = people.clock.now();
    expect(await people.type('run', { user: people.ben })).toContain('I am trying again now');
    await people.step();
    expect(people.claude.batches()).toHaveLength(1);
    expect(people.clock.now() - before).toBeLessThan(1000);
    await people.rest();
    expect(await states(people)).toEqual(['judged', 'judged']);
    expect(people.told(people.ben).at(-1)).toContain(
      'It worked this time: the classification goes on',
    );
    expect(people.told(people.user).filter((text) => text.includes('It worked'))).toEqual([]);
  });

  test('is tried at once when somebody presses the button', async () => {
    const { people, mend } = await startWaiting(what);
    mend();
    expect(await press(people, people.ben)).toMatch(/^Trying again now/);
    await people.step();
    expect(people.claude.batches()).toHaveLength(1);
    await people.rest();
    expect(offersRetry(people)).toBe(false);
    expect(people.told(people.ben).at(-1)).toContain(
      'It worked this time: the classification goes on',
    );
  });
});

test('not mended: who pressed is told so, and nobody else', async () => {
  const { people } = await startWaiting();
  const { ben, user } = people;
  const others = people.told(user).length;
  await press(people, ben);
  await people.step();
  expect(people.told(ben).at(-1)).toMatch(
    /^I tried again, and the classification still has to wait: the spend limit at Anthropic is reached\. Nothing is lost\..*spend limit/,
  );
  expect(people.told(user)).toHaveLength(others);
  // Each time that somebody asks, and only then.
  people.clock.jump(10_000);
  await press(people, ben);
  await people.step();
  people.clock.jump(HOUR_MS);
  await people.step();
  expect(people.told(ben).filter((text) => text.includes('still has to wait'))).toHaveLength(2);
});

test('within ten seconds a second press does nothing, and says so', async () => {
  const { people, mend } = await startWaiting();
  const { ben, cleo, clock } = people;
  await press(people, ben);
  await people.step();
  const tries = submissions(people);
  mend();
  clock.jump(4_000);
  expect(await press(people, cleo)).toMatch(/only a moment ago.*You can ask again in 6 seconds\.$/);
  clock.jump(5_900);
  expect(await people.type('', { user: cleo })).toMatch(/only a moment ago.* in a second\./);
  await people.step();
  expect(submissions(people)).toBe(tries);
  clock.jump(100);
  expect(await press(people, cleo)).toMatch(/^Trying again now/);
  await people.step();
  expect(submissions(people)).toBe(tries + 1);
  await people.rest();
  expect(await press(people, ben).catch(() => 'no button')).toBe('no button');
});

test('a press on a post that still shows the button does nothing when the run goes on', async () => {
  const { people, mend } = await startWaiting();
  people.claude.holdBatches(true);
  mend();
  people.clock.jump(MINUTE_MS);
  people.slack.faults.add({ method: 'chat.update', kind: 'rate_limit', retryAfter: 3600 });
  await people.settle(() => people.claude.batches().length > 0);
  expect(offersRetry(people)).toBe(true);
  expect(await press(people, people.ben)).toMatch(/does not have to wait any more/);
});

test('a press while a try is under way brings another one', async () => {
  const { people, mend } = await startWaiting();
  const { context, ben } = people;
  const good = context.claude;
  let presses = 0;
  context.claude = good.withOptions({
    fetch: async (...args) => {
      const answer = await fetch(...args);
      if (presses++ === 0) {
        mend();
        await press(people, ben);
      }
      return answer;
    },
  });
  people.clock.jump(MINUTE_MS);
  const before = people.clock.now();
  await people.step();
  await people.step();
  expect(people.claude.batches()).toHaveLength(1);
  expect(people.clock.now() - before).toBeLessThan(5_000);
  expect(people.told(ben).filter((text) => text.includes('still'))).toEqual([]);
  context.claude = good;
  await people.rest();
  expect(people.told(ben).at(-1)).toContain('It worked');
});

test.each(['a spend cap', 'a bad key'] as const)(
  '%s is tried by itself every minute at first, then less and less often',
  async (what) => {
    const { people } = await startWaiting(what);
    const { clock } = people;
    const times: number[] = [];
    let seen = submissions(people);
    const watch = async (until: number) => {
      while (clock.now() < until) {
        clock.jump(10_000);
        await people.step();
        if (submissions(people) > seen) times.push(clock.now());
        seen = submissions(people);
      }
    };
    const begun = clock.now();
    await watch(begun + 5 * MINUTE_MS);
    expect(times.length).toBeGreaterThanOrEqual(4);
    clock.jump(2 * HOUR_MS);
    await people.step();
    seen = submissions(people);
    times.length = 0;
    await watch(clock.now() + HOUR_MS);
    const gaps = times.slice(1).map((time, n) => (time - (times[n] ?? 0)) / MINUTE_MS);
    expect(Math.min(...gaps)).toBeGreaterThan(9);
    expect(Math.max(...gaps)).toBeLessThan(11);

    // Somebody is at it: soon again.
    await press(people, people.ben);
    await people.step();
    seen = submissions(people);
    times.length = 0;
    await watch(clock.now() + 70_000);
    expect(times).toHaveLength(1);
  },
);

test('the button is not offered in an outage, unless it is a long one', async () => {
  const people = await startPeople([BUG]);
  const { claude, clock } = people;
  const limited = {
    kind: 'status' as const,
    status: 429,
    errorType: 'rate_limit_error',
    path: CREATE,
  };
  claude.faults.add({ ...limited, headers: { 'retry-after': '20' } });
  claude.faults.add({ ...limited, headers: { 'retry-after': '7200' }, times: ALWAYS });
  await people.type();
  await people.settle(() => words(receipt(people).blocks).includes('has to wait'));
  expect(offersRetry(people)).toBe(false);
  await people.settle(() => offersRetry(people));
  claude.faults.clear();
  const before = clock.now();
  await press(people, people.ben);
  await people.step();
  expect(claude.batches()).toHaveLength(1);
  expect(clock.now() - before).toBeLessThan(1000);
});

test('a batch whose submission was not answered is not looked for too early', async () => {
  const people = await startPeople([BUG]);
  people.claude.faults.add({
    kind: 'status',
    status: 500,
    path: CREATE,
    method: 'POST',
    times: ALWAYS,
  });
  await people.type();
  const row = async () =>
    (
      await people.rows(
        sql<{ stage: string; next: number; sent: number }>`
          select stage, next_at as next, submitted_at as sent from batches`,
      )
    )[0];
  await people.settle(() => submissions(people) === 5);
  expect(await row()).toMatchObject({ stage: 'submitting' });
  const { next = 0, sent = 0 } = (await row()) ?? {};
  expect(next - sent).toBeGreaterThan(10_000);
  expect(await people.type('', { user: people.ben })).toContain('I am trying again now');
  expect((await row())?.next).toBe(sent + 10_000);
});

describe('the account is one thing', () => {
  async function startTwo() {
    const { people, mend } = await startWaiting('a spend cap');
    const { slack, user, ben } = people;
    const other = slack.addChannel({ name: 'other', members: [user, ben] });
    slack.inviteBot(other, user);
    await slack.idle();
    slack.post({ channel: other, user, text: IDEA });
    await slack.idle();
    await people.type('', { channel: other });
    await people.settle(() => people.posts(other).length > 0 && offersRetry(people, other));
    // By now it is tried seldom.
    people.clock.jump(5 * HOUR_MS);
    await people.step();
    await people.step();
    return { people, mend, other };
  }

  test.each(['first', 'second'])('tried for the %s run, it goes on for both', async (which) => {
    const { people, mend, other } = await startTwo();
    mend();
    const before = people.clock.now();
    await press(people, people.ben, which === 'first' ? people.channel : other);
    await people.settle(() => people.claude.batches().length === 2, 10);
    expect(people.clock.now() - before).toBeLessThan(10_000);
    await people.rest();
    expect(await states(people)).toEqual(['judged', 'judged', 'judged']);
  });

  test('what was looked at before it worked for another is looked at again at once', async () => {
    const { people, mend, other } = await startTwo();
    mend();
    await press(people, people.ben, other);
    expect(await advanceRuns(people.context)).toBeLessThanOrEqual(people.clock.now());
    expect(people.claude.batches()).toHaveLength(1);
  });

  test('a new run that Claude takes shows that it works', async () => {
    const { people, mend } = await startTwo();
    const { slack, user } = people;
    const third = slack.addChannel({ name: 'third', members: [user] });
    slack.inviteBot(third, user);
    await slack.idle();
    slack.post({ channel: third, user, text: IDEA });
    await slack.idle();
    mend();
    const before = people.clock.now();
    await people.type('', { channel: third });
    await people.settle(() => people.claude.batches().length === 3, 10);
    expect(people.clock.now() - before).toBeLessThan(10_000);
  });

  test('a run that waits for its results shows it too', async () => {
    const people = await startPeople([BUG]);
    const { slack, user, claude, clock } = people;
    claude.holdBatches(true);
    await people.type();
    await people.settle(() => claude.batches().length === 1);
    const other = slack.addChannel({ name: 'other', members: [user] });
    slack.inviteBot(other, user);
    await slack.idle();
    slack.post({ channel: other, user, text: IDEA });
    await slack.idle();
    const mend = claude.faults.add(BROKEN['a bad key']);
    await people.type('', { channel: other });
    await people.settle(() => people.posts(other).length > 0 && offersRetry(people, other));
    await people.settle(() => offersRetry(people));
    clock.jump(5 * HOUR_MS);
    await people.step();
    mend();
    const before = clock.now();
    await press(people, user);
    await people.settle(() => claude.batches().length === 2, 10);
    expect(clock.now() - before).toBeLessThan(10_000);
  });

  test('what groups messages shows it too', async () => {
    const people = await startPeople(['Export to PDF fails', 'PDF export fails']);
    const { slack, user, claude, clock } = people;
    claude.holdBatches(true);
    await people.type();
    await people.settle(() => claude.batches().length === 1);
    const other = slack.addChannel({ name: 'other', members: [user] });
    slack.inviteBot(other, user);
    await slack.idle();
    slack.post({ channel: other, user, text: IDEA });
    await slack.idle();
    const mend = claude.faults.add(BROKEN['a spend cap']);
    await people.type('', { channel: other });
    await people.settle(() => people.posts(other).length > 0 && offersRetry(people, other));
    clock.jump(5 * HOUR_MS);
    await people.step();
    mend();
    claude.holdBatches(false);
    claude.setBatchMs(60_000);
    const before = clock.now();
    await people.settle(() => claude.batches().length === 2, 10);
    expect(claude.asked).toHaveLength(1);
    expect(clock.now() - before).toBeLessThan(10_000);
  });
});

describe('after a start', () => {
  test.each(Object.keys(BROKEN) as (keyof typeof BROKEN)[])(
    'what waited for %s to be mended is tried at once',
    async (what) => {
      const { people, mend } = await startWaiting(what, { onDisk: true });
      people.clock.jump(5 * HOUR_MS);
      await people.step();
      mend();
      await people.restart();
      await people.connect();
      const before = people.clock.now();
      await people.settle(() => people.claude.batches().length === 1, 10);
      expect(people.clock.now() - before).toBeLessThan(30_000);
      await people.rest();
      expect(await states(people)).toEqual(['judged', 'judged']);
    },
  );

  test('with another model, a run whose model was refused takes that one', async () => {
    const settings = { model: 'claude-haiku-5-5' };
    const { people, mend } = await startWaiting('a refused batch', { onDisk: true, settings });
    mend();
    settings.model = 'claude-sonnet-5-5';
    await people.restart();
    await people.connect();
    await people.rest();
    expect(await states(people)).toEqual(['judged', 'judged']);
    const used = people.claude.batches().flatMap(({ requests }) => requests);
    expect(new Set(used.map(({ params }) => params.model))).toEqual(new Set(['claude-sonnet-5-5']));
  });

  test('what has been refused is otherwise tried once a day', async () => {
    const { people } = await startWaiting('a refused batch');
    const tries = submissions(people);
    for (let hour = 0; hour < 23; hour++) {
      people.clock.jump(HOUR_MS);
      await people.step();
    }
    expect(submissions(people)).toBe(tries);
    people.clock.jump(DAY_MS);
    await people.step();
    expect(submissions(people)).toBe(tries + 1);
  });
});

test('a run that is being canceled can be tried again, and says no longer that it waits', async () => {
  const people = await startPeople([BUG, PRAISE]);
  const { claude } = people;
  claude.holdBatches(true);
  await people.type();
  await people.settle(() => claude.batches().length === 1);
  const mend = claude.faults.add(BROKEN['a bad key']);
  await people.type('cancel');
  await people.settle(() => offersRetry(people));
  expect(words(receipt(people).blocks)).toContain('Being canceled by ana');
  expect(JSON.stringify(receipt(people).blocks)).not.toContain(ACTIONS.cancel);
  mend();
  await press(people, people.ben);
  await people.settle(() => !offersRetry(people), 10);
  expect(words(receipt(people).blocks)).not.toContain('has to wait');
  claude.holdBatches(false);
  await people.rest();
  expect(await states(people)).toEqual(['pending', 'pending']);
});

test('guests cannot have it tried again', async () => {
  const { people, mend } = await startWaiting();
  const { slack, channel } = people;
  const guest = slack.addUser({ name: 'eve', isRestricted: true });
  slack.join(channel, guest);
  mend();
  const tries = submissions(people);
  expect(await press(people, guest)).toMatch(/^Guests can read the summary, but not act on it/);
  await people.step();
  expect(submissions(people)).toBe(tries);
});

test('status says what mends it, and that asking has it tried at once', async () => {
  const { people } = await startWaiting('a bad key');
  const said = await people.type('status');
  expect(said).toMatch(/\*It has to wait\*: Claude answered 401 authentication_error\./);
  expect(said).toContain('ANTHROPIC_API_KEY');
  expect(said).toContain('type /classify-feedback, or press “Try again”');
});
