import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  EVERY_HOURS,
  formatEvery,
  formatWeekly,
  parseEvery,
  parseWeekly,
} from '../../../src/core/settings/schedule-form.ts';
import { nextTime } from '../../../src/jobs/runs/schedule.ts';

describe('a pattern as days and a time', () => {
  test.each([
    ['0 9 * * 1-5', { days: [1, 2, 3, 4, 5], time: '09:00' }],
    ['30 17 * * *', { days: [1, 2, 3, 4, 5, 6, 7], time: '17:30' }],
    ['5 0 * * 0', { days: [7], time: '00:05' }],
    ['5 0 * * 7,1', { days: [1, 7], time: '00:05' }],
    ['05 08 * * MON,wed-FRI', { days: [1, 3, 4, 5], time: '08:05' }],
    ['0 9 * * 0-6', { days: [1, 2, 3, 4, 5, 6, 7], time: '09:00' }],
  ])('%s', (pattern, weekly) => {
    expect(parseWeekly(pattern)).toEqual(weekly);
  });

  test.each([
    '*/15 9 * * *',
    '0 9 1 * *',
    '0 9 * 1 *',
    '0 9 * * 1#2',
    '0 9 * * L',
    '0 0 9 * * 1',
    '0 24 * * *',
    '60 9 * * *',
    '0 9 * * 5-1',
    '0 9 * * 1,',
    '',
    '@daily',
  ])('is null for another form: %s', (pattern) => {
    expect(parseWeekly(pattern)).toBeNull();
  });

  test('and back: whatever is chosen is read again as it was, and comes on just these days', () => {
    fc.assert(
      fc.property(
        fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 0, max: 59 }),
        (days, hour, minute) => {
          const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
          const pattern = formatWeekly({ days, time });
          expect(parseWeekly(pattern)).toEqual({ days, time });
          const seen = new Set<number>();
          let at = Date.parse('2026-11-02T00:00Z') - 1;
          for (const _ of days) {
            at = nextTime(pattern, 'UTC', at) ?? Number.NaN;
            expect(new Date(at).toISOString().slice(11, 16)).toBe(time);
            seen.add(new Date(at).getUTCDay() || 7);
          }
          expect([...seen].sort()).toEqual(days);
        },
      ),
    );
  });
});

test('every so many hours, and back', () => {
  for (const hours of EVERY_HOURS) expect(parseEvery(formatEvery(hours))).toBe(hours);
  expect(parseEvery('0 */3 * * *')).toBeNull();
  expect(parseEvery('15 * * * *')).toBeNull();
});
