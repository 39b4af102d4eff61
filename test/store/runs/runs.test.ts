import { describe, expect, test } from 'vitest';
import { joinChannel } from '../../../src/store/intake/channels.ts';
import { markDeleted } from '../../../src/store/intake/messages.ts';
import {
  beginSubmission,
  listBatches,
  listKnownClaudeIds,
  measureBatch,
  openBatch,
  recordForeignBatch,
  updateBatch,
} from '../../../src/store/runs/batches.ts';
import { claimMessages } from '../../../src/store/runs/claims.ts';
import { readRequestedMessages } from '../../../src/store/runs/requested.ts';
import {
  findLastRun,
  findOpenRun,
  listOpenRuns,
  openRun,
  type Run,
} from '../../../src/store/runs/runs.ts';
import { CHANNEL, judged, again as noAnswer, type Scene, START, startScene, ts } from '../scene.ts';

/** Claims chunk by chunk until nothing is left; the chunks as counts. */
async function claimAll(scene: Scene, run: Run, chunk: number): Promise<number[]> {
  const counts: number[] = [];
  for (;;) {
    const batch = await scene.commit((tx) => openBatch(tx, run.id, 'batch', START));
    const { messages } = await scene.commit((tx) =>
      claimMessages(tx, run, batch.id, { limit: chunk, look: () => 0 }),
    );
    if (messages === 0) return counts;
    counts.push(messages);
  }
}

const states = async (scene: Scene) => {
  const rows = await scene.db.selectFrom('messages').select('state').orderBy('ts').execute();
  return rows.map(({ state }) => state).join(' ');
};

const remove = (scene: Scene, n: number) =>
  scene.commit((tx) => markDeleted(tx, { channel: CHANNEL, ts: ts(n) }, START));

describe('a run', () => {
  test('is the only open one of its channel', async () => {
    const scene = await startScene();
    const run = await scene.open();
    const { id: _id, ...rest } = run;
    const request = {
      channel: CHANNEL,
      cause: 'schedule' as const,
      requestedBy: null,
      withDigest: true,
      taxonomyVersion: rest.taxonomy_version,
      model: rest.model,
      lane: { lane: 'batch' as const, reason: 'half price' as const },
      dueAt: null,
      expected: { messages: 0, usd: 0 },
    };
    expect(await scene.commit((tx) => openRun(tx, request, START))).toBeUndefined();
    expect(await findOpenRun(scene.db, CHANNEL)).toEqual(run);
    await scene.close(run);
    expect(await findOpenRun(scene.db, CHANNEL)).toBeUndefined();
    const next = await scene.commit((tx) => openRun(tx, request, START));
    expect(next?.id).toBeGreaterThan(run.id);
    expect((await findLastRun(scene.db, CHANNEL))?.id).toBe(run.id);
  });

  test('of one channel does not keep another channel waiting', async () => {
    const scene = await startScene();
    await scene.commit((tx) => joinChannel(tx, 'C0OTHER', { invitedBy: null, at: START }));
    const first = await scene.open();
    const second = await scene.open({ channel: 'C0OTHER' });
    expect((await listOpenRuns(scene.db)).map(({ id }) => id)).toEqual([first.id, second.id]);
  });
});

