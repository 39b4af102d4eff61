import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { createClaude } from '../../../../src/claude/batches.ts';
import { tag } from '../../../../src/claude/outgoing.ts';
import { advanceRuns } from '../../../../src/jobs/runs/advance.ts';
import { type Stage, startStage, startWith } from '../../../harness.ts';

/** Exactly one batch for a run, whatever becomes of the answer to its submission. */

const TEXTS = ['It crashes when I save', 'I love the new look', 'How do I export?'];

const batchesOf = (stage: Stage) =>
  stage.rows(
    sql<{ stage: string; claude_id: string; adopted: number }>`select * from batches order by id`,
  );

const states = async (stage: Stage) =>
  (await stage.rows(sql<{ state: string }>`select state from messages order by ts`)).map(
    ({ state }) => state,
  );

const digests = (stage: Stage) =>
  stage.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest');

const notices = ({ slack, user }: Stage) =>
  slack.ephemerals(user).filter(({ text }) => text.startsWith('The classification'));

async function expectJudgedOnce(stage: Stage, batches = 1): Promise<void> {
  expect(stage.claude.batches()).toHaveLength(batches);
  expect(await states(stage)).toEqual(TEXTS.map(() => 'judged'));
  expect(digests(stage)).toHaveLength(1);
}

describe('a submission whose answer is lost', () => {
  test.each([
    { kind: 'lost_answer' as const },
    { kind: 'created_then_5xx' as const, status: 500 },
    { kind: 'created_then_5xx' as const, status: 529 },
    { kind: 'created_then_5xx' as const, status: 504 },
  ])('but was made ($kind $status) is found again, and not paid twice', async (fault) => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add(fault);
    await stage.type();
    await stage.settle();
    await expectJudgedOnce(stage);
    expect(notices(stage)).toEqual([]);
  });

  test.each([
    { kind: 'cut' as const },
    { kind: 'hang' as const },
    { kind: 'status' as const, status: 500 },
    { kind: 'status' as const, status: 502 },
    { kind: 'status' as const, status: 408 },
  ])('and was not made ($kind $status) is sent again, once', async (fault) => {
    const stage = await startWith(TEXTS, { impatient: true });
    stage.claude.faults.add({ ...fault, method: 'POST', path: /batches$/ });
    await stage.type();
    await stage.settle();
    await expectJudgedOnce(stage);
  });

  test('and whose batch cannot be looked for yet is looked for until it can', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({ kind: 'lost_answer' });
    stage.claude.faults.add({ kind: 'status', status: 503, method: 'GET', times: 3 });
    await stage.type();
    await stage.settle();
    await expectJudgedOnce(stage);
    expect(notices(stage)).toHaveLength(1);
  });

  test('is looked for by the next process when the bot is killed meanwhile', async () => {
    const stage = await startWith(TEXTS, { onDisk: true });
    stage.claude.faults.add({ kind: 'lost_answer' });
    await stage.type();
    await stage.step();
    expect(await batchesOf(stage)).toMatchObject([{ stage: 'submitting', claude_id: null }]);
    await stage.restart();
    await stage.settle();
    await expectJudgedOnce(stage);
  });

  test('again and again is waited for longer each time, and the asker is told once', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({
      kind: 'status',
      status: 500,
      method: 'POST',
      path: /batches$/,
      times: 6,
    });
    const before = stage.clock.now();
    await stage.type();
    await stage.settle();
    expect(stage.clock.now() - before).toBeGreaterThan(120_000);
    expect(notices(stage)).toHaveLength(1);
    await expectJudgedOnce(stage);
  });
});

