import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Settings } from '../../../src/core/settings/settings.ts';
import { nextTime, runSchedules } from '../../../src/jobs/runs/schedule.ts';
import { type Stage, startWith } from '../../harness.ts';

const iso = (text: string) => Date.parse(text);
const series = (pattern: string, zone: string, from: string, count: number) => {
  const times: string[] = [];
  let at = iso(from);
  for (let n = 0; n < count; n++) {
    at = nextTime(pattern, zone, at) ?? Number.NaN;
    times.push(new Date(at).toISOString().slice(0, 16));
  }
  return times;
};

describe('the next time', () => {
  test('is at the same local time on both sides of a change of the clocks', () => {
    expect(series('0 9 * * *', 'Europe/Berlin', '2026-03-27T12:00Z', 3)).toEqual([
      '2026-03-28T08:00',
      '2026-03-29T07:00',
      '2026-03-30T07:00',
    ]);
    expect(series('0 9 * * *', 'Europe/Berlin', '2026-10-23T12:00Z', 3)).toEqual([
      '2026-10-24T07:00',
      '2026-10-25T08:00',
      '2026-10-26T08:00',
    ]);
    expect(series('0 9 * * 1-5', 'America/New_York', '2026-03-06T15:00Z', 2)).toEqual([
      '2026-03-09T13:00',
      '2026-03-10T13:00',
    ]);
    expect(series('0 9 * * 1-5', 'America/New_York', '2026-10-30T14:00Z', 2)).toEqual([
      '2026-11-02T14:00',
      '2026-11-03T14:00',
    ]);
    // Its clocks are changed by half an hour.
    expect(series('0 9 * * *', 'Australia/Lord_Howe', '2026-10-02T00:00Z', 3)).toEqual([
      '2026-10-02T22:30',
      '2026-10-03T22:00',
      '2026-10-04T22:00',
    ]);
    expect(series('0 9 * * *', 'Australia/Lord_Howe', '2026-04-03T12:00Z', 3)).toEqual([
      '2026-04-03T22:00',
      '2026-04-04T22:30',
      '2026-04-05T22:30',
    ]);
  });

  test('on the first of a month is the first where the team is', () => {
    expect(series('0 0 1 * *', 'America/New_York', '2026-10-15T00:00Z', 2)).toEqual([
      '2026-11-01T04:00',
      '2026-12-01T05:00',
    ]);
    expect(series('0 0 1 * *', 'Europe/Paris', '2026-10-15T00:00Z', 2)).toEqual([
      '2026-10-31T23:00',
      '2026-11-30T23:00',
    ]);
    expect(series('0 0 1 * *', 'Australia/Lord_Howe', '2026-09-15T00:00Z', 2)).toEqual([
      '2026-09-30T13:30',
      '2026-10-31T13:00',
    ]);
  });

  test('in the hour that is left out comes once that day, and in the one that comes twice, once', () => {
    const spring = series('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', 2);
    expect(spring.map((time) => time.slice(0, 10))).toEqual(['2026-03-29', '2026-03-30']);
    const autumn = series('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 2);
    expect(autumn.map((time) => time.slice(0, 10))).toEqual(['2026-10-25', '2026-10-26']);
    const york = series('30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', 2);
    expect(york.map((time) => time.slice(0, 10))).toEqual(['2026-11-01', '2026-11-02']);
  });

  test('keeps to the ends of months, leap years, and weekdays', () => {
    expect(series('0 9 31 * *', 'UTC', '2026-01-31T12:00Z', 3)).toEqual([
      '2026-03-31T09:00',
      '2026-05-31T09:00',
      '2026-07-31T09:00',
    ]);
    expect(series('0 9 L * *', 'UTC', '2028-02-01T00:00Z', 2)).toEqual([
      '2028-02-29T09:00',
      '2028-03-31T09:00',
    ]);
    expect(series('0 9 * * 1-5', 'UTC', '2026-11-20T09:00Z', 2)).toEqual([
      '2026-11-23T09:00',
      '2026-11-24T09:00',
    ]);
  });
});

const digests = (stage: Stage) =>
  stage.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest');
const runs = (stage: Stage) =>
  stage.rows(sql<{ cause: string; with_digest: number }>`select * from runs order by id`);

const HOUR_MS = 3_600_000;

/** A stage whose schedules have been looked at once, as every start does. */
async function scheduled(texts: string[], settings: Partial<Settings> = {}): Promise<Stage> {
  const stage = await startWith(texts, { settings: { summarySchedule: '0 * * * *', ...settings } });
  await runSchedules(stage.context);
  expect(await runs(stage)).toEqual([]);
  return stage;
}

/** Runs the schedules whenever they are due, and what they start, for so long. */
async function pass(stage: Stage, ms: number): Promise<void> {
  const end = stage.clock.now() + ms;
  for (;;) {
    const next = await runSchedules(stage.context);
    await stage.settle();
    if (next === null || next > end) break;
    stage.clock.jump(Math.max(0, next - stage.clock.now()));
  }
  stage.clock.jump(Math.max(0, end - stage.clock.now()));
}

test('at its time the pending messages are judged and summed up, without anybody asking', async () => {
  const stage = await scheduled(['It crashes']);
  await pass(stage, HOUR_MS);
  expect(await runs(stage)).toMatchObject([{ cause: 'schedule', with_digest: 1 }]);
  expect(digests(stage)).toHaveLength(1);
  expect(JSON.stringify(digests(stage)[0]?.blocks)).toContain('on schedule');
});

test('with nothing pending nothing is posted and nothing spent', async () => {
  const stage = await scheduled([]);
  await pass(stage, 5 * HOUR_MS);
  expect(await runs(stage)).toEqual([]);
  expect(stage.posts()).toEqual([]);
  expect(stage.claude.calls).toEqual([]);
});

test('times that were missed while the bot was down are made up once', async () => {
  const stage = await scheduled(['It crashes']);
  stage.clock.jump(30 * HOUR_MS);
  await runSchedules(stage.context);
  await stage.settle();
  await runSchedules(stage.context);
  await stage.settle();
  expect(await runs(stage)).toHaveLength(1);
});

test('quiet runs judge in between, and the next summary covers all of them', async () => {
  const stage = await scheduled(['It crashes'], {
    summarySchedule: '0 9 * * *',
    classifySchedule: '15 * * * *',
  });
  await pass(stage, 2 * HOUR_MS);
  const quiet = (await runs(stage)).filter(({ with_digest }) => with_digest === 0);
  expect(quiet.length).toBeGreaterThan(0);
  stage.slack.post({ channel: stage.channel, user: stage.user, text: 'I love it' });
  await stage.slack.idle();
  await pass(stage, 25 * HOUR_MS);
  expect(digests(stage)).toHaveLength(1);
  expect(digests(stage)[0]?.text).toContain('2 messages');
});

test('a summary that is asked for while a quiet run is going is posted by that run', async () => {
  const stage = await scheduled(['It crashes'], {
    summarySchedule: '0 9 * * *',
    classifySchedule: '15 * * * *',
  });
  stage.clock.jump(HOUR_MS);
  await runSchedules(stage.context);
  await stage.step();
  expect(await stage.type()).toContain('Its post in this channel shows the progress');
  await stage.settle();
  expect(digests(stage)).toHaveLength(1);
});

test('also when it is asked for while its last results are being taken', async () => {
  const stage = await scheduled(['It crashes'], {
    summarySchedule: '0 9 * * *',
    classifySchedule: '15 * * * *',
  });
  stage.clock.jump(HOUR_MS);
  await runSchedules(stage.context);
  const claude = stage.context.claude;
  stage.context.claude = claude.withOptions({
    async fetch(url, init) {
      if (String(url).endsWith('/results')) await stage.type();
      return fetch(url, init);
    },
  });
  await stage.settle();
  expect(digests(stage)).toHaveLength(1);
});

test('a new pattern or time zone starts anew: nothing is made up for it', async () => {
  const stage = await scheduled(['It crashes']);
  stage.clock.jump(3 * HOUR_MS);
  stage.changeSettings({ timeZone: 'Asia/Kolkata' });
  await runSchedules(stage.context);
  expect(await runs(stage)).toEqual([]);
  stage.clock.jump(3 * HOUR_MS);
  stage.changeSettings({ summarySchedule: '30 * * * *' });
  const next = await runSchedules(stage.context);
  expect(await runs(stage)).toEqual([]);
  // Its run may begin before the next time, but none was missed.
  expect(next).toBeLessThanOrEqual(
    nextTime('30 * * * *', 'Asia/Kolkata', stage.clock.now()) ?? Number.NaN,
  );
  const [due] = await stage.rows(
    sql<{ next_at: number }>`select next_at from schedules where key = 'summary'`,
  );
  expect(due?.next_at).toBe(nextTime('30 * * * *', 'Asia/Kolkata', stage.clock.now()));
});

test('a time that never comes again does no harm', async () => {
  const stage = await scheduled(['It crashes'], { summarySchedule: '0 0 9 1 1 * 2020' });
  stage.clock.jump(72 * HOUR_MS);
  await runSchedules(stage.context);
  expect(await runs(stage)).toEqual([]);
  expect(await stage.type('status')).not.toContain('Next on schedule');
});
