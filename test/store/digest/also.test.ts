import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countChoices, NO_FILTER } from '../../../src/core/home/filter.ts';
import { URGENCIES } from '../../../src/core/runs/taxonomy.ts';
import { readDigestFacts } from '../../../src/store/digest/facts.ts';
import { readPublished } from '../../../src/store/digest/lists.ts';
import { publishNext } from '../../../src/store/digest/published.ts';
import { countFlagGroups, countOpenFlags } from '../../../src/store/home/facts.ts';
import { CHANNEL, judged, START, startScene, ts } from '../scene.ts';

/** A second category changes what is listed where, and no number. */

const category = fc.constantFrom('bug', 'praise', 'question', 'feature_request');
const verdicts = fc.array(
  fc.record({
    category,
    also: fc.option(category),
    urgency: fc.constantFrom(...URGENCIES),
    flagged: fc.boolean(),
    deleted: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);
type Told = typeof verdicts extends fc.Arbitrary<infer All> ? All : never;

/** What is counted of messages with these verdicts, and how they are listed. */
async function count(told: Told) {
  const scene = await startScene();
  for (const n of told.keys()) await scene.keep(n + 1);
  const sent = await scene.submit();
  await scene.take(
    sent,
    told.map(({ deleted: _, ...verdict }, n) => judged(n + 1, verdict)),
  );
  await scene.commit((tx) => publishNext(tx, sent.run));
  const gone = told.flatMap(({ deleted }, n) => (deleted ? ts(n + 1) : []));
  await scene.db
    .updateTable('messages')
    .set({ deleted_at: START })
    .where('ts', 'in', gone)
    .execute();
  const reading = { now: START + 60_000, timeZone: 'UTC' };
  const { about: _, ...facts } = await readDigestFacts(
    scene.db,
    { kind: 'run', run: sent.run },
    reading,
  );
  const { lists } = await readPublished(scene.db, sent.run);
  const groups = await countFlagGroups(scene.db, [CHANNEL], 'U0BEN');
  const choices = countChoices(groups, NO_FILTER);
  return {
    totals: {
      facts,
      open: await countOpenFlags(scene.db, [CHANNEL]),
      shown: [choices.shown, choices.allCategories, choices.whose, choices.channels],
      effects: await scene.effects(),
    },
    listed: new Map(
      [...lists].map(([key, ranks]) => [key, [...ranks.values()].flat().map((one) => one.ts)]),
    ),
    choices: choices.categories,
  };
}

test('totals are the same with and without second categories', async () => {
  await fc.assert(
    fc.asyncProperty(verdicts, async (drawn) => {
      const told = drawn.map((one) => ({
        ...one,
        also: one.also === one.category ? null : one.also,
      }));
      const plain = await count(told.map((one) => ({ ...one, also: null })));
      const both = await count(told);
      expect(both.totals).toEqual(plain.totals);
      for (const key of ['bug', 'praise', 'question', 'feature_request']) {
        const of = told.flatMap((one, n) =>
          (one.category === key || one.also === key) && !one.deleted ? ts(n + 1) : [],
        );
        expect(both.listed.get(key)?.toSorted() ?? []).toEqual(of.toSorted());
        expect(both.choices.get(key) ?? 0).toBeGreaterThanOrEqual(plain.choices.get(key) ?? 0);
      }
    }),
    { numRuns: 15 },
  );
});
