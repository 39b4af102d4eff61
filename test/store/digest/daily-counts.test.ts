import { expect, test } from 'vitest';
import { lastDays } from '../../../src/core/calendar.ts';
import { msToTs } from '../../../src/core/timestamps.ts';
import { readDailyCounts } from '../../../src/store/digest/daily-counts.ts';
import { markDeleted } from '../../../src/store/intake/messages.ts';
import { CHANNEL, incoming, judged, type Scene, startScene } from '../scene.ts';

/** Keeps messages posted at these times and has them judged, all of one category. */
async function judgeAt(scene: Scene, times: string[], category = 'bug') {
  const stamps = times.map((time) => msToTs(Date.parse(time)));
  for (const ts of stamps) await scene.keep(0, { ...incoming(0), ts });
  const sent = await scene.submit();
  for (let start = 0; start < stamps.length; start += 500) {
    const some = stamps.slice(start, start + 500);
    await scene.take(
      sent,
      some.map((ts) => ({ ...judged(0, { category }), ts })),
    );
  }
  await scene.close(sent.run);
  return stamps;
}

test.each([
  // The clocks change in the middle of these days, and one month ends.
  [
    'America/New_York',
    '2026-11-02T12:00:00Z',
    [
      '2026-11-01T03:59:59Z',
      '2026-11-01T04:00:00Z',
      '2026-11-02T04:59:59Z',
      '2026-11-02T05:00:00Z',
    ],
  ],
  [
    'Europe/Paris',
    '2026-10-26T12:00:00Z',
    [
      '2026-10-24T21:59:59Z',
      '2026-10-24T22:00:00Z',
      '2026-10-25T22:59:59Z',
      '2026-10-25T23:00:00Z',
    ],
  ],
  [
    'Australia/Lord_Howe',
    '2027-04-05T02:00:00Z',
    [
      '2027-04-03T12:59:59Z',
      '2027-04-03T13:00:00Z',
      '2027-04-04T13:29:59Z',
      '2027-04-04T13:30:00Z',
    ],
  ],
  [
    'Asia/Kathmandu',
    '2026-12-01T12:00:00Z',
    [
      '2026-11-29T18:14:59Z',
      '2026-11-29T18:15:00Z',
      '2026-11-30T18:14:59Z',
      '2026-11-30T18:15:00Z',
    ],
  ],
])('in %s a message counts on the day that it was posted on there', async (zone, now, times) => {
  const scene = await startScene();
  await judgeAt(scene, times);
  const counts = await readDailyCounts(scene.db, [CHANNEL], lastDays(Date.parse(now), 3, zone));
  expect(Object.fromEntries(counts)).toEqual({ bug: [1, 2, 1] });
});

test('what is deleted, noise, waiting or of another channel does not count', async () => {
  const scene = await startScene();
  const [gone = ''] = await judgeAt(scene, ['2026-11-20T10:00:00Z', '2026-11-20T11:00:00Z']);
  await judgeAt(scene, ['2026-11-20T12:00:00Z'], 'noise');
  await judgeAt(scene, ['2026-11-20T13:00:00Z'], 'praise');
  await scene.keep(0, { ...incoming(0), ts: msToTs(Date.parse('2026-11-20T14:00:00Z')) });
  await scene.commit((tx) => markDeleted(tx, { channel: CHANNEL, ts: gone }, 1));
  const days = lastDays(Date.parse('2026-11-20T20:00:00Z'), 1, 'UTC');
  const counts = await readDailyCounts(scene.db, [CHANNEL], days);
  expect(Object.fromEntries(counts)).toEqual({ bug: [1], praise: [1] });
  expect(await readDailyCounts(scene.db, ['C0OTHER'], days)).toEqual(new Map());
});

test('a day of many messages is counted in pages, each of them once', async () => {
  const scene = await startScene();
  const start = Date.parse('2026-11-20T00:00:00Z');
  const times = Array.from({ length: 4500 }, (_, n) => new Date(start + n * 1000).toISOString());
  await judgeAt(scene, times);
  let pauses = 0;
  const counts = await readDailyCounts(
    scene.db,
    [CHANNEL],
    lastDays(Date.parse('2026-11-20T20:00:00Z'), 1, 'UTC'),
    async () => void pauses++,
  );
  expect(Object.fromEntries(counts)).toEqual({ bug: [4500] });
  // One after each of the nine pages.
  expect(pauses).toBe(9);
});
