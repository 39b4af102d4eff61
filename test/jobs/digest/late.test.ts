import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { sweep } from '../../../src/jobs/intake/sweep.ts';
import { type Stage, type StageOptions, startStage } from '../../harness.ts';
import { words } from '../../people/stage.ts';

/** Results that let wait for them: what is there is told, and what comes is filled in. */

/** As many as a batch of so small a run holds. */
const EARLY = 10;
const LATE = 10;
const MINUTE_MS = 60_000;

/** A run of two batches at Claude, who keeps both. The late messages need attention. */
async function begin(options: StageOptions = {}): Promise<Stage & { late: string[] }> {
  const stage = await startStage({ ...options, settings: { batchPollMs: MINUTE_MS } });
  await stage.connect();
  const { slack, channel, user, context } = stage;
  const post = (text: string) => slack.post({ channel, user, text, silent: true });
  for (let n = 0; n < EARLY; n++) post(`I love the new look of page ${n}`);
  const late = Array.from({ length: LATE }, (_, n) => post(`It crashes at step ${n}`));
  await sweep(context);
  stage.claude.holdBatches(true);
  await stage.type();
  await stage.settle(() => stage.claude.batches().length === 2);
  const sizes = stage.claude.batches().map(({ requests }) => requests.length);
  expect(sizes).toEqual([EARLY, LATE]);
  return Object.defineProperties({ late }, Object.getOwnPropertyDescriptors(stage)) as Stage & {
    late: string[];
  };
}

/** Claude is done with one of the batches: what looks urgent is in the first, which comes last here. */
const endBatch = ({ claude }: Stage, which: 'early' | 'late') =>
  claude.endBatch(claude.batches().at(which === 'late' ? -1 : 0)?.id);

const ofType = (stage: Stage, type: string) =>
  stage.posts().filter(({ metadata }) => metadata?.event_type === type);

const shown = (stage: Stage) => words(ofType(stage, 'winnow_digest').at(-1)?.blocks);

const openRuns = (stage: Stage) =>
  stage.rows(sql<{ published_at: number | null }>`select * from runs where ended_at is null`);

/** Lets so much time go by, with all that comes of it. */
async function pass(stage: Stage, ms: number): Promise<void> {
  const end = stage.clock.now() + ms;
  await stage.settle(() => stage.clock.now() >= end, 500);
}

const listed = (stage: Stage, ts: string[]) => {
  const posts = ['winnow_category', 'winnow_noise'].flatMap((type) => ofType(stage, type));
  const urls = posts.flatMap((post) => stage.slack.links(post).map(({ url }) => url));
  return ts.map((one) => urls.filter((url) => url.includes(`p${one.replace('.', '')}`)).length);
};

test('after half an hour what is there is told, with how many are missing, and then those', async () => {
  const stage = await begin();
  endBatch(stage, 'early');
  await pass(stage, 25 * MINUTE_MS);
  expect(shown(stage)).toContain(`Classifying: ${EARLY} of ${EARLY + LATE}`);
  expect(ofType(stage, 'winnow_category')).toEqual([]);

  await pass(stage, 10 * MINUTE_MS);
  expect(shown(stage)).toContain('Nothing needs attention so far.');
  expect(shown(stage)).toContain(`${LATE} still being classified: they are added here.`);
  expect(ofType(stage, 'winnow_category').length).toBeGreaterThan(0);
  expect(await openRuns(stage)).toHaveLength(1);
  // Nothing of it changes while nothing comes.
  const updates = stage.slack.callCounts.get('chat.update');
  await pass(stage, 60 * MINUTE_MS);
  expect(stage.slack.callCounts.get('chat.update')).toBe(updates);

  endBatch(stage, 'late');
  await stage.settle();
  expect(await openRuns(stage)).toEqual([]);
  expect(shown(stage)).toContain(`${LATE} need attention`);
  expect(shown(stage)).not.toContain('still being classified');
  expect(ofType(stage, 'winnow_digest')).toHaveLength(1);
  expect(ofType(stage, 'winnow_card')).toHaveLength(7);
  expect(listed(stage, stage.late)).toEqual(stage.late.map(() => 1));
});

test('with all of it there in time nothing is told in parts', async () => {
  const stage = await begin();
  endBatch(stage, 'early');
  await pass(stage, 20 * MINUTE_MS);
  endBatch(stage, 'late');
  await stage.settle();
  expect(shown(stage)).toContain(`${EARLY + LATE} messages`);
  const [run] = await stage.rows(
    sql<{ at_once: number }>`select published_at = ended_at as at_once from runs`,
  );
  expect(run?.at_once).toBe(1);
});

test('a summary in parts survives a restart in each, and people act on it meanwhile', async () => {
  const stage = await begin({ onDisk: true });
  const [first = ''] = await stage
    .rows(sql<{ ts: string }>`select ts from messages limit 1`)
    .then((rows) => rows.map(({ ts }) => ts));
  endBatch(stage, 'early');
  await pass(stage, 35 * MINUTE_MS);
  await stage.restart();
  await stage.connect();
  stage.slack.react({ channel: stage.channel, ts: first, user: stage.user, name: 'bug' });
  await stage.slack.idle();
  await pass(stage, MINUTE_MS);
  expect(shown(stage)).toContain(':bug: 1');
  expect(shown(stage)).toContain(`${LATE} still being classified`);
  endBatch(stage, 'late');
  await stage.step();
  await stage.restart();
  await stage.settle();
  expect(shown(stage)).toContain(`:bug: ${LATE + 1}`);
  expect(ofType(stage, 'winnow_digest')).toHaveLength(1);
  expect(ofType(stage, 'winnow_card')).toHaveLength(7);
  expect(listed(stage, [first, ...stage.late])).toEqual([1, ...stage.late.map(() => 1)]);
});

test('what is late can still be canceled: it is pending again, and said so', async () => {
  const stage = await begin();
  endBatch(stage, 'early');
  await pass(stage, 35 * MINUTE_MS);
  expect(await stage.type('cancel')).toMatch(/^Canceling the run\./);
  await pass(stage, MINUTE_MS);
  stage.claude.holdBatches(false);
  await stage.settle();
  expect(shown(stage)).toContain(`${EARLY} messages`);
  expect(shown(stage)).toContain(`${LATE} will be in the next run`);
  expect(shown(stage)).not.toContain('still being classified');
});

test('a post that cannot be made tells nothing of the parts either: all is for the next one', async () => {
  const stage = await begin();
  await stage.rows(sql`update outbox set state = 'dead', ended_at = 1 where key like 'digest-%'`);
  endBatch(stage, 'early');
  await pass(stage, 35 * MINUTE_MS);
  endBatch(stage, 'late');
  await stage.settle();
  expect(ofType(stage, 'winnow_category')).toEqual([]);
  expect(await stage.type()).toMatch(/results that no summary has shown/);
  await stage.settle();
  expect(shown(stage)).toContain(`${EARLY + LATE} messages`);
});
