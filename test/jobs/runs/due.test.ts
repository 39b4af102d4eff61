import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { type Stage, type StageOptions, startWith } from '../../harness.ts';
import { words } from '../../people/stage.ts';

/** A summary that is planned for a time is there at that time. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The clock of a stage begins at ten on a Monday: the summary is due at two. */
const DUE = Date.parse('2026-11-23T14:00:00Z');

const SETTINGS = { summarySchedule: '0 14 * * *', batchPollMs: MINUTE_MS };

/** Ninety minutes before it is due. */
async function scheduled(texts: string[], options: StageOptions = {}) {
  const stage = await startWith(texts, {
    ...options,
    settings: { ...SETTINGS, ...options.settings },
  });
  await stage.step();
  stage.clock.jump(DUE - 90 * MINUTE_MS - stage.clock.now());
  return stage;
}

/** Lets the time go by until then, with all that comes of it. */
async function until(stage: Stage, at: number): Promise<void> {
  while (stage.clock.now() < at) {
    const next = await stage.step();
    const now = stage.clock.now();
    // Schedules and sweeps are looked at every minute; long before, every five will do for all that is not
    // due at once.
    const early = now < DUE - 10 * MINUTE_MS && next !== now;
    const wake = early ? now + 5 * MINUTE_MS : Math.min(now + MINUTE_MS, next ?? at);
    stage.clock.jump(Math.max(0, Math.min(at, wake) - now));
  }
  await stage.step();
}

const digests = (stage: Stage) =>
  stage.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest');

const shown = (stage: Stage) => words(digests(stage).at(-1)?.blocks);

const postedAt = (stage: Stage) => Number(digests(stage).at(-1)?.ts ?? Number.NaN) * 1000;

const asked = ({ claude }: Stage) =>
  claude.asked.flatMap(({ messages }) => {
    const text = JSON.stringify(messages);
    return text.includes('<message>')
      ? [/<message>\\n(.*?)\\n<\/message>/.exec(text)?.[1] ?? '']
      : [];
  });

const runs = (stage: Stage) =>
  stage.rows(
    sql<{
      cause: string;
      lane: string;
      lane_reason: string;
      hurry_reason: string | null;
      created_at: number;
      ended_at: number | null;
    }>`select * from runs order by id`,
  );

const post = async (stage: Stage, text: string) => {
  const ts = stage.slack.post({ channel: stage.channel, user: stage.user, text });
  await stage.slack.idle();
  return ts;
};

