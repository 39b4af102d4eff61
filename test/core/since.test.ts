import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSince, spanOf } from '../../src/core/since.ts';

const at = (iso: string) => Date.parse(iso);
const iso = (ms: number | undefined) => ms !== undefined && new Date(ms).toISOString();

describe('spanOf', () => {
  test.each([
    // An ordinary day.
    ['UTC', 1, '2026-11-23T15:00Z', '2026-11-23T00:00Z', '2026-11-22T00:00Z', '2026-11-22T15:00Z'],
    // Seven days with an hour more in them, and seven without.
    [
      'America/New_York',
      7,
      '2026-11-05T17:00Z',
      '2026-10-30T04:00Z',
      '2026-10-23T04:00Z',
      '2026-10-29T16:00Z',
    ],
    // The day of 25 hours at its end: yesterday had only 24.
    [
      'Europe/Paris',
      1,
      '2026-10-25T22:30Z',
      '2026-10-24T22:00Z',
      '2026-10-23T22:00Z',
      '2026-10-24T22:00Z',
    ],
    // The day of 23 hours.
    [
      'Europe/Paris',
      1,
      '2026-03-29T10:00Z',
      '2026-03-28T23:00Z',
      '2026-03-27T23:00Z',
      '2026-03-28T10:00Z',
    ],
    // Over the end of a month and of a year, in a zone of 45 minutes.
    [
      'Asia/Kathmandu',
      30,
      '2027-01-10T00:00Z',
      '2026-12-11T18:15Z',
      '2026-11-11T18:15Z',
      '2026-12-11T00:00Z',
    ],
    // Half an hour is what the clocks are changed by.
    [
      'Australia/Lord_Howe',
      7,
      '2026-04-08T00:00Z',
      '2026-04-01T13:00Z',
      '2026-03-25T13:00Z',
      '2026-03-31T23:30Z',
    ],
  ])('in %s, %i days up to %s', (timeZone, days, now, from, beforeFrom, beforeTo) => {
    expect(spanOf(days, at(now), timeZone)).toEqual({
      from: at(from),
      to: at(now),
      before: { from: at(beforeFrom), to: at(beforeTo) },
    });
  });

  test('property: the time before ends where this one begins, or earlier, and is about as long', () => {
    const zones = [
      'UTC',
      'America/New_York',
      'Europe/Paris',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    ];
    fc.assert(
      fc.property(
        fc.integer({ min: at('2020-01-01'), max: at('2035-01-01') }),
        fc.constantFrom(...zones),
        fc.constantFrom(1, 7, 30),
        (now, timeZone, days) => {
          const { from, to, before } = spanOf(days, now, timeZone);
          expect(from).toBeLessThanOrEqual(to);
          expect(before.from).toBeLessThanOrEqual(before.to);
          expect(before.to).toBeLessThanOrEqual(from);
          expect(Math.abs(to - from - (before.to - before.from))).toBeLessThanOrEqual(
            2 * 3_600_000,
          );
        },
      ),
    );
  });
});

describe('parseSince', () => {
  const now = at('2026-11-23T15:00:00Z');

  test.each([
    ['today', '2026-11-22T23:00:00.000Z'],
    ['TODAY', '2026-11-22T23:00:00.000Z'],
    ['1d', '2026-11-22T23:00:00.000Z'],
    ['7d', '2026-11-16T23:00:00.000Z'],
    ['60d', '2026-09-24T22:00:00.000Z'],
    ['2026-11-23', '2026-11-22T23:00:00.000Z'],
    ['2026-07-14', '2026-07-13T22:00:00.000Z'],
    ['2024-02-29', '2024-02-28T23:00:00.000Z'],
  ])('“%s” begins at %s in Paris', (typed, from) => {
    expect(iso(parseSince(typed, now, 'Europe/Paris'))).toBe(from);
  });

  test.each([
    '',
    'yesterday',
    '0d',
    '-1d',
    '99999d',
    '2026-02-30',
    '2025-02-29',
    '2026-11-24',
    '2026-1-1',
    '7',
  ])('“%s” says no time that has begun', (typed) => {
    expect(parseSince(typed, now, 'Europe/Paris')).toBeUndefined();
  });
});
