import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { startClaiming } from '../../../src/jobs/runs/claim.ts';
import { listOpenRuns } from '../../../src/store/runs/runs.ts';
import { type Stage, startWith } from '../../harness.ts';

/** The process goes away between any two stages of a run, and another one finishes it. */

const TEXTS = ['It crashes when I save', 'I love the new look', 'How do I export?'];

type Reached = (stage: Stage) => Promise<void>;

const untilBatch =
  (wanted: string): Reached =>
  async (stage) => {
    for (let round = 0; round < 20; round++) {
      await stage.step();
      const [row] = await stage.rows(sql<{ stage: string }>`select stage from batches`);
      if (row?.stage === wanted) return;
      stage.clock.jump(2000);
    }
    throw new Error(`no batch came to ${wanted}`);
  };

const STAGES: [string, Reached][] = [
  ['before anything was done', async () => {}],
  [
    'while it claims',
    async ({ context }) => {
      for (const run of await listOpenRuns(context.db)) {
        await context.db.transaction().execute(await startClaiming(context, run));
      }
    },
  ],
  [
    'while its answer is under way, the batch not made',
    async (stage) => {
      stage.claude.faults.add({ kind: 'cut', method: 'POST', path: /batches$/ });
      await untilBatch('submitting')(stage);
    },
  ],
  [
    'while its answer is under way, the batch made',
    async (stage) => {
      stage.claude.faults.add({ kind: 'lost_answer' });
      await untilBatch('submitting')(stage);
    },
  ],
  [
    'while Claude works',
    async (stage) => {
      stage.claude.holdBatches(true);
      await untilBatch('submitted')(stage);
      stage.claude.holdBatches(false);
    },
  ],
  [
    'in the middle of the results',
    async (stage) => {
      stage.claude.faults.add({ kind: 'results_cut', afterRows: 2 });
      await untilBatch('ended')(stage);
    },
  ],
  [
    'when all is judged and nothing posted',
    async (stage) => {
      stage.slack.faults.add({ method: 'chat.postMessage', kind: 'rate_limit', retryAfter: 60 });
      stage.slack.faults.add({
        method: 'reactions.add',
        kind: 'rate_limit',
        retryAfter: 60,
        times: 3,
      });
      await untilBatch('collected')(stage);
    },
  ],
  [
    'while its receipt is being posted, and is',
    async (stage) => {
      stage.slack.faults.add({ method: 'chat.postMessage', kind: 'cut', when: 'after' });
      await stage.step();
    },
  ],
  [
    'while its receipt is being posted, and is not',
    async (stage) => {
      stage.slack.faults.add({ method: 'chat.postMessage', kind: 'cut' });
      await untilBatch('collected')(stage);
    },
  ],
  [
    'while its receipt is to show how far it is',
    async (stage) => {
      stage.claude.holdBatches(true);
      stage.slack.faults.add({ method: 'chat.update', kind: 'rate_limit', retryAfter: 60 });
      await stage.settle(() => stage.slack.callCounts.has('chat.update'));
      stage.claude.holdBatches(false);
    },
  ],
  [
    'while its receipt becomes the summary',
    async (stage) => {
      stage.slack.faults.add({ method: 'chat.update', kind: 'cut', when: 'after', times: 9 });
      await untilBatch('collected')(stage);
      await stage.settle(() => stage.slack.callCounts.has('chat.update'));
      stage.slack.faults.clear();
    },
  ],
  [
    'when its summary is written and its cards are not',
    async (stage) => {
      const allow = await stage.refuseInserts('cards');
      await untilBatch('collected')(stage).catch(() => {});
      expect(await stage.rows(sql`select * from runs where ended_at is not null`)).toHaveLength(1);
      await allow();
    },
  ],
  [
    'when it is to lead to its lists',
    async (stage) => {
      const posted = () =>
        stage.posts().some(({ metadata }) => metadata?.event_type === 'winnow_category');
      await stage.settle(posted);
    },
  ],
];

test.each(STAGES)('%s', async (_when, reach) => {
  const stage = await startWith(TEXTS, { onDisk: true });
  await stage.type();
  await reach(stage);
  await stage.restart();
  await stage.settle();

  expect(stage.claude.batches()).toHaveLength(1);
  expect(stage.sent.map((ts) => stage.reactionsOf(ts))).toEqual([
    ['bug', 'triangular_flag_on_post'],
    ['tada'],
    ['question'],
  ]);
  const digests = stage.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest');
  expect(digests).toHaveLength(1);
  expect(digests[0]?.text).toContain('1 needs attention');
  // To what needs attention, three lists, and praise; and each list once.
  expect(digests[0] && stage.slack.links(digests[0])).toHaveLength(5);
  expect(stage.posts()).toHaveLength(1 + 1 + 3);
  const keys = stage.posts().map(({ metadata }) => JSON.stringify(metadata));
  expect(new Set(keys).size).toBe(keys.length);
  expect(await stage.rows(sql`select * from verdicts`)).toHaveLength(3);
});
