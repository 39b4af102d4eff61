import { expect, test } from 'vitest';
import { type BatchLatency, LatencyDraws, latencyAt } from '../../../sim/claude/latency.ts';

const MINUTE = 60_000;
const DRAWS = 5000;
const LATENCY = { p50Ms: 7 * MINUTE, p90Ms: 60 * MINUTE };

/** The times of batches that begin together, one for each seed, so that each has weather of its own. */
function drawBatches(latency: BatchLatency, number = 1): number[] {
  return Array.from({ length: DRAWS }, (_, seed) => {
    return new LatencyDraws(seed, { batch: latency }).drawBatch(number, 0) ?? 0;
  });
}

function quantile(times: readonly number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(share * times.length)] ?? 0;
}

/** How much the logarithms of the times vary together, -1 to 1. */
function correlate(one: readonly number[], other: readonly number[]): number {
  const center = (times: readonly number[]) => {
    const logs = times.map((time) => Math.log(time));
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    return logs.map((log) => log - mean);
  };
  const [a, b] = [center(one), center(other)];
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

test.each([
  ['alone', LATENCY],
  ['half in common', { ...LATENCY, common: 0.5 }],
  ['with a long tail', { ...LATENCY, tail: { share: 0.05, factor: 4 } }],
])('draws have the quantiles that were asked for, %s', (_name, latency) => {
  const times = drawBatches(latency);
  expect(quantile(times, 0.5) / LATENCY.p50Ms).toBeCloseTo(1, 0.7);
  expect(quantile(times, 0.9) / LATENCY.p90Ms).toBeCloseTo(1, 0.7);
});

test('a tail makes its share of the draws that many times as long, and no other', () => {
  const plain = drawBatches(LATENCY);
  const tailed = drawBatches({ ...LATENCY, tail: { share: 0.02, factor: 10 } });
  const longer = tailed.filter((time, index) => time !== plain[index]);
  expect(longer.length / DRAWS).toBeGreaterThan(0.015);
  expect(longer.length / DRAWS).toBeLessThan(0.025);
  expect(Math.min(...longer)).toBeGreaterThan(10 * quantile(plain, 0.97));
  expect(latencyAt({ ...LATENCY, tail: { share: 0.1, factor: 3 } }, 1.281)).toBeLessThan(
    60 * MINUTE,
  );
});

test('batches that begin together are independent, or share what they have in common', () => {
  const together = (common: number) => {
    const latency = { ...LATENCY, common };
    return correlate(drawBatches(latency, 1), drawBatches(latency, 2));
  };
  expect(Math.abs(together(0))).toBeLessThan(0.05);
  expect(together(0.5)).toBeGreaterThan(0.45);
  expect(together(0.5)).toBeLessThan(0.55);
  expect(together(1)).toBeCloseTo(1, 5);
});

test('what batches have in common drifts with the time', () => {
  const draw = (at: number) =>
    Array.from({ length: DRAWS }, (_, seed) => {
      const draws = new LatencyDraws(seed, { batch: { ...LATENCY, common: 1 } });
      return draws.drawBatch(1, at) ?? 0;
    });
  expect(correlate(draw(0), draw(5 * MINUTE))).toBeGreaterThan(0.95);
  expect(Math.abs(correlate(draw(0), draw(150 * MINUTE)))).toBeLessThan(0.05);
});

test('messages have the quantiles, each time anew, in whatever order they are asked for', () => {
  const message = { p50Ms: 900, p90Ms: 2500 };
  const requests = Array.from({ length: DRAWS }, (_, index) => ({ index: index >> 1 }));
  const forward = new LatencyDraws(3, { message });
  const backward = new LatencyDraws(3, { message });
  const other = new LatencyDraws(4, { message });
  const times = requests.map((request) => forward.drawMessage(request));
  expect(quantile(times, 0.5) / 900).toBeCloseTo(1, 0.7);
  expect(quantile(times, 0.9) / 2500).toBeCloseTo(1, 0.7);
  expect(times[0]).not.toBe(times[1]);
  const sorted = (list: number[]) => list.toSorted((a, b) => a - b);
  const reversed = requests.toReversed().map((request) => backward.drawMessage(request));
  expect(sorted(reversed)).toEqual(sorted(times));
  expect(requests.map((request) => other.drawMessage(request))).not.toEqual(times);
});

test.each([
  ['a median of nothing', { p50Ms: 0, p90Ms: 1 }],
  ['a p90 below the median', { p50Ms: 2, p90Ms: 1 }],
  ['a tail that reaches the p90', { p50Ms: 1, p90Ms: 2, tail: { share: 0.2, factor: 2 } }],
  ['more than all in common', { p50Ms: 1, p90Ms: 2, common: 1.1 }],
])('refuses %s', (_name, batch) => {
  expect(() => new LatencyDraws(1, { batch })).toThrow();
});
