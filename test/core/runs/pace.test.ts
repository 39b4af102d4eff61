import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CALLS_AT_ONCE,
  countStartable,
  endPause,
  nameLimits,
  type Pace,
  pauseUntil,
  type RateLimits,
  UNKNOWN_PACE,
} from '../../../src/core/runs/pace.ts';

const NOW = 1_800_000_000_000;
const NEED = { inputTokens: 300, outputTokens: 100 };

const named = (limits: RateLimits): Pace => nameLimits(UNKNOWN_PACE, limits, NOW);
const requests = (remaining: number, limit = 60) => ({
  requests: { limit, remaining, resetAt: NOW + 60_000 },
});

describe('calls that may begin', () => {
  test('one, while no answer has named the limits', () => {
    expect(countStartable(UNKNOWN_PACE, 0, NEED, NOW)).toMatchObject({ calls: 1 });
    expect(countStartable(UNKNOWN_PACE, 1, NEED, NOW)).toMatchObject({ calls: 0 });
  });

  test('one again, when the last answer is long ago', () => {
    expect(countStartable(named({}), 0, NEED, NOW + 299_000)).toMatchObject({
      calls: CALLS_AT_ONCE,
    });
    expect(countStartable(named({}), 0, NEED, NOW + 301_000)).toMatchObject({ calls: 1 });
  });

  test('a few at once, when no limit is near', () => {
    expect(countStartable(named(requests(50)), 3, NEED, NOW).calls).toBe(CALLS_AT_ONCE - 3);
  });

  test('as many as are left, those in flight taken off', () => {
    expect(countStartable(named(requests(5)), 3, NEED, NOW).calls).toBe(2);
  });

  test('none at a limit, until a call of it is back', () => {
    const pace = named(requests(0));
    const { calls, nextAt } = countStartable(pace, 0, NEED, NOW);
    expect(calls).toBe(0);
    expect(nextAt).toBe(NOW + 1_000);
    expect(countStartable(pace, 0, NEED, nextAt).calls).toBe(1);
    expect(countStartable(pace, 0, NEED, NOW + 60_000).calls).toBe(CALLS_AT_ONCE);
  });

  test('as few as the tokens allow', () => {
    const resetAt = NOW + 60_000;
    const inputTokens = { limit: 50_000, remaining: 700, resetAt };
    const outputTokens = { limit: 10_000, remaining: 150, resetAt };
    expect(countStartable(named({ inputTokens }), 0, NEED, NOW).calls).toBe(2);
    expect(countStartable(named({ inputTokens, outputTokens }), 0, NEED, NOW).calls).toBe(1);
  });

  test('one at a time, when a single call takes more than the limit has', () => {
    const inputTokens = { limit: 200, remaining: 200, resetAt: NOW + 60_000 };
    const pace = named({ inputTokens });
    const { nextAt } = countStartable(pace, 0, NEED, NOW);
    expect(nextAt).toBeLessThanOrEqual(NOW + 60_000);
    expect(countStartable(pace, 0, NEED, NOW + 60_000).calls).toBeGreaterThan(0);
  });

  test('none in a pause', () => {
    const pace = pauseUntil(named({}), NOW + 5_000, NOW);
    expect(countStartable(pace, 0, NEED, NOW)).toEqual({ calls: 0, nextAt: NOW + 5_000 });
    // A shorter pause does not end a longer one.
    const longer = pauseUntil(pace, NOW + 3_000, NOW + 1_000);
    expect(countStartable(longer, 0, NEED, NOW + 4_000).calls).toBe(0);
    expect(countStartable(longer, 0, NEED, NOW + 5_000).calls).toBe(CALLS_AT_ONCE);
    expect(countStartable(endPause(pace), 0, NEED, NOW).calls).toBe(CALLS_AT_ONCE);
  });

  test('one when the clock was set back: neither a pause nor a limit of later counts', () => {
    const earlier = NOW - 3 * 3_600_000;
    const paused = pauseUntil(named(requests(0)), NOW + 5_000, NOW);
    expect(countStartable(paused, 0, NEED, earlier)).toEqual({ calls: 1, nextAt: earlier });
    const again = pauseUntil(paused, earlier + 1_000, earlier);
    expect(countStartable(again, 0, NEED, earlier).nextAt).toBe(earlier + 1_000);
    expect(countStartable(again, 0, NEED, earlier + 1_000).calls).toBe(1);
  });
});

test('it never stops for good, and never goes too far', () => {
  const limit = fc.record({
    limit: fc.integer({ min: 1, max: 100_000 }),
    remaining: fc.nat(100_000),
    resetAt: fc.integer({ min: NOW - 60_000, max: NOW + 60_000 }),
  });
  const limits = fc.record(
    { requests: limit, inputTokens: limit, outputTokens: limit },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(limits, fc.nat(CALLS_AT_ONCE), fc.nat(120_000), (some, inFlight, later) => {
      const now = NOW + later;
      const { calls, nextAt } = countStartable(named(some), inFlight, NEED, now);
      expect(calls + inFlight).toBeLessThanOrEqual(CALLS_AT_ONCE);
      // With nothing in flight there is a time to go on, within the minute of the limits.
      if (inFlight === 0 && calls === 0) {
        expect(nextAt).toBeGreaterThan(now);
        expect(nextAt).toBeLessThanOrEqual(now + 60_000);
      }
    }),
  );
});