describe('a batch that is not ours', () => {
  const foreign = (stage: Stage, count: number) =>
    stage.context.claude.messages.batches.create({
      requests: Array.from({ length: count }, (_, n) => ({
        custom_id: `somebody-else-${n}`,
        params: {
          model: 'claude-haiku-5-5',
          max_tokens: 10,
          messages: [
            { role: 'user', content: tag('x', 'Hello', { length: 9, privacy: { redact: true } }) },
          ],
        },
      })),
    });

  test('of the same size is taken at first, then given back, and ours is sent', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({ kind: 'cut', method: 'POST', path: /batches$/ });
    await stage.type();
    await stage.step();
    await foreign(stage, TEXTS.length);
    await stage.settle();
    await expectJudgedOnce(stage, 2);
    expect(
      stage.claude.batches().filter(({ requests }) => requests[0]?.custom_id.endsWith('-r1')),
    ).toHaveLength(1);
    expect(await stage.rows(sql`select * from foreign_batches`)).toHaveLength(1);
  });

  test('of the same size, made beside ours, does not keep ours from being found', async () => {
    const stage = await startWith(TEXTS);
    await foreign(stage, TEXTS.length);
    stage.claude.faults.add({ kind: 'lost_answer' });
    await stage.type();
    await stage.settle();
    await expectJudgedOnce(stage, 2);
  });

  test('a stranger in the first row does not make us give up our own', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({ kind: 'lost_answer' });
    stage.claude.faults.add({ kind: 'results_unknown_custom_id' });
    await stage.type();
    await stage.settle();
    await expectJudgedOnce(stage);
  });
});

describe('Claude says no for now', () => {
  test('a 429 is waited out for as long as it says', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '77' },
      method: 'POST',
      path: /batches$/,
    });
    await stage.type();
    const before = stage.clock.now();
    const next = await advanceRuns(stage.context);
    expect((next ?? 0) - before).toBeGreaterThanOrEqual(77_000);
    expect((next ?? 0) - before).toBeLessThan(80_000);
    await stage.settle();
    await expectJudgedOnce(stage);
  });

  test.each([{ kind: 'spend_cap' as const }, { kind: 'spend_limit_400' as const }])(
    'a spend limit ($kind) makes the run wait, is told once, and the run goes on by itself',
    async (fault) => {
      const stage = await startWith(TEXTS);
      stage.claude.faults.add({ ...fault, times: 4 });
      await stage.type();
      await stage.settle(() => stage.claude.calls.length === 2);
      expect(await stage.type('status')).toContain(
        '*It has to wait*: the spend limit at Anthropic is reached',
      );
      await stage.settle();
      expect(notices(stage)).toHaveLength(1);
      expect(notices(stage)[0]?.text).toMatch(/Nothing is lost\. Your Winnow admin can raise/);
      await expectJudgedOnce(stage);
    },
  );

  test('a key that is no longer good: told once, nothing lost, goes on with a good one', async () => {
    const stage = await startWith(TEXTS, { onDisk: true });
    const good = stage.context.claude;
    stage.context.claude = createClaude({ apiKey: 'sk-ant-revoked', baseUrl: stage.claude.url });
    await stage.type();
    await stage.settle(() => stage.claude.calls.length === 3);
    expect(notices(stage)).toHaveLength(1);
    expect(await states(stage)).toEqual(TEXTS.map(() => 'claimed'));
    stage.context.claude = good;
    await stage.settle();
    await expectJudgedOnce(stage);
  });

  test('an unreachable Claude: told once, and the run goes on when it is back', async () => {
    const stage = await startWith(TEXTS);
    const good = stage.context.claude;
    const away = await startStage();
    await away.claude.stop();
    stage.context.claude = createClaude({ apiKey: 'sk-ant-sim', baseUrl: away.claude.url });
    await stage.type();
    let tries = 0;
    await stage.settle(() => ++tries === 8);
    expect(notices(stage)).toHaveLength(1);
    expect(notices(stage)[0]?.text).toContain('Claude cannot be reached');
    expect(await stage.type('status')).toContain('*It has to wait*: Claude cannot be reached');
    stage.context.claude = good;
    stage.claude.holdBatches(true);
    await stage.settle(() => stage.claude.batches().length === 1);
    expect(await stage.type('status')).not.toContain('has to wait');
    stage.claude.holdBatches(false);
    await stage.settle();
    await expectJudgedOnce(stage);
  });
});
