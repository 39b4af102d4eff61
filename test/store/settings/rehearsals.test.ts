import { describe, expect, test } from 'vitest';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';
import type { Settings } from '../../../src/core/settings/settings.ts';
import { readCommitted } from '../../../src/store/runs/costs.ts';
import {
  addSample,
  beginQuestions,
  countQuestions,
  giveUpQuestions,
  leaveOutGone,
  listOpenQuestions,
  listSampleCandidates,
  type Question,
  recordAnswer,
} from '../../../src/store/settings/rehearsal-verdicts.ts';
import {
  addRehearsalCost,
  beginRehearsal,
  endRehearsal,
  findOpenRehearsal,
  findRehearsal,
  listJudgingRehearsals,
  listOthersRehearsing,
  offerRehearsal,
} from '../../../src/store/settings/rehearsals.ts';
import { readRehearsed } from '../../../src/store/settings/rehearsed.ts';
import { CHANNEL, judged, MODEL, type Scene, START, startScene, ts } from '../scene.ts';

const CONTENT: Settings = {
  summarySchedule: '0 9 * * 1-5',
  classifySchedule: null,
  timeZone: 'UTC',
  taxonomy: { ...DEFAULT_TAXONOMY, flagged_when: [] },
  remindAfterMs: null,
  closeTheLoop: false,
  asTheyCome: false,
};

const offer = (scene: Scene, person = 'U0ANA', usd: number | null = 0.01) =>
  scene.commit((tx) =>
    offerRehearsal(
      tx,
      { person, content: CONTENT, shown: 0, taxonomyVersion: 1, model: MODEL, usd },
      START,
    ),
  );

const begin = (scene: Scene, id: number, now = START) =>
  scene.commit((tx) => beginRehearsal(tx, id, now));

const costOf = (nanoUsd: number | null) => ({ inputTokens: 1, outputTokens: 1, nanoUsd });

const stageOf = async (scene: Scene, id: number) => (await findRehearsal(scene.db, id))?.stage;

/** Messages 1 to `most`, judged by Claude under the categories in force. */
async function startJudged(most: number): Promise<Scene> {
  const scene = await startScene();
  for (let n = 1; n <= most; n++) await scene.keep(n);
  const of = await scene.submit();
  await scene.take(
    of,
    Array.from({ length: most }, (_, n) => judged(n + 1)),
  );
  return scene;
}

const candidates = (scene: Scene, taxonomyVersion = 1, limit = 100) =>
  listSampleCandidates(scene.db, [CHANNEL], { taxonomyVersion, limit });

async function startRehearsal(scene: Scene, taxonomyVersion = 1): Promise<number> {
  const id = await offer(scene);
  const sample = await candidates(scene, taxonomyVersion);
  await scene.commit((tx) => addSample(tx, id, sample));
  await begin(scene, id);
  return id;
}

const BUG = { category: 'bug', urgency: 'low', sentiment: 'neutral' } as const;
const PRAISE = { category: 'praise', urgency: 'low', sentiment: 'positive' } as const;

const about = (n: number, side: Question['side'] = 'after'): Question => ({
  side,
  channel: CHANNEL,
  ts: ts(n),
});

const set = (scene: Scene, n: number, change: Record<string, unknown>) =>
  scene.db
    .updateTable('messages')
    .set(change)
    .where('channel', '=', CHANNEL)
    .where('ts', '=', ts(n))
    .execute();

describe('a rehearsal', () => {
  test('goes from offered to judging, and an offer can be taken once', async () => {
    const scene = await startScene();
    const id = await offer(scene);
    expect(await stageOf(scene, id)).toBe('offered');
    expect(await listJudgingRehearsals(scene.db)).toEqual([]);
    expect(await begin(scene, id)).toBe(true);
    expect(await begin(scene, id)).toBe(false);
    expect(await listJudgingRehearsals(scene.db)).toEqual([id]);
    expect(await findOpenRehearsal(scene.db, 'U0ANA')).toMatchObject({ id, content: CONTENT });
  });

  test('an offer replaces the former offer; what is being tried is discarded once it begins', async () => {
    const scene = await startJudged(2);
    const first = await startRehearsal(scene);
    const second = await offer(scene);
    const third = await offer(scene);
    expect(await findRehearsal(scene.db, second)).toBeUndefined();
    expect(await begin(scene, second)).toBe(false);
    expect(await stageOf(scene, first)).toBe('judging');
    expect(await begin(scene, third)).toBe(true);
    expect(await stageOf(scene, first)).toBe('discarded');
    expect(await listOpenQuestions(scene.db, first)).toEqual([]);
  });

  test("another person's goes on beside it, and can be told of", async () => {
    const scene = await startScene();
    const theirs = await offer(scene, 'U0BEN');
    expect(await listOthersRehearsing(scene.db, 'U0ANA')).toEqual([]);
    await begin(scene, theirs);
    await begin(scene, await offer(scene));
    expect(await listOthersRehearsing(scene.db, 'U0ANA')).toEqual(['U0BEN']);
    expect(await listJudgingRehearsals(scene.db)).toHaveLength(2);
  });

  test('ends once, and keeps nothing but its cost', async () => {
    const scene = await startJudged(2);
    const id = await startRehearsal(scene);
    const end = (stage: 'adopted' | 'discarded') =>
      scene.commit((tx) => endRehearsal(tx, id, stage, START + 1));
    expect(await end('adopted')).toBe(true);
    expect(await end('discarded')).toBe(false);
    expect(await stageOf(scene, id)).toBe('adopted');
    expect(await scene.db.selectFrom('rehearsal_verdicts').selectAll().execute()).toEqual([]);
    expect(await findOpenRehearsal(scene.db, 'U0ANA')).toBeUndefined();
  });
});

