import { sql } from 'kysely';
import { expect, test } from 'vitest';
import {
  BUG,
  DAY_MS,
  HOUR_MS,
  IDEA,
  type People,
  PRAISE,
  startPeople,
  words,
} from '../../../people/stage.ts';

/** Claude refuses a whole batch: because of a message that it names, or for a reason of its own. */

const WORDS = 'messages.0.content: text is not valid & <!here>';

const states = async ({ rows }: People) =>
  (await rows(sql<{ state: string }>`select state from messages order by ts`)).map(
    ({ state }) => state,
  );

const submissions = ({ claude }: People) =>
  claude.calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/batches')).length;

const refuse = ({ claude }: People, message: string, times = Number.POSITIVE_INFINITY) =>
  claude.faults.add({
    kind: 'status',
    status: 400,
    errorType: 'invalid_request_error',
    message,
    path: /^\/v1\/messages\/batches$/,
    method: 'POST',
    times,
  });

test('the message that Claude names is set aside, and the others are judged', async () => {
  const people = await startPeople([BUG, 'bad one', PRAISE, 'bad two']);
  people.claude.faults.addRefusal({ match: (_id, text) => text.includes('bad '), message: WORDS });
  await people.sumUp();
  expect(await states(people)).toEqual(['judged', 'dead', 'judged', 'dead']);
  expect(submissions(people)).toBe(3);
  const digest = people
    .posts()
    .map(({ blocks }) => words(blocks))
    .join('\n');
  expect(digest).toContain('bad one');
  expect(digest).toContain('text is not valid & <!here>');
  expect(people.posts().flatMap((post) => people.slack.pings(post))).toEqual([]);
  const refused = people.logs.filter(({ reason }) => String(reason).includes('text is not valid'));
  expect(refused.map(({ level }) => level)).toEqual(['error', 'error']);
});

test('edited, it is tried again', async () => {
  const people = await startPeople([BUG, 'bad one']);
  const { slack, channel, sent, claude } = people;
  claude.faults.addRefusal({ match: (_id, text) => text.includes('bad '), message: WORDS });
  await people.sumUp();
  slack.edit({ channel, ts: sent[1] ?? '', text: IDEA });
  await slack.idle();
  await people.sumUp();
  expect(await states(people)).toEqual(['judged', 'judged']);
});

test('a restart between the refusal and the rest loses nothing', async () => {
  const people = await startPeople([BUG, 'bad one'], { onDisk: true });
  people.claude.faults.addRefusal({ match: (_id, text) => text.includes('bad '), message: WORDS });
  people.claude.holdBatches(true);
  await people.type();
  await people.step();
  await people.restart();
  await people.connect();
  people.claude.holdBatches(false);
  await people.rest();
  expect(await states(people)).toEqual(['judged', 'dead']);
  expect(people.claude.batches()).toHaveLength(1);
});

test('a message alone that Claude refuses: the summary says why', async () => {
  const people = await startPeople(['bad one']);
  people.claude.faults.addRefusal({ match: () => true, message: WORDS });
  await people.sumUp();
  expect(
    people
      .posts()
      .map(({ blocks }) => words(blocks))
      .join('\n'),
  ).toContain('text is not valid');
  expect(people.claude.batches()).toEqual([]);
});

test('when Claude names one message after another, it is not the messages', async () => {
  const people = await startPeople(Array.from({ length: 30 }, (_, n) => `It crashes ${n}`));
  const mend = people.claude.faults.addRefusal({ match: () => true, message: WORDS });
  await people.type();
  let rounds = 0;
  await people.settle(() => ++rounds > 3);
  expect((await states(people)).filter((state) => state === 'dead')).toHaveLength(10);
  expect(await people.type('status')).toContain('text is not valid');
  mend();
  await people.sumUp();
  expect((await states(people)).filter((state) => state === 'judged')).toHaveLength(20);
});

test('asked again, it sets aside some more', async () => {
  const people = await startPeople([
    ...Array.from({ length: 15 }, (_, n) => `bad one ${n}`),
    BUG,
    IDEA,
  ]);
  people.claude.faults.addRefusal({ match: (_id, text) => text.includes('bad '), message: WORDS });
  await people.type();
  let rounds = 0;
  await people.settle(() => ++rounds > 3);
  expect((await states(people)).filter((state) => state === 'dead')).toHaveLength(10);
  await people.sumUp();
  expect(await states(people)).toEqual([...Array(15).fill('dead'), 'judged', 'judged']);
});

test('an outage before it does not count', async () => {
  const people = await startPeople([BUG, 'bad one']);
  const { claude, clock } = people;
  const path = /^\/v1\/messages\/batches$/;
  claude.faults.add({
    ...{ kind: 'status', status: 429, errorType: 'rate_limit_error', path, method: 'POST' },
    ...{ headers: { 'retry-after': '60' }, times: 12 },
  });
  claude.faults.addRefusal({ match: (_id, text) => text.includes('bad '), message: WORDS });
  await people.type();
  for (let n = 0; n < 40 && submissions(people) < 12; n++) {
    clock.jump(HOUR_MS);
    await people.step();
  }
  await people.rest();
  expect(await states(people)).toEqual(['judged', 'dead']);
});

test('a refusal that names none is told in Claude’s words, and waits until somebody asks', async () => {
  const people = await startPeople([BUG]);
  const { clock, user, ben } = people;
  const mend = refuse(people, 'system: the prompt is not <valid>');
  await people.type();
  await people.settle(() => submissions(people) > 0);
  await people.step();
  expect(people.told(user).at(-1)).toMatch(
    /has to wait: Claude answered 400 invalid_request_error: system: the prompt is not &lt;valid&gt;\. Nothing is lost\..*when somebody asks/,
  );
  expect(await people.type('status')).toContain('the prompt is not &lt;valid&gt;');
  for (let n = 0; n < 20; n++) {
    clock.jump(HOUR_MS);
    await people.step();
  }
  expect(words(people.digest().blocks)).toContain('system: the prompt is not <valid>');
  expect(submissions(people)).toBe(1);
  clock.jump(DAY_MS);
  await people.step();
  expect(submissions(people)).toBe(2);
  expect(people.told(user)).toHaveLength(3);

  mend();
  expect(await people.type('', { user: ben })).toContain('I am trying again now');
  await people.rest();
  expect(await states(people)).toEqual(['judged']);
  expect(submissions(people)).toBe(3);
});

test.each([
  'requests.7.params: no such request',
  'requests: List should have at most 100000 items',
  'requests.constructor: odd',
])('%s: nothing is set aside', async (message) => {
  const people = await startPeople([BUG, IDEA]);
  refuse(people, message, 1);
  await people.sumUp();
  expect(await states(people)).toEqual(['judged', 'judged']);
});
