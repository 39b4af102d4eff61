import { expect, test } from 'vitest';
import type { About } from '../../../src/core/digest/digest.ts';
import { MAX_TRIES } from '../../../src/core/runs/outcome.ts';
import { readDigestFacts } from '../../../src/store/digest/facts.ts';
import { readPublished } from '../../../src/store/digest/lists.ts';
import type { Scope } from '../../../src/store/digest/pages.ts';
import {
  countUnpublished,
  hasStillOpen,
  publishNext,
} from '../../../src/store/digest/published.ts';
import { beginWriting } from '../../../src/store/digest/stale.ts';
import { markDeleted } from '../../../src/store/intake/messages.ts';
import { findRun, type Run } from '../../../src/store/runs/runs.ts';
import { again, CHANNEL, judged, MODEL, type Scene, START, startScene, ts } from '../scene.ts';

const READING = { now: START + 60_000, timeZone: 'UTC' };

/** Tells of all that is untold and ends the run, as publishing does. */
async function tell(scene: Scene, run: Run) {
  return scene.commit(async (tx) => {
    while ((await publishNext(tx, run)) > 0);
    const open = (await findRun(tx, run.id)) ?? run;
    const ended = { ...open, ended_at: READING.now };
    const { about, ...facts } = await readDigestFacts(tx, { kind: 'run', run: ended }, READING);
    const { lists, dead } = await readPublished(tx, run);
    const messages = [...lists.values()].flatMap((ranks) => [...ranks.values()].flat());
    await beginWriting(tx, open, { end: true, publish: true }, READING.now);
    return { ...facts, ...(about as Extract<About, { kind: 'run' }>), messages, dead };
  });
}

async function judgeAll(scene: Scene, results: Parameters<Scene['take']>[1], withDigest = true) {
  const sent = await scene.submit({ withDigest });
  await scene.take(sent, results);
  if (!withDigest) await scene.close(sent.run);
  return sent.run;
}

