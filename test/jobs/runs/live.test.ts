import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { type Stage, type StageOptions, startWith } from '../../harness.ts';
import { interfere } from '../../interfere.ts';
import { words } from '../../people/stage.ts';

/** Messages are judged as they come, and the day has one post, which becomes the summary. */

const MINUTE_MS = 60_000;

/** The clock of a stage begins at ten on a Monday: the summary is due at two. */
const DUE = Date.parse('2026-11-23T14:00:00Z');

const live = (texts: string[] = [], options: StageOptions = {}) =>
  startWith(texts, {
    ...options,
    settings: { asTheyCome: true, summarySchedule: '0 14 * * *', ...options.settings },
  });

const post = async (stage: Stage, text: string) => {
  const ts = stage.slack.post({ channel: stage.channel, user: stage.user, text });
  await stage.slack.idle();
  return ts;
};

/** A few moments later, with all that comes of it. */
async function soon(stage: Stage, ms = 15_000): Promise<void> {
  const end = stage.clock.now() + ms;
  do {
    const next = await stage.step();
    const now = stage.clock.now();
    stage.clock.jump(Math.max(0, Math.min(end, next ?? end) - now));
  } while (stage.clock.now() < end);
  await stage.step();
}

/** Lets the time go by until then. */
async function until(stage: Stage, at: number): Promise<void> {
  while (stage.clock.now() < at) {
    const next = await stage.step();
    const now = stage.clock.now();
    stage.clock.jump(Math.max(0, Math.min(at, now + 2 * MINUTE_MS, next ?? at) - now));
  }
  await stage.step();
}

const ofType = (stage: Stage, type: string) =>
  stage.posts().filter(({ metadata }) => metadata?.event_type === type);
const parents = (stage: Stage) => ofType(stage, 'winnow_digest');
const shown = (stage: Stage) => words(parents(stage).at(-1)?.blocks);

const runs = (stage: Stage) =>
  stage.rows(
    sql<{ cause: string; lane: string; lane_reason: string; ended_at: number | null }>`
      select * from runs order by id`,
  );

const asked = ({ claude }: Stage) =>
  claude.asked.filter(({ messages }) => JSON.stringify(messages).includes('<message>')).length;

describe('a message', () => {
  test('has its reaction within seconds, and nothing is posted for it', async () => {
    const stage = await live();
    const ts = await post(stage, 'I love the new look');
    await soon(stage);
    expect(stage.reactionsOf(ts)).toEqual(['tada']);
    expect(stage.posts()).toEqual([]);
    expect(await runs(stage)).toMatchObject([
      { cause: 'live', lane: 'express', lane_reason: 'as they come', ended_at: null },
    ]);
  });

  test('that needs attention has its flag and its card, under the one post of the day', async () => {
    const stage = await live();
    await post(stage, 'I love the new look');
    await soon(stage);
    const ts = await post(stage, 'It crashes and we lost all our data');
    await soon(stage);
    expect(stage.reactionsOf(ts)).toEqual(['bug', 'triangular_flag_on_post']);
    expect(parents(stage)).toHaveLength(1);
    expect(shown(stage)).toContain('1 needs attention');
    expect(shown(stage)).toContain('2 messages so far. The summary follows here');
    expect(ofType(stage, 'winnow_card')).toHaveLength(1);
    expect(ofType(stage, 'winnow_category')).toEqual([]);

    await post(stage, 'It crashes for everybody, and all the data is lost');
    await soon(stage);
    expect(parents(stage)).toHaveLength(1);
    expect(shown(stage)).toContain('2 need attention');
    expect(ofType(stage, 'winnow_card')).toHaveLength(2);
  });

  test.each([
    [
      'a disk that is full just then',
      { on: 'before update of published_at on runs', when: 'new.published_at is not null' },
    ],
    [
      'another write to its post just then',
      { on: 'after update of digest on messages', act: 'update runs set written = written + 1' },
    ],
  ])('that needs attention has its card in spite of %s', async (_what, happens) => {
    const stage = await live();
    await soon(stage);
    const end = await interfere(stage.context.db, happens);
    await post(stage, 'It crashes and we lost all our data');
    await soon(stage).catch((error: Error) => expect(error.message).toMatch(/disk is full/));
    await end();
    await soon(stage);
    expect(parents(stage)).toHaveLength(1);
    expect(ofType(stage, 'winnow_card')).toHaveLength(1);
  });

  test('is asked about once, also when others follow', async () => {
    const stage = await live();
    for (let n = 0; n < 5; n++) {
      await post(stage, `The page ${n} is slow`);
      await soon(stage);
    }
    expect(asked(stage)).toBe(5);
    expect(await runs(stage)).toHaveLength(1);
    // Each is alone: to put the prompt into the cache would cost more than it saves.
    expect(JSON.stringify(stage.claude.asked)).not.toContain('cache_control');
  });

  test('that comes while the bot is still reading is judged at once as well, and so are later ones', async () => {
    const stage = await live();
    await soon(stage);
    const { catchUp } = stage.context;
    catchUp.missEvents(stage.clock.now());
    await post(stage, 'I love the new look');
    await stage.step();
    expect(await runs(stage)).toMatchObject([{ cause: 'live' }]);
    catchUp.beginReading().channel(stage.channel);
    stage.clock.jump(1_000);
    await soon(stage);
    await post(stage, 'How do I export?');
    await soon(stage);
    expect(await runs(stage)).toMatchObject([{ lane: 'express', lane_reason: 'as they come' }]);
    expect(asked(stage)).toBe(2);
    expect(stage.claude.batches()).toEqual([]);
  });

  test('that is edited is judged again', async () => {
    const stage = await live();
    const ts = await post(stage, 'I love the new look');
    await soon(stage);
    stage.slack.edit({ channel: stage.channel, ts, text: 'It crashes since the new look' });
    await stage.slack.idle();
    await soon(stage);
    expect(stage.reactionsOf(ts)).toContain('bug');
  });

  test('that is deleted before its answer is there leaves nothing', async () => {
    const stage = await live();
    const ts = await post(stage, 'It crashes and we lost all our data');
    stage.slack.delete({ channel: stage.channel, ts });
    await stage.slack.idle();
    await soon(stage);
    expect(stage.posts()).toEqual([]);
  });
});