describe('claiming', () => {
  test('takes every pending message once, oldest first, chunk by chunk', async () => {
    const scene = await startScene();
    for (const n of [5, 3, 1, 4, 2]) await scene.keep(n);
    const run = await scene.open();
    expect(await claimAll(scene, run, 2)).toEqual([2, 2, 1]);
    const [first] = await listBatches(scene.db, run.id);
    const messages = await readRequestedMessages(scene.db, first?.id ?? 0);
    expect(messages.map((message) => message.ts)).toEqual([ts(1), ts(2)]);
    expect(await states(scene)).toBe('claimed claimed claimed claimed claimed');
  });

  test('leaves what is collected after the run was opened to the next', async () => {
    const scene = await startScene();
    await scene.keep(1, {}, START);
    const run = await scene.open({}, START + 5);
    await scene.keep(2, {}, START + 10);
    expect(await claimAll(scene, run, 10)).toEqual([1]);
    expect(await states(scene)).toBe('claimed pending');
  });

  test('passes over what is deleted, judged or of another channel', async () => {
    const scene = await startScene();
    await scene.commit((tx) => joinChannel(tx, 'C0OTHER', { invitedBy: null, at: START }));
    await scene.keep(1);
    const sent = await scene.submit();
    await scene.take(sent, [judged(1)]);
    await scene.close(sent.run);
    await scene.keep(2);
    await remove(scene, 2);
    await scene.keep(3, { channel: 'C0OTHER' });
    await scene.keep(4);
    expect(await claimAll(scene, await scene.open(), 10)).toEqual([1]);
    expect(await scene.message(4)).toMatchObject({ state: 'claimed' });
  });

  test('does not take again what the same run gave back', async () => {
    const scene = await startScene();
    await scene.keep(1);
    const sent = await scene.submit();
    await scene.take(sent, [noAnswer(1, 'expired', false)]);
    expect(await claimAll(scene, sent.run, 10)).toEqual([]);
    await scene.close(sent.run);
    expect(await claimAll(scene, await scene.open(), 10)).toEqual([1]);
  });

  test('tells how much text was claimed', async () => {
    const scene = await startScene();
    await scene.keep(1, { text: 'four' });
    await scene.keep(2, { text: 'seven!!' });
    const run = await scene.open();
    const claimed = await scene.commit(async (tx) =>
      claimMessages(tx, run, (await openBatch(tx, run.id, 'batch', START)).id, {
        limit: 10,
        look: () => 0,
      }),
    );
    expect(claimed).toEqual({ messages: 2, characters: 11 });
  });
});

describe('right before a batch is submitted', () => {
  const fill = async (scene: Scene) => {
    const run = await scene.open();
    const batch = await scene.commit((tx) => openBatch(tx, run.id, 'batch', START));
    await scene.commit((tx) => claimMessages(tx, run, batch.id, { limit: 10, look: () => 0 }));
    return { run, batch };
  };

  test('messages deleted meanwhile are left out, of this batch alone', async () => {
    const scene = await startScene();
    for (const n of [1, 2, 3]) await scene.keep(n);
    const { run, batch } = await fill(scene);
    await scene.keep(4);
    await scene.db
      .updateTable('runs')
      .set({ claim_until: START + 100 })
      .execute();
    const other = await scene.commit((tx) => openBatch(tx, run.id, 'batch', START));
    await scene.commit((tx) => claimMessages(tx, run, other.id, { limit: 10, look: () => 0 }));
    await remove(scene, 2);
    await remove(scene, 4);
    await scene.commit((tx) => beginSubmission(tx, batch, START + 50));
    const messages = await readRequestedMessages(scene.db, batch.id);
    expect(messages.map((message) => message.ts)).toEqual([ts(1), ts(3)]);
    expect(await measureBatch(scene.db, other.id)).toMatchObject({ messages: 1 });
    expect((await listBatches(scene.db, run.id))[0]).toMatchObject({
      stage: 'submitting',
      submitted_at: START + 50,
    });
  });

  test('texts edited meanwhile are sent as they are now, and their verdicts taken', async () => {
    const scene = await startScene();
    await scene.keep(1);
    const filled = await fill(scene);
    await scene.keep(1, { text: 'better', editedTs: ts(99) });
    await scene.commit((tx) => beginSubmission(tx, filled.batch, START));
    expect(await readRequestedMessages(scene.db, filled.batch.id)).toEqual([
      { ts: ts(1), text: 'better', author: 'U0ANA', authorName: null, revision: 2 },
    ]);
    await scene.take(filled, [judged(1)]);
    expect(await scene.message(1)).toMatchObject({ state: 'judged' });
  });
});

test('a batch tells its size and how much of it is unanswered', async () => {
  const scene = await startScene();
  await scene.keep(1, { text: 'abc' });
  await scene.keep(2, { text: 'de' });
  const sent = await scene.submit();
  await scene.take(sent, [judged(1)]);
  expect(await measureBatch(scene.db, sent.batch.id)).toEqual({
    messages: 2,
    characters: 5,
    unanswered: 1,
  });
});

test('a batch of somebody else is known as one, as are our own', async () => {
  const scene = await startScene();
  const { batch } = await scene.submit();
  expect(await listKnownClaudeIds(scene.db)).toEqual(new Set());
  await updateBatch(scene.db, batch.id, { claude_id: 'msgbatch_ours' });
  for (const _twice of [1, 2]) {
    await scene.commit((tx) => recordForeignBatch(tx, 'msgbatch_theirs'));
  }
  expect(await listKnownClaudeIds(scene.db)).toEqual(new Set(['msgbatch_ours', 'msgbatch_theirs']));
});