test('a digest tells, in numbers counted by hand, of everything since the one before', async () => {
  const scene = await startScene();

  // An earlier digest told of two messages, for two times 17,500 nano-dollars.
  await scene.keep(1);
  await scene.keep(2);
  const first = await judgeAll(scene, [judged(1), judged(2)]);
  expect(await countUnpublished(scene.db, CHANNEL)).toBe(2);
  expect(await tell(scene, first)).toMatchObject({ total: 2, costUsd: 0.000035 });
  expect(await countUnpublished(scene.db, CHANNEL)).toBe(0);

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
  await scene.commit((tx) => markDeleted(tx, { channel: CHANNEL, ts: ts(6) }, START));
  const facts = await tell(scene, run);

  const { messages, dead, countByCategory, before, days, dailyCounts, attention, ...numbers } =
    facts;
  expect(numbers).toEqual({
    channel: CHANNEL,
    kind: 'run',
    run: run.id,
    startedAt: START,
    endedAt: READING.now,
    writtenAt: READING.now,
    requestedBy: 'U0ANA',
    model: MODEL,
    taxonomyVersion: 1,
    total: 5,
    settledTotal: 0,
    deadTotal: 1,
    goneEmoji: [],
    againTotal: 1,
    awaitedTotal: 0,
    paidTwice: 0,
    praise: [],
    themes: [],
    topics: [],
    merges: [],
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
    also: null,
    copies: [],
    ts: ts(5),
    threadTs: null,
    text: '',
    category: 'bug',
    urgency: 'high',
    gist: 'All is lost',
    flagged: true,
  });
  expect(attention).toEqual({
    fresh: 1,
    earlier: 0,
    unclaimed: 1,
    oldestAt: START,
    flags: [
      {
        ts: ts(5),
        threadTs: null,
        text: '',
        category: 'bug',
        gist: 'All is lost',
        state: 'open',
        by: null,
        claimEndedOf: null,
        openedAt: START,
      },
    ],
  });
  // The one before had told of two bugs; one of them is told here now.
  expect(before).toEqual({
    span: { from: START, to: READING.now },
    countByCategory: new Map([['bug', 1]]),
  });
  expect(days).toHaveLength(14);
  expect(Object.fromEntries([...dailyCounts].map(([key, counts]) => [key, counts.at(-1)]))).toEqual(
    {
      bug: 3,
      praise: 1,
      question: 1,
    },
  );
  expect(dead).toEqual([
    {
      ts: ts(9),
      threadTs: null,
      text: 'message 9',
      copies: [],
      reason: 'Claude declined to answer',
    },
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
    attention: { fresh: 0, earlier: 0, flags: [] },
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

test('what needs attention most comes first, and the surest praise', async () => {
  const scene = await startScene();
  for (let n = 1; n <= 9; n++) await scene.keep(n);
  const praise = { category: 'praise', sentiment: 'positive' as const };
  const run = await judgeAll(scene, [
    judged(1, { urgency: 'low', flagged: true }),
    judged(2, { urgency: 'medium', flagged: true }),
    judged(3, { urgency: 'high', flagged: true }),
    judged(4, { urgency: 'high', flagged: true }),
    judged(5, { ...praise, confidence: 0.7 }),
    judged(6, { ...praise, confidence: 0.9 }),
    judged(7, { ...praise, confidence: 0.9 }),
    // Neither noise nor what needs attention is passed on.
    judged(8, { ...praise, category: 'noise', confidence: 1 }),
    judged(9, { ...praise, urgency: 'medium', flagged: true, confidence: 1 }),
  ]);
  const { attention, praise: shown } = await tell(scene, run);
  expect(attention.flags.map((one) => one.ts)).toEqual([ts(3), ts(4), ts(9), ts(2)]);
  expect(shown.map((one) => one.ts)).toEqual([ts(7)]);
});

test('praise that says what is good comes before a surer word', async () => {
  const scene = await startScene();
  await scene.keep(1, { text: 'Great' });
  await scene.keep(2, { text: 'The weekly recap is loved by parents' });
  await scene.keep(3, { bot: 'B0DESK', text: 'Thanks' });
  const praise = { category: 'praise', sentiment: 'positive' as const };
  const run = await judgeAll(scene, [
    judged(1, { ...praise, confidence: 1 }),
    judged(2, { ...praise, confidence: 0.6 }),
    judged(3, { ...praise, confidence: 0.9 }),
  ]);
  const { praise: shown } = await tell(scene, run);
  expect(shown.map((one) => one.ts)).toEqual([ts(2)]);
});

test('numbers are added up, and the first found, over any number of pages', async () => {
  const scene = await startScene();
  const many = Array.from({ length: 2100 }, (_, n) => n + 1);
  for (const n of many) await scene.keep(n);
  const sent = await scene.submit();
  for (let start = 0; start < many.length; start += 500) {
    const some = many.slice(start, start + 500);
    await scene.take(
      sent,
      some.map((n) =>
        judged(n, {
          category: n % 3 ? 'bug' : 'praise',
          sentiment: n % 3 ? 'negative' : 'positive',
          confidence: n === 1500 ? 1 : 0.5,
          urgency: n === 2000 ? 'high' : 'low',
          flagged: n % 1000 === 0,
        }),
      ),
    );
  }
  const facts = await tell(scene, sent.run);
  expect(facts).toMatchObject({ total: 2100, attention: { fresh: 2 } });
  expect(Object.fromEntries(facts.countByCategory)).toEqual({ bug: 1400, praise: 700 });
  expect(facts.attention.flags.map((one) => one.ts)).toEqual([ts(2000), ts(1000)]);
  expect(facts.praise.map((one) => one.ts)).toEqual([ts(1500)]);
  expect(facts.messages).toHaveLength(2100);
});

test('a run that is still waiting for some results says for how many', async () => {
  const scene = await startScene();
  for (const n of [1, 2, 3]) await scene.keep(n);
  const sent = await scene.submit();
  await scene.take(sent, [judged(1)]);
  await scene.commit((tx) => publishNext(tx, sent.run));
  const { about } = await readDigestFacts(scene.db, { kind: 'run', run: sent.run }, READING);
  expect(about).toMatchObject({ awaitedTotal: 2, endedAt: null });
});

test('a time has the numbers of what was posted in it, and those of the time before', async () => {
  const scene = await startScene();
  for (const n of [1, 2, 3, 4, 5]) await scene.keep(n);
  const run = await judgeAll(scene, [
    judged(1, { urgency: 'high', flagged: true }),
    judged(2, { category: 'praise', sentiment: 'positive' }),
    judged(3),
    judged(4),
    again(5, 'cut off'),
  ]);
  await tell(scene, run);
  const at = (n: number) => START + n * 1000;
  const span: Scope = {
    kind: 'span',
    channel: CHANNEL,
    from: at(2),
    to: at(4),
    before: { from: at(0), to: at(2) },
  };
  const facts = await readDigestFacts(scene.db, span, READING);
  expect(facts).toMatchObject({
    about: { kind: 'span', from: at(2), to: at(4) },
    total: 2,
    // Flagged before it began.
    attention: { fresh: 0, earlier: 1 },
    before: { span: { from: at(0), to: at(2) } },
  });
  expect(Object.fromEntries(facts.countByCategory)).toEqual({ bug: 1, praise: 1 });
  expect(facts.before?.countByCategory).toEqual(new Map([['bug', 1]]));
  expect(facts.praise.map((one) => one.ts)).toEqual([ts(2)]);
  expect(await hasStillOpen(scene.db, CHANNEL)).toBe(true);
});
