import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { tag } from '../../../src/claude/outgoing.ts';
import { JOBS } from '../../../src/jobs/registry.ts';
import { removeBatches } from '../../../src/jobs/runs/remove-batches.ts';
import { type Stage, startWith } from '../../harness.ts';

/** A batch is deleted at Claude once its results are stored, and never before. */

const TEXTS = ['It crashes when I save', 'Please add a dark mode'];
const HOUR_MS = 3_600_000;

const deletions = ({ claude }: Stage) =>
  claude.calls.filter(({ method }) => method === 'DELETE').map(({ status }) => status);

const removed = (stage: Stage) =>
  stage.rows(
    sql<{ stage: string; removed_at: number | null; remove_attempts: number }>`
      select stage, removed_at, remove_attempts from batches where claude_id is not null`,
  );

/** A summary, with a failure for each of the first deletions. */
async function sumUp(failures: number[] = []): Promise<Stage> {
  const stage = await startWith(TEXTS);
  for (const status of failures) {
    stage.claude.faults.add({ kind: 'status', status, times: 1, method: 'DELETE' });
  }
  await stage.type();
  await stage.settle();
  return stage;
}

test('after its results are stored, it is deleted', async () => {
  const stage = await sumUp();
  expect(deletions(stage)).toEqual([200]);
  expect(stage.claude.batches().map(({ deleted }) => deleted)).toEqual([true]);
  expect(await removed(stage)).toMatchObject([{ stage: 'collected' }]);
  const names = JOBS.map(({ name }) => name);
  expect(names.indexOf('remove batches')).toBeGreaterThan(names.indexOf('advance'));
  // It is not asked for again.
  stage.clock.jump(HOUR_MS);
  await stage.settle();
  expect(deletions(stage)).toEqual([200]);
});

test('not before: a batch at work is refused and stays', async () => {
  const stage = await startWith(TEXTS);
  stage.claude.holdBatches(true);
  await stage.type();
  await stage.settle(() => stage.claude.batches().length === 1);
  await removeBatches(stage.context);
  expect(deletions(stage)).toEqual([]);
  // Even where a row says that it was collected: Claude refuses, and it is tried again later.
  await stage.rows(sql`update batches set stage = 'collected'`);
  const nextAt = await removeBatches(stage.context);
  expect(deletions(stage)).toEqual([400]);
  expect(nextAt).toBeGreaterThan(stage.clock.now());
  expect(await removed(stage)).toMatchObject([{ removed_at: null, remove_attempts: 1 }]);
});

test('one that Claude no longer has counts as deleted', async () => {
  const stage = await sumUp();
  await stage.rows(sql`update batches set removed_at = null`);
  expect(await removeBatches(stage.context)).toBeNull();
  expect(deletions(stage)).toEqual([200, 404]);
  expect((await removed(stage))[0]?.removed_at).not.toBeNull();
});

/** Another program's batch of the same size, which is taken for ours after a lost answer. */
async function adoptForeign(): Promise<Stage> {
  const stage = await startWith(TEXTS);
  stage.claude.faults.add({ kind: 'cut', method: 'POST', path: /batches$/ });
  await stage.type();
  await stage.step();
  const content = tag('x', 'Hello', { length: 9, privacy: { redact: true } });
  await stage.context.claude.messages.batches.create({
    requests: TEXTS.map((_, n) => ({
      custom_id: `somebody-else-${n}`,
      params: {
        model: 'claude-haiku-5-5',
        max_tokens: 10,
        messages: [{ role: 'user', content }],
      },
    })),
  });
  return stage;
}

test("another program's batch is never deleted, also when its results cannot be read", async () => {
  const stage = await adoptForeign();
  stage.claude.faults.add({ kind: 'results_cut', afterRows: 1, times: 6 });
  await stage.settle();
  expect(await removed(stage)).toMatchObject([{ stage: 'collected', removed_at: null }]);
  expect(deletions(stage)).toEqual([]);
  expect(stage.claude.batches().map(({ deleted }) => deleted)).toEqual([false]);
});

test('a batch that was found after a lost answer is deleted once it has named our messages', async () => {
  const stage = await startWith(TEXTS);
  stage.claude.faults.add({ kind: 'lost_answer' });
  await stage.type();
  await stage.settle();
  expect(deletions(stage)).toEqual([200]);
});

test('a deletion that fails keeps no summary waiting, and is tried again', async () => {
  const stage = await sumUp([500, 529]);
  expect(stage.posts().some(({ text }) => /2 messages/.test(text))).toBe(true);
  expect(deletions(stage)).toEqual([500]);
  expect(await removed(stage)).toMatchObject([{ removed_at: null, remove_attempts: 1 }]);
  for (const status of [529, 200]) {
    const nextAt = await removeBatches(stage.context);
    expect(nextAt).toBeGreaterThan(stage.clock.now());
    stage.clock.jump((nextAt ?? 0) - stage.clock.now());
    await removeBatches(stage.context);
    expect(deletions(stage).at(-1)).toBe(status);
  }
  expect((await removed(stage))[0]?.removed_at).not.toBeNull();
});

test('after 29 days Claude has deleted it by itself', async () => {
  const stage = await sumUp([500]);
  stage.clock.jump(30 * 24 * HOUR_MS);
  stage.claude.faults.add({ kind: 'status', status: 500, times: 1, method: 'DELETE' });
  expect(await removeBatches(stage.context)).toBeNull();
  expect((await removed(stage))[0]?.removed_at).not.toBeNull();
});
