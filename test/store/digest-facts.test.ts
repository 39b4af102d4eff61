import { expect, test } from 'vitest';
import { countUntold, readDigestFacts, takeUntold } from '../../src/store/digest-facts.ts';
import { keepDeletion } from '../../src/store/messages.ts';
import { MAX_TRIES } from '../../src/store/results.ts';
import type { Run } from '../../src/store/runs.ts';
import { again, CHANNEL, judged, MODEL, type Scene, START, startScene, ts } from './scene.ts';

/** Ends a run and tells of all that is untold, as publishing does. */
const tell = (scene: Scene, run: Run) =>
  scene.commit(async (tx) => {
    await takeUntold(tx, run);
    return readDigestFacts(tx, run, START + 60_000);
  });

async function judgeAll(scene: Scene, results: Parameters<Scene['take']>[1], withDigest = true) {
  const sent = await scene.submit({ withDigest });
  await scene.take(sent, results);
  await scene.close(sent.run);
  return sent.run;
}

test('a digest tells, in numbers counted by hand, of everything since the one before', async () => {
  const scene = await startScene();

  // An earlier digest told of two messages, for two times 17,500 nano-dollars.
  await scene.keep(1);
  await scene.keep(2);
  const first = await judgeAll(scene, [judged(1), judged(2)]);
  expect(await countUntold(scene.db, CHANNEL)).toBe(2);
  expect(await tell(scene, first)).toMatchObject({ total: 2, costUsd: 0.000035 });
  expect(await countUntold(scene.db, CHANNEL)).toBe(0);

  // A run without a digest: 3 is judged, 4 has no good answer. Two answers billed.
  await scene.keep(3);
  await scene.keep(4);
  const quiet = await judgeAll(
    scene,
    [judged(3, { category: 'praise' }), again(4, 'cut off')],
    false,
  );

  // The run of the digest: 4 is judged, 5 is flagged, 6 is deleted, 7 is noise, 8 has no good
  // answer, 9 dies of its last try, 2 was edited and is judged again. Six answers billed.
  for (const n of [5, 6, 7, 8, 9]) await scene.keep(n);
  await scene.db
    .updateTable('messages')
    .set({ tries: MAX_TRIES - 1 })
    .where('ts', '=', ts(9))
    .execute();
  await scene.keep(2, { text: 'edited', editedTs: ts(50) });
  const run = await judgeAll(scene, [
    judged(2, { category: 'question' }),
    judged(4),
    judged(5, { urgency: 'high', flagged: true, gist: 'All is lost' }),
    judged(7, { category: 'noise' }),
    again(8, 'expired', false),
    again(9, 'Claude declined to answer'),
    judged(6),
  ]);
  await scene.commit((tx) => keepDeletion(tx, { channel: CHANNEL, ts: ts(6) }, START));
  const facts = await tell(scene, run);

  const { messages, dead, countByCategory, ...numbers } = facts;
  expect(numbers).toEqual({
    channel: CHANNEL,
    run: run.id,
    startedAt: START,
    writtenAt: START + 60_000,
    requestedBy: 'U0ANA',
    model: MODEL,
    taxonomyVersion: 1,
    total: 5,
    flaggedTotal: 1,
    settledTotal: 0,
    stillOpenTotal: 0,
    stillOpen: [],
    deadTotal: 1,
    againTotal: 1,
    // Two answers of the quiet run, six of this one (8 expired: not billed).
    costUsd: (8 * 17_500) / 1e9,
  });
  expect(Object.fromEntries(countByCategory)).toEqual({
    bug: 2,
    praise: 1,
    question: 1,
    noise: 1,
  });
  expect(messages.map((message) => `${message.ts} ${message.category}`)).toEqual([
    `${ts(2)} question`,
    `${ts(3)} praise`,
    `${ts(4)} bug`,
    `${ts(5)} bug`,
    `${ts(7)} noise`,
  ]);
  expect(messages.find((message) => message.ts === ts(5))).toEqual({
    ts: ts(5),
    threadTs: null,
    author: 'U0ANA',
    authorName: null,
    text: '',
    category: 'bug',
    sentiment: 'neutral',
    urgency: 'high',
    gist: 'All is lost',
    flagged: true,
  });
  expect(dead).toEqual([
    { ts: ts(9), threadTs: null, text: 'message 9', reason: 'Claude declined to answer' },
  ]);
  expect(quiet.id).toBeLessThan(run.id);
});

test('what one digest told of, no other tells of again', async () => {
  const scene = await startScene();
  await scene.keep(1);
  const first = await judgeAll(scene, [judged(1)]);
  await tell(scene, first);
  await scene.keep(2);
  const second = await judgeAll(scene, [judged(2)]);
  const facts = await tell(scene, second);
  expect(facts.messages.map((message) => message.ts)).toEqual([ts(2)]);
});

test('a digest of nothing has no numbers but zero', async () => {
  const scene = await startScene();
  const run = await judgeAll(scene, []);
  expect(await tell(scene, run)).toMatchObject({
    total: 0,
    flaggedTotal: 0,
    deadTotal: 0,
    againTotal: 0,
    costUsd: 0,
    messages: [],
  });
});

test('a cost of which a part is unknown is unknown', async () => {
  const scene = await startScene();
  await scene.keep(1);
  await scene.keep(2);
  const unpriced = judged(2);
  const cost = { inputTokens: 1, outputTokens: 1, nanoUsd: null };
  const run = await judgeAll(scene, [judged(1), { ...unpriced, cost }]);
  expect((await tell(scene, run)).costUsd).toBeNull();
});

test('a message edited after its verdict is not told of until it is judged again', async () => {
  const scene = await startScene();
  await scene.keep(1);
  const run = await judgeAll(scene, [judged(1)]);
  await scene.keep(1, { text: 'better', editedTs: ts(50) });
  expect(await tell(scene, run)).toMatchObject({ total: 0, messages: [] });
});