describe('a summary at its time', () => {
  test('is begun an hour before, for half the price, and posted when it is due, not earlier', async () => {
    const stage = await scheduled(['It crashes', 'I love it']);
    await until(stage, DUE - 66 * MINUTE_MS);
    expect(await runs(stage)).toEqual([]);
    await until(stage, DUE - 10 * MINUTE_MS);
    expect(await runs(stage)).toMatchObject([{ cause: 'schedule', lane: 'batch', ended_at: null }]);
    // Its reactions are there as soon as the batch has ended.
    expect(stage.reactionsOf(stage.sent[1] ?? '')).toEqual(['tada']);
    expect(digests(stage)).toEqual([]);
    await until(stage, DUE);
    expect(digests(stage)).toHaveLength(1);
    expect(postedAt(stage)).toBeLessThanOrEqual(DUE);
    expect(postedAt(stage)).toBeGreaterThan(DUE - 2 * MINUTE_MS);
    expect(await runs(stage)).toMatchObject([{ hurry_reason: null }]);
    expect(asked(stage)).toEqual([]);
  });

  test('has what was posted while the run was going', async () => {
    const stage = await scheduled(['It crashes']);
    await until(stage, DUE - 30 * MINUTE_MS);
    await post(stage, 'I love it');
    await until(stage, DUE);
    expect(shown(stage)).toContain('2 messages');
    expect(asked(stage)).toEqual(['I love it']);
  });

  test('has what a batch that does not end has left over, and nothing is asked twice', async () => {
    const stage = await scheduled(Array.from({ length: 8 }, (_, n) => `The page ${n} is slow`));
    stage.claude.holdBatches(true);
    await until(stage, DUE - 10 * MINUTE_MS);
    stage.claude.progressBatch(stage.claude.batches()[0]?.id ?? '', 5);
    await until(stage, DUE - 4.5 * MINUTE_MS);
    expect(stage.claude.batches()[0]?.status).toBe('canceling');
    stage.claude.holdBatches(false);
    await until(stage, DUE);
    expect(shown(stage)).toContain('8 messages');
    expect(shown(stage)).not.toContain('paid twice');
    expect(asked(stage)).toHaveLength(3);
    expect(postedAt(stage)).toBeLessThanOrEqual(DUE);
    expect(await runs(stage)).toMatchObject([{ lane: 'batch', hurry_reason: 'due' }]);
  });

  test('does not wait for a batch that cannot be canceled either', async () => {
    const stage = await scheduled(Array.from({ length: 8 }, (_, n) => `The page ${n} is slow`));
    stage.claude.holdBatches(true);
    await until(stage, DUE);
    expect(shown(stage)).toContain('8 messages');
    expect(asked(stage)).toHaveLength(8);
    expect(postedAt(stage)).toBeLessThanOrEqual(DUE);
  });

  test('begins earlier or later, as long as the bot knows its batches to take', async () => {
    const stage = await scheduled([]);
    await stage.type();
    const seed = Array.from({ length: 12 }, (_, n) => n);
    await post(stage, 'It crashes');
    await stage.type();
    await stage.settle();
    for (const n of seed) {
      await stage.rows(
        sql`insert into batches (run, stage, submitted_at, ended_at, next_at)
          values (1, 'collected', ${n}, ${n + 20 * MINUTE_MS}, 0)`,
      );
    }
    await post(stage, 'It crashes again');
    await until(stage, DUE - 26 * MINUTE_MS);
    expect(await runs(stage)).toHaveLength(1);
    await until(stage, DUE - 24 * MINUTE_MS);
    expect(await runs(stage)).toHaveLength(2);
  });

  test('with nothing new nothing is posted and nothing spent', async () => {
    const stage = await scheduled([]);
    await until(stage, DUE + HOUR_MS);
    expect(await runs(stage)).toEqual([]);
    expect(stage.posts()).toEqual([]);
  });

  test('with something that is posted in its last minutes alone it is there', async () => {
    const stage = await scheduled([]);
    await until(stage, DUE - 6 * MINUTE_MS);
    await post(stage, 'It crashes');
    await until(stage, DUE);
    expect(shown(stage)).toContain('1 message');
    expect(postedAt(stage)).toBeLessThanOrEqual(DUE);
    expect(await runs(stage)).toMatchObject([{ lane: 'express', lane_reason: 'due' }]);
  });
});

describe('while Claude is out', () => {
  test('it is posted ten minutes late, and says what is missing', async () => {
    const stage = await scheduled(Array.from({ length: 20 }, (_, n) => `The page ${n} is slow`));
    stage.claude.holdBatches(true);
    await until(stage, DUE - 20 * MINUTE_MS);
    // One of its two batches is there, the other never comes.
    stage.claude.endBatch(stage.claude.batches()[0]?.id ?? '');
    await until(stage, DUE - 10 * MINUTE_MS);
    stage.claude.faults.add({
      kind: 'status',
      status: 529,
      errorType: 'overloaded_error',
      times: Number.POSITIVE_INFINITY,
    });
    await until(stage, DUE + 9 * MINUTE_MS);
    expect(digests(stage)).toEqual([]);
    await until(stage, DUE + 11 * MINUTE_MS);
    expect(shown(stage)).toContain('10 messages');
    expect(shown(stage)).toContain('10 still being classified');
    stage.claude.faults.clear();
    stage.claude.holdBatches(false);
    await until(stage, DUE + 30 * MINUTE_MS);
    expect(shown(stage)).toContain('20 messages');
    expect(digests(stage)).toHaveLength(1);
  });

  test('and nothing at all is there, people learn why, and its post becomes the summary', async () => {
    const stage = await scheduled(['It crashes']);
    stage.claude.faults.add({ kind: 'spend_cap', times: Number.POSITIVE_INFINITY });
    await until(stage, DUE + 11 * MINUTE_MS);
    expect(digests(stage)).toHaveLength(1);
    expect(shown(stage)).toContain('On schedule: 1 message');
    expect(shown(stage)).toContain('spend limit');
    stage.claude.faults.clear();
    await until(stage, DUE + 30 * MINUTE_MS);
    expect(digests(stage)).toHaveLength(1);
    expect(shown(stage)).toContain('1 needs attention');
  });

  test('a lateness of none posts what is there at once', async () => {
    const stage = await scheduled(
      Array.from({ length: 20 }, (_, n) => `The page ${n} is slow`),
      { settings: { summaryLatenessMs: 0 } },
    );
    stage.claude.holdBatches(true);
    await until(stage, DUE - 20 * MINUTE_MS);
    stage.claude.endBatch(stage.claude.batches()[0]?.id ?? '');
    await until(stage, DUE - 10 * MINUTE_MS);
    stage.claude.faults.add({ kind: 'cut', times: Number.POSITIVE_INFINITY });
    await until(stage, DUE + MINUTE_MS);
    expect(shown(stage)).toContain('10 still being classified');
  });
});

