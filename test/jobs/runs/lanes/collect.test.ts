import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { createClaude } from '../../../../src/claude/batches.ts';
import { type Stage, startStage, startWith } from '../../../harness.ts';

/** Every result reaches its message, however its stream breaks and whatever is in it. */

const TEXTS = ['It crashes when I save', 'I love the new look', 'How do I export?', 'Slow as ever'];

const rows = (stage: Stage) =>
  stage.rows(
    sql<{ state: string; tries: number; trouble: string | null; text: string }>`
      select state, tries, trouble, text from messages where deleted_at is null order by ts`,
  );
const states = async (stage: Stage) => (await rows(stage)).map(({ state }) => state);
const ALL_JUDGED = TEXTS.map(() => 'judged');

/** What we think we were billed is what Claude has billed. */
async function expectBilledOnce(stage: Stage): Promise<void> {
  const state = await (await fetch(`${stage.claude.url}/sim/state`)).json();
  const { input, cache_read, cache_written, output } = (
    state as { tokens: Record<'input' | 'cache_read' | 'cache_written' | 'output', number> }
  ).tokens;
  const [batch] = await stage.rows(
    sql<{ input: number; output: number; nano: number }>`
      select sum(input_tokens) input, sum(output_tokens) output, sum(nano_usd) nano from
        (select input_tokens, output_tokens, nano_usd from batches
          union all select input_tokens, output_tokens, nano_usd from groupings) as billed`,
  );
  expect(batch).toMatchObject({ input: input + cache_read + cache_written, output });
  expect(batch?.nano).toBeGreaterThan(0);
}
const verdicts = async (stage: Stage) => (await stage.rows(sql`select id from verdicts`)).length;
const reads = (stage: Stage) =>
  stage.claude.calls.filter(({ path }) => path.endsWith('/results')).length;

async function run(stage: Stage): Promise<void> {
  await stage.type();
  await stage.settle();
}

describe('a stream that breaks is read again from its start, and every row is taken once', () => {
  test.each([
    { kind: 'results_cut' as const, afterRows: 2 },
    { kind: 'results_cut' as const, afterRows: 0 },
    { kind: 'results_short' as const, rows: 3 },
    { kind: 'results_short' as const, rows: 0 },
    { kind: 'results_broken_line' as const, atRow: 1 },
  ])('$kind, five times over', async (fault) => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({ ...fault, times: 5 });
    await run(stage);
    expect(await states(stage)).toEqual(ALL_JUDGED);
    expect(await verdicts(stage)).toBe(4);
    await expectBilledOnce(stage);
    expect(reads(stage)).toBe(6);
    expect(stage.claude.batches()).toHaveLength(1);
    expect(
      stage.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest'),
    ).toHaveLength(1);
  });

  test('short by one row and with another twice: no row is missed for that', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({ kind: 'results_duplicate_row', atRow: 0 });
    await run(stage);
    expect(await states(stage)).toEqual(ALL_JUDGED);
    expect(await verdicts(stage)).toBe(4);
    await expectBilledOnce(stage);
  });

  test('rows that nobody asked for are passed over and logged', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({ kind: 'results_unknown_custom_id', atRow: 2 });
    await run(stage);
    expect(await states(stage)).toEqual(ALL_JUDGED);
    expect(stage.logs).toContainEqual(expect.objectContaining({ level: 'warn', strangers: 1 }));
  });

  test('a stream that stalls is given up by the watchdog, and read again', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({ kind: 'results_stall', afterRows: 2 });
    const stalled = Promise.withResolvers<void>();
    stage.context.claude = stage.context.claude.withOptions({
      async fetch(url, init) {
        const response = await fetch(url, init);
        if (!String(url).endsWith('/results')) return response;
        const seen = new TransformStream({
          transform(chunk, controller) {
            controller.enqueue(chunk);
            setImmediate(stalled.resolve);
          },
        });
        return new Response(response.body?.pipeThrough(seen) ?? null, response);
      },
    });
    await stage.type();
    const settled = stage.settle();
    await stalled.promise;
    // The first time the watchdog looks it sees that rows have come, the second time that none has.
    for (let look = 0; look < 2; look++) {
      stage.clock.fire(60_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await settled;
    expect(await states(stage)).toEqual(ALL_JUDGED);
    expect(reads(stage)).toBe(2);
  });

  test('one that never gets through gives back the rest, which the next run judges', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({ kind: 'results_cut', afterRows: 2, times: 6 });
    await run(stage);
    expect((await states(stage)).sort()).toEqual(['judged', 'judged', 'pending', 'pending']);
    expect((await rows(stage)).every(({ tries }) => tries === 0)).toBe(true);
    await run(stage);
    expect(await states(stage)).toEqual(ALL_JUDGED);
    expect(await verdicts(stage)).toBe(4);
  });
});

