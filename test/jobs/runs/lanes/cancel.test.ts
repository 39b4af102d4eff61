import { expect, test } from 'vitest';
import { startStage } from '../../../harness.ts';
import { interfere } from '../../../interfere.ts';

/** `/classify-feedback cancel`: what is done is kept, the rest is pending again, nothing is lost. */

async function begin(messages: number) {
  const stage = await startStage();
  const { slack, claude, channel, user } = stage;
  await stage.connect();
  for (let n = 0; n < messages; n++) {
    slack.post({ channel, user, text: `The export of report ${n} crashes.` });
  }
  await slack.idle();
  claude.holdBatches(true);
  await stage.type();
  return stage;
}

const states = async ({ context }: Awaited<ReturnType<typeof begin>>) => {
  const rows = await context.db
    .selectFrom('messages')
    .select((eb) => ['state', eb.fn.countAll<number>().as('n')])
    .groupBy('state')
    .execute();
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
};

test('a run at Claude is ended there; what was done is summed up, the rest is pending', async () => {
  const stage = await begin(6);
  const { slack, claude, channel } = stage;
  await stage.step();
  const [batch] = claude.batches();
  if (!batch) throw new Error('no batch was made');
  claude.progressBatch(batch.id, 2);

  expect(await stage.type('cancel')).toMatch(/^Canceling the run\./);
  expect(await stage.type('cancel')).toMatch(/already being canceled/);
  expect(await stage.type('status')).toMatch(/being canceled/);
  await stage.step();
  claude.holdBatches(false);
  await stage.settle();

  expect(await states(stage)).toEqual({ judged: 2, pending: 4 });
  const digests = slack
    .messages(channel)
    .filter(({ metadata }) => metadata?.event_type === 'winnow_digest');
  expect(digests).toHaveLength(1);
  expect(digests[0]?.text).toContain('2 messages');

  await stage.type();
  await stage.settle();
  expect(await states(stage)).toEqual({ judged: 6 });
  expect(claude.batches().map(({ requests }) => requests.length)).toEqual([4, 6]);
});

test('a run that was not sent yet is given back without a call', async () => {
  const stage = await begin(3);
  expect(await stage.type('cancel')).toMatch(/^Canceling the run\./);
  await stage.settle();
  expect(stage.claude.batches()).toEqual([]);
  expect(await states(stage)).toEqual({ pending: 3 });
  expect(stage.posts()[0]?.text).toMatch(/^Canceled by ana .* nothing to summarize\.$/);
  expect(stage.posts()).toHaveLength(1);
});

test('a batch whose submission was not answered is found first, and then canceled', async () => {
  const stage = await begin(3);
  const { claude } = stage;
  claude.faults.add({ kind: 'lost_answer', method: 'POST', path: /batches$/ });
  await stage.step();
  await stage.type('cancel');
  claude.holdBatches(false);
  await stage.settle();
  expect(claude.batches()).toHaveLength(1);
  expect(stage.claude.calls.some(({ path }) => path.endsWith('/cancel'))).toBe(true);
});

test.each(['canceled_by', 'hurried_at'])(
  'a run that is ended while Claude takes its batch waits for no poll: %s',
  async (column) => {
    const stage = await begin(3);
    const { claude, clock } = stage;
    await interfere(stage.context.db, {
      on: 'before update of stage on batches',
      when: `new.stage = 'submitted'`,
      act: `update runs set ${column} = '${clock.now()}' where id = new.run`,
    });
    await stage.step();
    expect(claude.batches()).toHaveLength(1);
    await stage.step();
    expect(claude.batches()[0]?.status).toBe('canceling');
  },
);

test('a batch that has ended meanwhile is taken as it is', async () => {
  const stage = await begin(3);
  const { claude } = stage;
  await stage.step();
  claude.endBatch();
  await stage.type('cancel');
  await stage.settle();
  expect(await states(stage)).toEqual({ judged: 3 });
});

test('with nothing going there is nothing to cancel', async () => {
  const stage = await startStage();
  await stage.connect();
  expect(await stage.type('cancel')).toMatch(/^No run is in progress/);
});
