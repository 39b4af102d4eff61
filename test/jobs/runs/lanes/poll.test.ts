import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { type Stage, startWith } from '../../../harness.ts';

/** From a submitted batch to an ended one. */

const TEXTS = ['It crashes when I save', 'I love the new look'];

const states = async (stage: Stage) =>
  (await stage.rows(sql<{ state: string }>`select state from messages order by ts`)).map(
    ({ state }) => state,
  );

test('a batch that Claude does not know for a moment is asked for again', async () => {
  const stage = await startWith(TEXTS);
  stage.claude.holdBatches(true);
  stage.claude.faults.add({ kind: 'not_found_after_create', times: 3 });
  await stage.type();
  const asked = () => stage.claude.calls.filter(({ status }) => status === 404).length;
  await stage.settle(() => asked() === 3);
  stage.claude.holdBatches(false);
  await stage.settle();
  expect(await states(stage)).toEqual(['judged', 'judged']);
  expect(stage.claude.batches()).toHaveLength(1);
});

test('a 404 for a moment, hours later, does not give up what has been paid for', async () => {
  const stage = await startWith(TEXTS);
  stage.claude.holdBatches(true);
  await stage.type();
  await stage.step();
  stage.clock.jump(3 * 3_600_000);
  stage.claude.faults.add({ kind: 'not_found_after_create', times: 2 });
  await stage.settle(() => stage.claude.calls.filter(({ status }) => status === 404).length === 2);
  stage.claude.holdBatches(false);
  await stage.settle();
  expect(await states(stage)).toEqual(['judged', 'judged']);
  expect(stage.claude.batches()).toHaveLength(1);
});

test('a batch that is gone for good gives its messages back, and its post says so', async () => {
  const stage = await startWith(TEXTS);
  stage.claude.holdBatches(true);
  stage.claude.faults.add({ kind: 'not_found_after_create', times: Number.POSITIVE_INFINITY });
  await stage.type();
  await stage.settle();
  expect(await states(stage)).toEqual(['pending', 'pending']);
  expect(stage.posts()[0]?.text).toContain('2 messages will be in the next run');
  stage.claude.faults.clear();
  stage.claude.holdBatches(false);
  await stage.type();
  await stage.settle();
  expect(await states(stage)).toEqual(['judged', 'judged']);
});

test('one that Claude cancels or lets expire gives back what it did not come to', async () => {
  const stage = await startWith(TEXTS);
  stage.claude.holdBatches(true);
  await stage.type();
  await stage.settle(() => stage.claude.batches().length === 1);
  const id = stage.claude.batches()[0]?.id ?? '';
  stage.claude.progressBatch(id, 1);
  stage.claude.expireBatch(id);
  await stage.settle();
  expect((await states(stage)).sort()).toEqual(['judged', 'pending']);
  const digest = stage.posts()[0];
  expect(JSON.stringify(digest?.blocks)).toContain('1 will be in the next run');

  stage.claude.holdBatches(false);
  await stage.type();
  await stage.settle();
  expect(await states(stage)).toEqual(['judged', 'judged']);
});

test('trouble while polling changes nothing but the time that it takes', async () => {
  const stage = await startWith(TEXTS);
  stage.claude.holdBatches(true);
  await stage.type();
  await stage.settle(() => stage.claude.batches().length === 1);
  for (const fault of [
    { kind: 'cut' as const },
    { kind: 'status' as const, status: 500 },
    { kind: 'status' as const, status: 429, headers: { 'retry-after': '5' } },
    { kind: 'status' as const, status: 401 },
    { kind: 'status' as const, status: 529 },
  ]) {
    stage.claude.faults.add({ ...fault, method: 'GET' });
  }
  const asked = stage.claude.calls.length;
  await stage.settle(() => stage.claude.calls.length === asked + 6);
  expect(await stage.type('status')).not.toContain('has to wait');
  stage.claude.holdBatches(false);
  await stage.settle();
  expect(await states(stage)).toEqual(['judged', 'judged']);
  expect(stage.claude.batches()).toHaveLength(1);
});
