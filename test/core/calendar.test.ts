import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, dateOf, lastDays, startOfDate, startOfMonth } from '../../src/core/calendar.ts';

const HOUR_MS = 3_600_000;

/** Written out by hand, with the offset that the place has at that moment. */
test.each([
  ['America/New_York', '2026-03-08', '2026-03-08T00:00:00-05:00', 23],
  ['America/New_York', '2026-11-01', '2026-11-01T00:00:00-04:00', 25],
  ['Europe/Paris', '2026-03-29', '2026-03-29T00:00:00+01:00', 23],
  ['Europe/Paris', '2026-10-25', '2026-10-25T00:00:00+02:00', 25],
  ['Australia/Lord_Howe', '2026-04-05', '2026-04-05T00:00:00+11:00', 24.5],
  ['Australia/Lord_Howe', '2026-10-04', '2026-10-04T00:00:00+10:30', 23.5],
  ['Asia/Kathmandu', '2026-11-23', '2026-11-23T00:00:00+05:45', 24],
  // Clocks go from 23:59 to 01:00: this day begins at one.
  ['Africa/Cairo', '2026-04-24', '2026-04-24T01:00:00+03:00', 23],
  // The clocks go back at midnight: the last hour of the day before comes twice.
  ['America/Santiago', '2026-04-05', '2026-04-05T00:00:00-04:00', 24],
  ['America/Santiago', '2026-04-04', '2026-04-04T00:00:00-03:00', 25],
  ['Pacific/Kiritimati', '2026-01-01', '2026-01-01T00:00:00+14:00', 24],
])('in %s the %s begins at %s and has %d hours', (timeZone, date, start, hours) => {
  const from = startOfDate(date, timeZone);
  expect(from).toBe(Date.parse(start));
  expect((startOfDate(addDays(date, 1), timeZone) - from) / HOUR_MS).toBe(hours);
});

test('a date that a place has never had is as long as nothing', () => {
  const apia = 'Pacific/Apia';
  expect(startOfDate('2011-12-30', apia)).toBe(startOfDate('2011-12-31', apia));
});

test.each([
  ['America/New_York', '2026-04-01T03:59:59Z', '2026-03-01T00:00:00-05:00'],
  ['America/New_York', '2026-04-01T04:00:00Z', '2026-04-01T00:00:00-04:00'],
  ['Europe/Paris', '2026-10-31T22:59:59Z', '2026-10-01T00:00:00+02:00'],
  ['Europe/Paris', '2026-10-31T23:00:00Z', '2026-11-01T00:00:00+01:00'],
  ['Australia/Lord_Howe', '2026-10-31T12:59:59Z', '2026-10-01T00:00:00+10:30'],
  ['Australia/Lord_Howe', '2026-10-31T13:00:00Z', '2026-11-01T00:00:00+11:00'],
])('in %s at %s the month began at %s', (timeZone, now, start) => {
  expect(startOfMonth(Date.parse(now), timeZone)).toBe(Date.parse(start));
});

const ZONES = [
  ...['America/New_York', 'Europe/Paris', 'Australia/Lord_Howe', 'Asia/Kathmandu'],
  ...['Africa/Cairo', 'America/Santiago', 'America/Havana', 'Pacific/Apia', 'UTC'],
];

describe('the last days', () => {
  test('follow one another without a gap, and every moment is in the day of its date', () => {
    const moments = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2030, 0) });
    fc.assert(
      fc.property(
        moments,
        fc.constantFrom(...ZONES),
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (now, timeZone, count, where) => {
          const days = lastDays(now, count, timeZone);
          expect(days).toHaveLength(count);
          expect(days.at(-1)?.date).toBe(dateOf(now, timeZone));
          expect(days.at(-1)?.to).toBe(now + 1);
          for (const [n, day] of days.entries()) {
            if (n > 0) expect(day.from).toBe(days[n - 1]?.to);
            expect(dateOf(day.from, timeZone)).toBe(day.date);
            expect(dateOf(day.from - 1, timeZone) < day.date).toBe(true);
          }
          const from = days[0]?.from ?? 0;
          const moment = Math.floor(from + where * (now - from));
          const inDay = days.filter((day) => day.from <= moment && moment < day.to);
          expect(inDay.map(({ date }) => date)).toEqual([dateOf(moment, timeZone)]);
        },
      ),
    );
  });
});
