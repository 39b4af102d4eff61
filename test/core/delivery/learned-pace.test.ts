import { expect, test } from 'vitest';
import {
  learnAccepted,
  learnedRate,
  learnRefused,
  unknownPace,
} from '../../../src/core/delivery/learned-pace.ts';

const DOCUMENTED = { perMinute: 49, burst: 5 };
const ONE_A_MINUTE = { perMinute: 1, burst: 1 };
const HOUR_MS = 3_600_000;

/** A service that accepts one call in each 60 s, at these times; it refuses all others. */
function play(times: number[]) {
  const pace = unknownPace();
  let next = 0;
  for (const now of times) {
    if (now < next) learnRefused(pace, next, now);
    else {
      learnAccepted(pace, now);
      next = now + 60_000;
    }
  }
  return pace;
}

test('two refusals with one call between them show the rate, whatever they say to wait for', () => {
  for (const late of [1000, 30_000, 59_000]) {
    const pace = play([0, late, 60_000, 60_000 + late]);
    expect(learnedRate(pace, DOCUMENTED, 120_000)).toEqual(ONE_A_MINUTE);
  }
});

test('one refusal shows nothing: the process before may have used up the calls', () => {
  expect(learnedRate(play([0, 1000]), DOCUMENTED, 2000)).toEqual(DOCUMENTED);
});

test('nor do two with several calls between them', () => {
  const pace = unknownPace();
  learnRefused(pace, 30_000, 0);
  for (let n = 0; n < 5; n++) learnAccepted(pace, 30_000 + n * 1000);
  learnRefused(pace, 60_000, 36_000);
  expect(learnedRate(pace, DOCUMENTED, 60_000)).toEqual(DOCUMENTED);
});

test('the documented rate is tried once an hour; then one refusal is enough', () => {
  const pace = play([0, 1000, 60_000, 61_000]);
  const later = 61_000 + HOUR_MS;
  expect(learnedRate(pace, DOCUMENTED, later - 1)).toEqual(ONE_A_MINUTE);
  expect(learnedRate(pace, DOCUMENTED, later)).toEqual(DOCUMENTED);
  learnAccepted(pace, later);
  learnRefused(pace, later + 60_000, later + 1000);
  expect(learnedRate(pace, DOCUMENTED, later + 60_000)).toEqual(ONE_A_MINUTE);
});

test('a refusal after a long pause does not make the calls rarer than one in two minutes', () => {
  const pace = play([0, 1000, 60_000, 61_000]);
  learnAccepted(pace, 120_000);
  learnRefused(pace, HOUR_MS + 60_000, HOUR_MS);
  expect(learnedRate(pace, DOCUMENTED, HOUR_MS)).toEqual({ perMinute: 0.5, burst: 1 });
});