describe('what it costs', () => {
  test('counts from when it is asked for: the most while it judges, then what was billed', async () => {
    const scene = await startScene();
    const id = await offer(scene, 'U0ANA', 0.01);
    const committed = (since = START) => readCommitted(scene.db, since);
    expect(await committed()).toBe(0);
    await begin(scene, id);
    await scene.commit((tx) => addRehearsalCost(tx, id, costOf(2_000_000)));
    expect(await committed()).toBe(0.01);
    await scene.commit((tx) => endRehearsal(tx, id, 'discarded', START));
    expect(await committed()).toBe(0.002);
    // An answer that was in flight is billed all the same.
    await scene.commit((tx) => addRehearsalCost(tx, id, costOf(1_000_000)));
    expect(await committed()).toBe(0.003);
    expect(await committed(START + 1)).toBe(0);
  });

  test('is not known once a price is not', async () => {
    const scene = await startScene();
    const id = await offer(scene);
    await begin(scene, id);
    await scene.commit((tx) => addRehearsalCost(tx, id, costOf(null)));
    await scene.commit((tx) => addRehearsalCost(tx, id, costOf(5)));
    expect(await readCommitted(scene.db, START)).toBeNull();
  });
});

describe('its messages', () => {
  test('the newest judged ones that are there, with what they are known to be', async () => {
    const scene = await startJudged(5);
    await set(scene, 2, { deleted_at: START });
    await scene.keep(6);
    expect((await candidates(scene)).map((one) => [one.ts, one.known, one.corrected])).toEqual(
      [5, 4, 3, 1].map((n) => [ts(n), BUG, false]),
    );
    expect((await candidates(scene, 1, 2)).map((one) => one.ts)).toEqual([ts(5), ts(4)]);
    // No verdict by the categories in force, or of another text.
    expect((await candidates(scene, 2)).map(({ known }) => known)).toEqual(Array(4).fill(null));
    await set(scene, 5, { revision: 2 });
    expect((await candidates(scene)).map(({ known }) => known)).toEqual([null, BUG, BUG, BUG]);
    expect(await listSampleCandidates(scene.db, [], { taxonomyVersion: 1, limit: 9 })).toEqual([]);
  });

  test('only what is not known is asked', async () => {
    const scene = await startJudged(2);
    const known = await startRehearsal(scene);
    expect(await countQuestions(scene.db, known)).toEqual({ messages: 2, calls: 2, open: 2 });
    const unknown = await startRehearsal(scene, 2);
    expect(await countQuestions(scene.db, unknown)).toEqual({ messages: 2, calls: 4, open: 4 });
    expect(await listOpenQuestions(scene.db, unknown)).toEqual([
      about(2),
      about(1),
      about(2, 'before'),
      about(1, 'before'),
    ]);
  });

  test('an answer counts once; the third unusable one in a row is the last', async () => {
    const scene = await startJudged(2);
    const id = await startRehearsal(scene);
    const answer = (n: number, judgement: typeof BUG | typeof PRAISE | null) =>
      scene.commit(async (tx) => {
        await beginQuestions(tx, id, [about(n)]);
        await recordAnswer(tx, id, about(n), judgement);
      });
    await answer(1, PRAISE);
    await answer(1, BUG);
    for (let n = 1; n <= 2; n++) await answer(2, null);
    expect(await listOpenQuestions(scene.db, id)).toEqual([about(2)]);
    await answer(2, null);
    expect(await listOpenQuestions(scene.db, id)).toEqual([]);
    expect(await readRehearsed(scene.db, id)).toMatchObject([
      { ts: ts(2), before: BUG, after: null, people: null, text: 'message 2' },
      { ts: ts(1), before: BUG, after: PRAISE, people: null, text: 'message 1' },
    ]);
  });

  test('what is edited, deleted or forgotten meanwhile is left out, judged or not', async () => {
    const scene = await startJudged(4);
    const id = await startRehearsal(scene);
    await scene.commit((tx) => recordAnswer(tx, id, about(1), PRAISE));
    await set(scene, 1, { deleted_at: START });
    await set(scene, 2, { revision: 2 });
    expect((await readRehearsed(scene.db, id)).map((one) => one.ts)).toEqual([ts(4), ts(3)]);
    await scene.commit((tx) => leaveOutGone(tx, id));
    expect(await listOpenQuestions(scene.db, id)).toEqual([about(4), about(3)]);
    await scene.commit((tx) => giveUpQuestions(tx, id));
    expect(await countQuestions(scene.db, id)).toMatchObject({ open: 0 });
  });
});
