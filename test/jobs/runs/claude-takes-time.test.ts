import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { startWith } from '../../harness.ts';

/** Runs while Claude takes its time, on the clock that the whole stage goes by. */

const TEXTS = ['It crashes when I save', 'I love the new look', 'Please add a dark mode'];
const MINUTE = 60_000;

test('a batch that takes half an hour is collected soon after it has ended', async () => {
  const latency = { batch: { p50Ms: 30 * MINUTE, p90Ms: 30 * MINUTE } };
  const settings = { batchPollMs: MINUTE };
  const stage = await startWith(TEXTS, { settings, claude: { latency } });
  await stage.type();
  await stage.settle(undefined, 100);
  const [batch] = stage.claude.batches();
  const endedAt = batch?.endedAt ?? 0;
  expect(endedAt - (batch?.createdAt ?? 0)).toBe(30 * MINUTE);
  const judged = await stage.rows(sql`select ts from messages where state = 'judged'`);
  expect(judged).toHaveLength(TEXTS.length);
  expect(stage.clock.now()).toBeGreaterThan(endedAt);
  expect(stage.clock.now() - endedAt).toBeLessThan(5 * MINUTE);
});

test('calls that take time are waited for, and cost no time of the machine', async () => {
  const latency = { message: { p50Ms: 20 * MINUTE, p90Ms: 20 * MINUTE } };
  const stage = await startWith(TEXTS, { claude: { latency } });
  const begun = stage.clock.now();
  await stage.type();
  await stage.settle();
  expect(stage.claude.asked).toHaveLength(1);
  expect(stage.clock.now() - begun).toBeGreaterThanOrEqual(20 * MINUTE);
  expect(stage.claude.inFlight).toMatchObject({ count: 0, most: 1 });
});
