import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/core/durations.ts';
import {
  canHurry,
  decideLane,
  FINISH_MS,
  type LaneFacts,
  leadMs,
  timeLeft,
} from '../../../src/core/runs/lane.ts';

const DUE = 1_000 * MINUTE_MS;

const facts = (more: Partial<LaneFacts> = {}): LaneFacts => ({
  cause: 'person',
  messages: 40,
  dueAt: null,
  latenessMs: 10 * MINUTE_MS,
  now: DUE - 120 * MINUTE_MS,
  expressUsd: 0.008,
  expressUpToUsd: 0,
  allowed: ['batch', 'express'],
  ...more,
});

describe('the lane of a run', () => {
  const due = { cause: 'schedule' as const, dueAt: DUE };
  test.each([
    ['a person waits for half the price', {}, 'batch', 'half price'],
    ['it is cheaper than what may be had at once', { expressUpToUsd: 0.01 }, 'express', 'cheap'],
    ['it costs just as much', { expressUpToUsd: 0.008 }, 'batch', 'half price'],
    ['nobody waits for it', { expressUpToUsd: 1, cause: 'schedule' }, 'batch', 'half price'],
    ['the price is not known', { expressUpToUsd: 1, expressUsd: null }, 'batch', 'half price'],
    ['its summary is due later', due, 'batch', 'half price'],
    ['its summary is due soon', { ...due, now: DUE - FINISH_MS }, 'express', 'due'],
    ['its summary was due', { ...due, now: DUE + 600 * MINUTE_MS }, 'express', 'due'],
    [
      'there is too much to be there in time',
      { ...due, now: DUE, messages: 100_000 },
      'batch',
      'half price',
    ],
    ['messages are judged as they come', { cause: 'live', dueAt: DUE }, 'express', 'as they come'],
    [
      'they are, and the budget has no room for it',
      { cause: 'live', allowed: ['batch'] },
      'batch',
      'half price',
    ],
    ['there is nothing to judge', { ...due, now: DUE, messages: 0 }, 'batch', 'half price'],
  ] satisfies [string, Partial<LaneFacts>, string, string][])(
    'when %s',
    (_, more, lane, reason) => {
      expect(decideLane(facts(more))).toEqual({ lane, reason });
    },
  );

  test('is never express by itself while nobody allows it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 5, noNaN: true }), fc.nat(100_000), (usd, messages) => {
        const decided = decideLane(facts({ expressUsd: usd, messages, expressUpToUsd: 0 }));
        expect(decided?.lane).toBe('batch');
      }),
    );
  });
});

describe('a run begins before its summary is due', () => {
  const minutes = (...all: number[]) => all.map((n) => n * MINUTE_MS);
  test.each([
    ['an hour, while too few batches are known', minutes(1, 1, 1, 1, 1, 1, 1, 1, 1), 60],
    ['the p90 of ten', minutes(9, 8, 7, 6, 5, 4, 3, 2, 1, 200), 9],
    ['the p90 of twenty', minutes(...Array.from({ length: 20 }, (_, n) => n + 1)), 18],
    ['never more than two hours', minutes(...Array(20).fill(600)), 115],
  ])('%s, and the time to finish', (_, took, expected) => {
    expect(leadMs(took)).toBe(expected * MINUTE_MS + FINISH_MS);
  });
});

test('what cannot be judged in time is not hurried', () => {
  expect(canHurry(0, 60_000)).toBe(false);
  expect(canHurry(240, 60_000)).toBe(true);
  expect(canHurry(241, 60_000)).toBe(false);
  expect(timeLeft(DUE, MINUTE_MS, DUE - FINISH_MS)).toBe(FINISH_MS + MINUTE_MS);
  // Late already: it waits as long as any other that is late.
  expect(timeLeft(DUE, MINUTE_MS, DUE + 600 * MINUTE_MS)).toBe(MINUTE_MS);
});