describe('the summary', () => {
  test('is the same post when it is due, with everything in its thread', async () => {
    const stage = await live();
    await post(stage, 'I love the new look');
    await post(stage, 'It crashes and we lost all our data');
    await soon(stage);
    const [living] = parents(stage);
    await until(stage, DUE - 10 * MINUTE_MS);
    await post(stage, 'How do I export?');
    await until(stage, DUE + MINUTE_MS);
    expect(parents(stage).map(({ ts }) => ts)).toEqual([living?.ts]);
    expect(shown(stage)).toContain('1 needs attention');
    expect(ofType(stage, 'winnow_category')).toHaveLength(3);
    expect(ofType(stage, 'winnow_card')).toHaveLength(1);
    expect((await runs(stage)).map(({ ended_at }) => ended_at !== null)).toEqual([true]);
    expect(asked(stage)).toBe(3);

    // The next day has a post of its own.
    await post(stage, 'It crashes for everybody, and all the data is lost');
    await soon(stage);
    expect(parents(stage)).toHaveLength(2);
    expect(shown(stage)).toContain('2 need attention (1 new)');
  });

  test('comes at once when somebody asks, in the same post', async () => {
    const stage = await live();
    await post(stage, 'It crashes and we lost all our data');
    await soon(stage);
    expect(await stage.type()).toContain('becomes the summary');
    await soon(stage, 60_000);
    expect(parents(stage)).toHaveLength(1);
    expect(shown(stage)).toContain('1 needs attention');
    await until(stage, DUE + MINUTE_MS);
    expect((await runs(stage)).filter(({ ended_at }) => ended_at === null)).toEqual([]);
  });

  test('is posted on time when nothing needed a person', async () => {
    const stage = await live();
    await post(stage, 'I love the new look');
    await until(stage, DUE);
    expect(parents(stage)).toHaveLength(1);
    expect(Number(parents(stage)[0]?.ts) * 1000).toBeLessThanOrEqual(DUE);
    expect(shown(stage)).toContain('1 message');
  });
});

test('what people do shows in the post at once', async () => {
  const stage = await live();
  const ts = await post(stage, 'It crashes and we lost all our data');
  await soon(stage);
  stage.slack.react({
    channel: stage.channel,
    ts,
    user: stage.user,
    name: 'white_check_mark',
  });
  await stage.slack.idle();
  await soon(stage);
  expect(shown(stage)).toContain('Nothing needs attention any more.');
});

test('a restart at any moment asks nothing twice and posts nothing twice', async () => {
  const stage = await live([], { onDisk: true });
  for (let n = 0; n < 6; n++) {
    await post(stage, `It crashes at step ${n} and we lost all our data`);
    for (let step = 0; step <= n; step++) await stage.step();
    await stage.restart();
    await stage.connect();
    await soon(stage);
  }
  expect(asked(stage)).toBe(6);
  expect(parents(stage)).toHaveLength(1);
  expect(ofType(stage, 'winnow_card')).toHaveLength(6);
});

test('without money for it they wait for the schedule, and are judged as a batch', async () => {
  const stage = await live([], { settings: { monthlyBudgetUsd: 0.00015 } });
  for (let n = 0; n < 3; n++) await post(stage, `The page ${n} is slow`);
  await soon(stage);
  expect(asked(stage)).toBe(0);
  expect(await runs(stage)).toEqual([]);
});

test('while Claude is out they wait, and are judged when it is back', async () => {
  const stage = await live();
  stage.claude.faults.add({
    kind: 'status',
    status: 529,
    errorType: 'overloaded_error',
    path: /^\/v1\/messages$/u,
    times: 4,
  });
  const ts = await post(stage, 'I love the new look');
  await soon(stage, 120_000);
  expect(stage.reactionsOf(ts)).toEqual(['tada']);
});

test('under new categories new messages are judged by these', async () => {
  const stage = await live();
  await post(stage, 'I love the new look');
  await soon(stage);
  const { taxonomy, taxonomyVersion } = stage.context.settings;
  await stage.rows(
    sql`insert into taxonomies (version, content, created_at)
      select ${taxonomyVersion + 1}, content || ' ', 1 from taxonomies where version = ${taxonomyVersion}`,
  );
  stage.context.replaceSettings({
    ...stage.context.settings,
    taxonomy,
    taxonomyVersion: taxonomyVersion + 1,
  });
  await soon(stage);
  await post(stage, 'It crashes and we lost all our data');
  await soon(stage);
  expect(await runs(stage)).toMatchObject([{ cause: 'live' }, { cause: 'live', ended_at: null }]);
  // The first is not forgotten: the one post has both.
  expect(parents(stage)).toHaveLength(1);
  expect(shown(stage)).toContain('2 messages so far');
});