describe('people and the schedule', () => {
  test('whoever asks while the run is going gets the summary as soon as it is there', async () => {
    const stage = await scheduled(['It crashes']);
    await until(stage, DUE - 30 * MINUTE_MS);
    await post(stage, 'I love it');
    expect(await stage.type()).toContain('A run is already in progress');
    await until(stage, DUE - 25 * MINUTE_MS);
    expect(digests(stage)).toHaveLength(1);
    // What was posted meanwhile is in it.
    expect(shown(stage)).toContain('2 messages');
    await until(stage, DUE + HOUR_MS);
    expect((await runs(stage)).filter(({ ended_at }) => ended_at === null)).toEqual([]);
  });

  test('a person who has it canceled has it canceled: it is not asked express instead', async () => {
    const stage = await scheduled(['It crashes']);
    stage.claude.holdBatches(true);
    await until(stage, DUE - 30 * MINUTE_MS);
    await stage.type('cancel');
    stage.claude.holdBatches(false);
    await until(stage, DUE - 25 * MINUTE_MS);
    // Nobody has to wait for its time before they can ask for another one.
    expect((await runs(stage)).filter(({ ended_at }) => ended_at === null)).toEqual([]);
    await until(stage, DUE + HOUR_MS);
    expect(asked(stage)).toEqual([]);
    expect(await runs(stage)).toHaveLength(1);
  });

  test('a run that somebody asked for and that is still going is there when a summary is due', async () => {
    const stage = await scheduled(['It crashes']);
    await until(stage, DUE - 80 * MINUTE_MS);
    stage.claude.holdBatches(true);
    await stage.type();
    await until(stage, DUE - 10 * MINUTE_MS);
    expect(shown(stage)).toContain('Classifying: 0 of 1');
    await post(stage, 'I love it');
    await until(stage, DUE);
    // One summary for both, with what was posted meanwhile.
    expect(digests(stage)).toHaveLength(1);
    expect(shown(stage)).toContain('2 messages');
    await until(stage, DUE + HOUR_MS);
    expect(digests(stage)).toHaveLength(1);
    expect(await runs(stage)).toMatchObject([{ cause: 'command', hurry_reason: 'due' }]);
  });
});

test('a summary that was missed while the bot was down is made up at once', async () => {
  const stage = await scheduled(['It crashes'], { onDisk: true });
  stage.clock.jump(10 * HOUR_MS);
  await stage.restart();
  await stage.connect();
  const back = stage.clock.now();
  await until(stage, back + 2 * MINUTE_MS);
  expect(digests(stage)).toHaveLength(1);
  expect(await runs(stage)).toMatchObject([{ lane: 'express', lane_reason: 'due' }]);
});

test('a summary that was missed waits for its results as long as one in time', async () => {
  const stage = await scheduled(['It crashes'], { onDisk: true });
  stage.clock.jump(10 * HOUR_MS);
  await stage.restart();
  await stage.connect();
  const end = stage.claude.faults.add({ kind: 'cut', times: Number.POSITIVE_INFINITY });
  const back = stage.clock.now();
  await until(stage, back + 3 * MINUTE_MS);
  expect(digests(stage)).toEqual([]);
  end();
  await until(stage, back + 9 * MINUTE_MS);
  expect(shown(stage)).toContain('1 needs attention');
});

test('a restart at any moment before it is due changes nothing', async () => {
  const stage = await scheduled(
    Array.from({ length: 8 }, (_, n) => `The page ${n} is slow`),
    { onDisk: true },
  );
  stage.claude.holdBatches(true);
  for (let minutes = 66; minutes >= 0; minutes -= 3) {
    await until(stage, DUE - minutes * MINUTE_MS);
    await stage.restart();
    await stage.connect();
    if (minutes === 12) stage.claude.progressBatch(stage.claude.batches()[0]?.id ?? '', 5);
    if (minutes === 3) stage.claude.holdBatches(false);
  }
  await until(stage, DUE + 5 * MINUTE_MS);
  expect(digests(stage)).toHaveLength(1);
  expect(shown(stage)).toContain('8 messages');
  expect(stage.claude.batches()).toHaveLength(1);
});
