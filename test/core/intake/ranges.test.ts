import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addLookBack,
  addUnread,
  inOrder,
  nextToRead,
  type Range,
  startingAt,
  type Unread,
  without,
} from '../../../src/core/intake/ranges.ts';

/** What has still to be read: nothing falls between two ranges, and nothing begins anew. */

const at = (n: number) => `1700000000.${String(n).padStart(6, '0')}`;
const range = (oldest: number, latest: number): Range => ({
  oldest: at(oldest),
  latest: at(latest),
});
const missed = (oldest: number, latest: number, asked_at = 0): Unread => ({
  ...range(oldest, latest),
  look_back: 0,
  asked_at,
});
const again = (oldest: number, latest: number, asked_at = 0): Unread => ({
  ...missed(oldest, latest, asked_at),
  look_back: 1,
});

describe('what is left without a part that was read', () => {
  test.each([
    ['from its newest end', range(80, 95), [missed(10, 80)]],
    ['from its oldest end', range(5, 20), [missed(20, 90)]],
    ['in the middle', range(40, 50), [missed(10, 40), missed(50, 90)]],
    ['all of it', range(10, 90), []],
    ['elsewhere', range(91, 99), [missed(10, 90)]],
    ['up to its end', range(90, 99), [missed(10, 90)]],
  ])('%s', (_name, part, left) => {
    expect(without([missed(10, 90)], part)).toEqual(left);
  });
});

describe('what has never been read', () => {
  test('is joined with what it touches, and comes before a look-back, which leaves it out', () => {
    const before = [missed(10, 20, 1), missed(30, 40, 2), missed(60, 70, 3), again(35, 55, 4)];
    expect(addUnread(before, range(20, 50), 9)).toEqual([
      missed(60, 70, 3),
      missed(10, 50, 1),
      again(50, 55, 4),
    ]);
  });
});

describe('a look-back', () => {
  test('goes on with what an earlier one has left, and then reads the rest again', () => {
    const [first, second, ...others] = addLookBack([again(10, 40, 1)], range(20, 90), 2);
    expect([first, second, others]).toEqual([again(10, 40, 1), again(40, 90, 2), []]);
  });

  test('leaves out what is read anyway', () => {
    expect(addLookBack([missed(30, 40)], range(10, 50), 2)).toEqual([
      missed(30, 40),
      again(40, 50, 2),
      again(10, 30, 2),
    ]);
  });

  test('joins what waits, so that however many starts there are, ranges stay few', () => {
    let ranges: Unread[] = [];
    for (let start = 1; start <= 50; start++) {
      ranges = addLookBack(ranges, range(0, 1000 + start), start);
      const { latest } = nextToRead(ranges) ?? range(0, 0);
      // A page of ten, and the process ends.
      const oldest = at(Number(latest.slice(-6)) - 10);
      ranges = without(ranges, { oldest, latest });
      expect(ranges.length).toBeLessThanOrEqual(4);
    }
  });
});

test('ranges that follow one another are read as one', () => {
  const ranges = [missed(50, 90), again(20, 50, 1), again(10, 20, 2), again(90, 95, 3)];
  expect(nextToRead(ranges)).toEqual(range(10, 90));
  expect(nextToRead([again(30, 40, 2), again(40, 90, 1)])).toEqual(range(30, 90));
  expect(nextToRead([again(30, 40, 1), again(40, 90, 2)])).toEqual(range(30, 40));
  expect(nextToRead([])).toBeUndefined();
});

test('what comes before the bot is left out', () => {
  expect(startingAt([missed(10, 20), missed(30, 50), missed(40, 60)], at(40))).toEqual([
    missed(40, 50),
    missed(40, 60),
  ]);
});

describe('whatever is asked for, read and interrupted', () => {
  const bounds = fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 30 }))
    .map(([oldest, length]) => range(oldest, oldest + length));
  const steps = fc.array(fc.record({ kind: fc.constantFrom('missed', 'again', 'read'), bounds }), {
    maxLength: 30,
  });
  const halves = Array.from({ length: 95 }, (_, n) => n);
  /** Between two messages: the ends of ranges are messages that are read with either side. */
  const covers = (ranges: Range[], n: number) =>
    ranges.filter(({ oldest, latest }) => oldest <= at(n) && at(n + 1) <= latest).length;

  test('each place is unread once, or not at all', () => {
    fc.assert(
      fc.property(steps, (todo) => {
        let ranges: Unread[] = [];
        const unread = new Set<number>();
        for (const [now, { kind, bounds: part }] of todo.entries()) {
          if (kind === 'missed') ranges = addUnread(ranges, part, now);
          if (kind === 'again') ranges = addLookBack(ranges, part, now);
          if (kind === 'read') ranges = without(ranges, part);
          for (const n of halves.filter((half) => covers([part], half) > 0)) {
            if (kind === 'read') unread.delete(n);
            else unread.add(n);
          }
          expect(halves.filter((n) => covers(ranges, n) > 0)).toEqual(
            [...unread].toSorted((a, b) => a - b),
          );
          expect(halves.filter((n) => covers(ranges, n) > 1)).toEqual([]);
          expect(new Set(ranges.map(({ oldest }) => oldest)).size).toBe(ranges.length);
        }
      }),
      { numRuns: 300, seed: 20_261_130 },
    );
  });

  test('what has never been read stays so until it is read', () => {
    fc.assert(
      fc.property(steps, (todo) => {
        let ranges: Unread[] = [];
        const unread = new Set<number>();
        for (const [now, { kind, bounds: part }] of todo.entries()) {
          if (kind === 'missed') ranges = addUnread(ranges, part, now);
          if (kind === 'again') ranges = addLookBack(ranges, part, now);
          if (kind === 'read') ranges = without(ranges, part);
          for (const n of halves.filter((half) => covers([part], half) > 0)) {
            if (kind === 'read') unread.delete(n);
            if (kind === 'missed') unread.add(n);
          }
          const never = inOrder(ranges).filter(({ look_back }) => look_back === 0);
          expect(halves.filter((n) => covers(never, n) > 0)).toEqual(
            [...unread].toSorted((a, b) => a - b),
          );
        }
      }),
      { numRuns: 300, seed: 20_261_131 },
    );
  });
});
