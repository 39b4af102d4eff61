import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localToSeconds, secondsToLocal } from '../../../sim/web/src/blocks/zoned-time.ts';
import { formatSlackDate, nameDay } from '../../../sim/web/src/time.ts';

const at = Date.parse('2026-11-23T00:30:00Z');

test('Slack’s date tokens are formatted in the person’s time zone', () => {
  const written = (format: string, zone: string) => formatSlackDate(at / 1000, format, zone);
  expect(written('{date_num} {time}', 'America/New_York')).toBe('2026-11-22 7:30 PM');
  expect(written('{date_num} {time_secs}', 'Asia/Tokyo')).toBe('2026-11-23 9:30:00 AM');
  expect(written('{date}|{date_short}|{date_long}', 'UTC')).toBe(
    'November 23, 2026|Nov 23, 2026|Monday, November 23, 2026',
  );
  expect(written('{nothing} else', 'UTC')).toBe('{nothing} else');
});

test('days are named in the person’s time zone', () => {
  const now = new Date('2026-11-23T02:00:00Z');
  expect(nameDay(new Date(at), 'UTC', now)).toBe('Today');
  expect(nameDay(new Date('2026-11-22T20:00:00Z'), 'UTC', now)).toBe('Yesterday');
  expect(nameDay(new Date('2026-11-22T20:00:00Z'), 'America/New_York', now)).toBe('Today');
  expect(nameDay(new Date('2026-11-01T12:00:00Z'), 'UTC', now)).toBe('Sunday, November 1');
});

test('local times convert to seconds and back, also across clock changes', () => {
  expect(localToSeconds('2026-07-01T09:00', 'Europe/Berlin')).toBe(
    Date.parse('2026-07-01T07:00:00Z') / 1000,
  );
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu');
  const minutes = fc.integer({ min: 28_000_000, max: 32_000_000 });
  fc.assert(
    fc.property(zones, minutes, (zone, minute) => {
      const local = secondsToLocal(minute * 60, zone);
      expect(secondsToLocal(localToSeconds(local, zone), zone)).toBe(local);
    }),
  );
});
