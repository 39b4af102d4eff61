import { expect, test } from 'vitest';
import { findTimeZone } from '../../src/core/zones.ts';

test.each([
  ['Europe/Paris', 'Europe/Paris'],
  ['europe/paris', 'Europe/Paris'],
  ['Berlin', 'Europe/Berlin'],
  ['new york', 'America/New_York'],
  ['Port of Spain', 'America/Port_of_Spain'],
  ['utc', 'UTC'],
])('%s is the zone %s', (typed, zone) => {
  expect(findTimeZone(typed, 'UTC')).toEqual({ kind: 'zone', zone });
});

test.each(['US/Eastern', 'Kolkata', 'Asia/Kolkata', 'kyiv', 'America/Argentina/Buenos_Aires'])(
  '%s is another name of one',
  (typed) => {
    const found = findTimeZone(typed, 'UTC');
    expect(found.kind).toBe('zone');
  },
);

test.each(['', 'Atlantis', 'EST', '+02:00', 'Europe/', '../etc', 'a'.repeat(3000), 'Europe Paris'])(
  '%j is none',
  (typed) => {
    expect(findTimeZone(typed, 'UTC')).toEqual({ kind: 'none' });
  },
);

test('what stands there already stays, whatever it is', () => {
  expect(findTimeZone('EST', 'EST')).toEqual({ kind: 'zone', zone: 'EST' });
});