describe('what has been paid for is not given up', () => {
  test('when Claude is away for hours just then', async () => {
    const stage = await startWith(TEXTS);
    const good = stage.context.claude;
    const away = await startStage();
    await away.claude.stop();
    stage.claude.faults.add({ kind: 'status', status: 503, path: /results$/, times: 10 });
    await stage.type();
    await stage.settle(() => reads(stage) === 10);
    stage.context.claude = createClaude({ apiKey: 'sk-ant-sim', baseUrl: away.claude.url });
    let rounds = 0;
    const before = stage.clock.now();
    await stage.settle(() => ++rounds === 20);
    expect(stage.clock.now() - before).toBeGreaterThan(15_000);
    stage.context.claude = good;
    await stage.settle();
    expect(await states(stage)).toEqual(ALL_JUDGED);
    expect(stage.claude.batches()).toHaveLength(1);
  });

  test('when the key is refused just then: the asker is told, and it goes on with a good one', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({ kind: 'status', status: 401, path: /results$/, times: 8 });
    // The tries of the outage are not counted as broken streams.
    stage.claude.faults.add({ kind: 'results_short', rows: 1, times: 3 });
    await run(stage);
    expect(await states(stage)).toEqual(ALL_JUDGED);
    expect(stage.claude.batches()).toHaveLength(1);
    const published = stage.slack.ephemerals(stage.user).filter(({ text }) => text.includes('401'));
    expect(published).toHaveLength(1);
  });

  test('but results that are gone for good give their messages back', async () => {
    const stage = await startWith(TEXTS);
    stage.claude.faults.add({ kind: 'status', status: 404, path: /results$/, times: 6 });
    await run(stage);
    expect(await states(stage)).toEqual(TEXTS.map(() => 'pending'));
  });
});

describe('an answer that is no good', () => {
  test.each([
    { outcome: 'errored' as const, errorType: 'api_error' },
    { outcome: 'errored' as const, errorType: 'overloaded_error' },
    { outcome: 'expired' as const },
    { outcome: 'canceled' as const },
  ])(
    'by no fault of the message ($outcome $errorType) is tried again without end',
    async (fault) => {
      const stage = await startWith(TEXTS);
      stage.claude.faults.addItem({ ...fault, match: (_id, text) => text.includes('crashes') });
      for (let round = 0; round < 4; round++) await run(stage);
      expect(await states(stage)).toEqual(['pending', 'judged', 'judged', 'judged']);
      stage.claude.faults.clear();
      await run(stage);
      expect(await states(stage)).toEqual(ALL_JUDGED);
    },
  );

  test.each([
    { outcome: 'errored' as const, errorType: 'invalid_request_error' },
    { outcome: 'refusal' as const },
    { outcome: 'max_tokens' as const },
    { outcome: 'not_json' as const },
    { outcome: 'wrong_schema' as const },
  ])(
    'by the message’s fault ($outcome $errorType) makes it dead after three tries, with its reason in the digest',
    async (fault) => {
      const stage = await startWith(TEXTS);
      stage.claude.faults.addItem({ ...fault, match: (_id, text) => text.includes('crashes') });
      for (let round = 0; round < 3; round++) await run(stage);
      expect(await states(stage)).toEqual(['dead', 'judged', 'judged', 'judged']);
      const dead = stage.posts().find(({ metadata }) => metadata?.event_type === 'winnow_dead');
      const [{ trouble } = { trouble: null }] = await rows(stage);
      expect(trouble).toBeTruthy();
      expect(JSON.stringify(dead?.blocks)).toContain('It crashes when I save');
      expect(JSON.stringify(dead?.blocks)).toContain(trouble ?? '?');
      expect(await stage.type()).toMatch(/^Nothing is pending/);
    },
  );

  test.each([{ outcome: 'thinking_first' as const }, { outcome: 'enum_case' as const }])(
    '$outcome is good enough',
    async (fault) => {
      const stage = await startWith(TEXTS);
      stage.claude.faults.addItem({ ...fault, match: () => true });
      await run(stage);
      expect(await states(stage)).toEqual(ALL_JUDGED);
    },
  );
});

describe('a message that changes while it is being judged', () => {
  async function judging(): Promise<Stage & { sent: string[] }> {
    const stage = await startWith(TEXTS);
    stage.claude.holdBatches(true);
    await stage.type();
    await stage.settle(() => stage.claude.batches().length === 1);
    return stage;
  }

  test('edited: the verdict on its old text is not taken, and the next run judges the new one', async () => {
    const stage = await judging();
    const [ts = ''] = stage.sent;
    stage.slack.edit({ channel: stage.channel, ts, text: 'I love it after all' });
    await stage.slack.idle();
    stage.claude.holdBatches(false);
    await stage.settle();
    expect(await states(stage)).toEqual(['pending', 'judged', 'judged', 'judged']);
    expect(stage.reactionsOf(ts)).toEqual([]);
    await run(stage);
    expect(stage.reactionsOf(ts)).toEqual(['tada']);
  });

  test('deleted: it is in no digest', async () => {
    const stage = await judging();
    stage.slack.delete({ channel: stage.channel, ts: stage.sent[0] ?? '' });
    await stage.slack.idle();
    stage.claude.holdBatches(false);
    await stage.settle();
    expect(await states(stage)).toEqual(['judged', 'judged', 'judged']);
    expect(JSON.stringify(stage.posts())).not.toContain('crashes');
    expect(stage.posts()[0]?.text).toContain('3 messages');
  });

  test('all deleted: its post says that there is nothing to tell, and why', async () => {
    const stage = await judging();
    for (const ts of stage.sent) stage.slack.delete({ channel: stage.channel, ts });
    await stage.slack.idle();
    stage.claude.holdBatches(false);
    await stage.settle();
    expect(stage.posts()).toHaveLength(1);
    expect(stage.posts()[0]?.text).toMatch(/have been deleted meanwhile/);
  });

  test('all deleted before anything was sent: nothing is spent', async () => {
    const stage = await startWith(TEXTS);
    await stage.type();
    for (const ts of stage.sent) stage.slack.delete({ channel: stage.channel, ts });
    await stage.slack.idle();
    await stage.settle();
    expect(stage.claude.batches()).toEqual([]);
    expect(stage.posts()).toHaveLength(1);
    expect(stage.posts()[0]?.text).toMatch(/have been deleted meanwhile/);
  });
});
