import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Candidate,
  countHonesty,
  type Draw,
  type HonestySample,
  LEAST_ANSWERED,
  PERIOD_MS,
  pickQuestions,
  type Question,
  type QuestionAnswer,
  RECENT_MS,
} from '../../../src/core/people/honesty.ts';

const candidates = (sizes: Record<string, number>, judged = 0): Candidate[] =>
  Object.entries(sizes).flatMap(([category, size]) =>
    Array.from({ length: size }, (_, n) => ({
      ts: `${category}-${n}`,
      category,
      open: n >= judged,
    })),
  );

/** A random order that follows from a seed. */
const by = (seed: string) => (ts: string) => hash('sha1', seed + ts);

const countPicked = (picked: string[]) =>
  Object.fromEntries(
    [...Map.groupBy(picked, (ts) => ts.replace(/-\d+$/, ''))].map(([key, some]) => [
      key,
      some.length,
    ]),
  );

describe('what is asked about', () => {
  test('ten messages, of every category, and more of the larger ones', () => {
    const picked = pickQuestions(
      candidates({ bug: 300, praise: 100, question: 4, noise: 1 }),
      by('s'),
    );
    expect(new Set(picked).size).toBe(10);
    expect(countPicked(picked)).toEqual({ bug: 6, praise: 2, question: 1, noise: 1 });
  });

  test('fewer when there are fewer, more when there are more categories', () => {
    expect(countPicked(pickQuestions(candidates({ bug: 2, noise: 1 }), by('s')))).toEqual({
      bug: 2,
      noise: 1,
    });
    const many = Object.fromEntries(Array.from({ length: 14 }, (_, n) => [`c${n}`, n + 1]));
    expect(Object.values(countPicked(pickQuestions(candidates(many), by('s'))))).toEqual(
      Array(14).fill(1),
    );
    expect(pickQuestions([], by('s'))).toEqual([]);
  });

  test('nothing that somebody has judged; its category keeps its share of the questions', () => {
    const picked = pickQuestions(candidates({ bug: 50, praise: 10 }, 9), by('s'));
    expect(countPicked(picked)).toEqual({ bug: 9, praise: 1 });
    expect(picked.every((ts) => Number(ts.split('-')[1]) >= 9)).toBe(true);
  });

  test('the same ones for the same seed, in whatever order they come; others for another', () => {
    const all = candidates({ bug: 60, praise: 30 });
    const picked = pickQuestions(all, by('C1-7'));
    expect(pickQuestions(all.toReversed(), by('C1-7'))).toEqual(picked);
    expect(pickQuestions(all, by('C1-8'))).not.toEqual(picked);
  });

  test('each message of a category as often as another', () => {
    const all = candidates({ bug: 20 });
    const times = new Map<string, number>();
    for (let seed = 0; seed < 500; seed++) {
      for (const ts of pickQuestions(all, by(String(seed))))
        times.set(ts, (times.get(ts) ?? 0) + 1);
    }
    // 250 times each, ± 4.5 standard deviations of a coin thrown 500 times.
    for (const { ts } of all) expect(Math.abs((times.get(ts) ?? 0) - 250)).toBeLessThan(51);
  });
});

const TO = 1_800_000_000_000;
const WEEK_MS = 7 * 24 * 3_600_000;

/** Rows of draws: for each question its category, and what each person says of it. */
function sampleOf(
  draws: { ago: number; sizes: Record<string, number>; asked: [string, ...(string | null)[]][] }[],
  model = 'claude-1',
): HonestySample {
  const sample = {
    draws: [] as Draw[],
    questions: [] as Question[],
    answers: [] as QuestionAnswer[],
  };
  for (const [index, { ago, sizes, asked }] of draws.entries()) {
    const run = index + 1;
    sample.draws.push({ run, drawnAt: TO - ago, messages: sizes });
    for (const [n, [category, ...said]] of asked.entries()) {
      const ts = `${run}.${n}`;
      sample.questions.push({ ts, run, category, model, taxonomyVersion: 1 });
      for (const [person, answer] of said.entries()) {
        if (answer !== null) sample.answers.push({ ts, user: `U${person}`, category: answer });
      }
    }
  }
  return sample;
}

type Asked = [string, ...(string | null)[]];

const times = (n: number, ...asked: Asked): Asked[] => Array.from({ length: n }, () => asked);

describe('what is said of it', () => {
  test('nothing below twenty answered messages, however many people answered each', () => {
    const sample = (n: number) =>
      sampleOf([{ ago: 0, sizes: { bug: 100 }, asked: times(n, 'bug', 'bug', 'bug') }]);
    expect(countHonesty(sample(LEAST_ANSWERED - 1), TO)).toEqual({
      from: TO - PERIOD_MS,
      to: TO,
      drawn: 19,
      answered: 19,
      figures: null,
    });
    expect(countHonesty(sample(LEAST_ANSWERED), TO).figures).toMatchObject({ right: 20 });
  });

  test('right on 43 of 50, between 74% and 93%, when one category is all there is', () => {
    const asked = [...times(43, 'bug', 'bug'), ...times(7, 'bug', 'praise'), ...times(30, 'bug')];
    const { drawn, answered, figures } = countHonesty(
      sampleOf([{ ago: 0, sizes: { bug: 400 }, asked }]),
      TO,
    );
    expect({ drawn, answered }).toEqual({ drawn: 80, answered: 50 });
    expect(figures).toMatchObject({ right: 43, people: 1, trend: null, judgedOtherwise: 0 });
    expect(figures?.overall.share).toBeCloseTo(0.86, 12);
    expect(figures?.overall.low).toBeCloseTo(0.7381, 4);
    expect(figures?.overall.high).toBeCloseTo(0.9305, 4);
  });

  test('each category counts by its share of all messages, of every draw', () => {
    const asked = [
      ...times(9, 'bug', 'bug'),
      ...times(1, 'bug', 'noise'),
      ...times(5, 'praise', 'praise'),
      ...times(5, 'praise', 'bug'),
    ];
    const { figures } = countHonesty(
      sampleOf([
        { ago: 0, sizes: { bug: 60, praise: 5, question: 25 }, asked },
        { ago: WEEK_MS, sizes: { bug: 30, praise: 5, question: 75 }, asked: times(2, 'question') },
      ]),
      TO,
    );
    expect(figures?.right).toBe(14);
    // By hand: 90 of 100 known messages are bugs, see the test of estimateShare.
    expect(figures?.overall.share).toBeCloseTo(0.86, 12);
    expect(figures?.overall.low).toBeCloseTo(0.5833, 4);
    const interval = { low: expect.any(Number), high: expect.any(Number) };
    expect(figures?.categories).toEqual([
      { category: 'question', drawn: 2, answered: 0, right: 0, share: 0.5, interval: null },
      { category: 'bug', drawn: 10, answered: 10, right: 9, share: 0.45, interval },
      { category: 'praise', drawn: 10, answered: 10, right: 5, share: 0.05, interval },
    ]);
    // 9 of 10 by Wilson: 0.5958 to 0.9821.
    expect(figures?.categories[1]?.interval?.low).toBeCloseTo(0.5958, 4);
    expect(figures?.categories[1]?.interval?.high).toBeCloseTo(0.9821, 4);
  });

  test('where people disagree, more than half have to say that it is right', () => {
    const asked: Asked[] = [
      ...times(17, 'bug', 'bug'),
      ['bug', 'bug', 'bug', 'praise'],
      ['bug', 'bug', 'praise'],
      ['bug', 'bug', 'praise', 'noise'],
      ['bug', 'noise', 'noise'],
    ];
    const { figures } = countHonesty(sampleOf([{ ago: 0, sizes: { bug: 50 }, asked }]), TO);
    expect(figures).toMatchObject({
      right: 18,
      people: 3,
      agreement: { messages: 4, agreed: 1 },
    });
  });

  test('only draws of the period count', () => {
    const old = { ago: PERIOD_MS, sizes: { praise: 900 }, asked: times(40, 'praise', 'bug') };
    const asked = times(20, 'bug', 'bug');
    const oldest = { ago: PERIOD_MS - 1, sizes: { bug: 20 }, asked };
    const { drawn, figures } = countHonesty(sampleOf([old, oldest]), TO);
    expect(drawn).toBe(20);
    expect(figures).toMatchObject({ right: 20, categories: [{ category: 'bug', share: 1 }] });
  });

  test('what another model judged counts, and is named', () => {
    const sample = sampleOf([
      { ago: WEEK_MS, sizes: { bug: 9 }, asked: times(12, 'bug', 'bug') },
      { ago: 0, sizes: { bug: 9 }, asked: times(12, 'bug', 'bug') },
    ]);
    const questions = sample.questions.map((question) =>
      question.run === 1 ? { ...question, model: 'claude-0' } : question,
    );
    expect(countHonesty({ ...sample, questions }, TO).figures?.judgedOtherwise).toBe(12);
  });

  describe('the trend', () => {
    const twoParts = (now: number, before: number, of = 40) =>
      countHonesty(
        sampleOf([
          {
            ago: RECENT_MS,
            sizes: { bug: 100 },
            asked: [...times(before, 'bug', 'bug'), ...times(of - before, 'bug', 'noise')],
          },
          {
            ago: RECENT_MS - 1,
            sizes: { bug: 100 },
            asked: [...times(now, 'bug', 'bug'), ...times(of - now, 'bug', 'noise')],
          },
        ]),
        TO,
      ).figures?.trend;

    test('is named only when it is hardly chance', () => {
      expect(twoParts(38, 26)).toMatchObject({
        change: 'better',
        recent: { share: 0.95 },
        before: { share: 0.65 },
      });
      expect(twoParts(26, 38)).toMatchObject({ change: 'worse' });
      expect(twoParts(34, 30)).toMatchObject({ change: 'unclear' });
    });

    test('needs twenty answered messages on both sides', () => {
      expect(twoParts(20, 20, 20)).not.toBeNull();
      expect(twoParts(19, 19, 19)).toBeNull();
    });

    test('compares only categories that were answered in both', () => {
      const sizes = { praise: 60, bug: 40 };
      const praise = (times_: number) => times(times_, 'praise', 'praise');
      const bugs = [...times(3, 'bug', 'bug'), ...times(7, 'bug', 'praise')];
      const { figures } = countHonesty(
        sampleOf([
          { ago: RECENT_MS, sizes, asked: [...praise(30), ...bugs] },
          { ago: RECENT_MS - 1, sizes, asked: praise(20) },
        ]),
        TO,
      );
      // All praise was right before and is now: no verdict has changed.
      expect(figures?.trend).toMatchObject({
        change: 'unclear',
        recent: { share: 1 },
        before: { share: 1 },
      });
    });
  });
});

const KEYS = ['bug', 'praise', 'noise'] as const;
const key = fc.constantFrom(...KEYS);
const drawn = fc.array(
  fc.record({
    ago: fc.nat({ max: 1.2 * PERIOD_MS }),
    sizes: fc.record({
      bug: fc.integer({ min: 1, max: 200 }),
      praise: fc.integer({ min: 1, max: 50 }),
      noise: fc.integer({ min: 1, max: 9 }),
    }),
    asked: fc.array(fc.tuple(key, fc.option(key), fc.option(key), fc.option(key)), {
      maxLength: 14,
    }),
  }),
  { maxLength: 6 },
);

test('whatever the rows are, the figures are those of the rows, and never certain', () => {
  let shown = 0;
  fc.assert(
    fc.property(drawn, (rows) => {
      const { figures, answered } = countHonesty(sampleOf(rows), TO);
      const counted = rows
        .filter(({ ago }) => ago < PERIOD_MS)
        .flatMap(({ asked }) => asked)
        .map(([category, ...said]) => ({ category, said: said.filter((one) => one !== null) }))
        .filter(({ said }) => said.length > 0);
      expect(answered).toBe(counted.length);
      expect(figures === null).toBe(counted.length < LEAST_ANSWERED);
      if (!figures) return;
      shown++;
      const right = counted.filter(
        ({ category, said }) =>
          said.filter((one) => one === category).length >
          said.filter((one) => one !== category).length,
      );
      expect(figures.right).toBe(right.length);
      const { share, low, high } = figures.overall;
      expect(low).toBeGreaterThanOrEqual(0);
      expect(low).toBeLessThanOrEqual(share + 1e-12);
      expect(share).toBeLessThanOrEqual(high + 1e-12);
      expect(high - low).toBeGreaterThan(0.05);
      const sum = (pick: 'right' | 'answered' | 'drawn') =>
        figures.categories.reduce((total, one) => total + one[pick], 0);
      expect([sum('right'), sum('answered')]).toEqual([right.length, counted.length]);
      // Between the best and the worst category, whatever their weights.
      const shares = figures.categories.flatMap((one) =>
        one.answered > 0 ? one.right / one.answered : [],
      );
      expect(share).toBeGreaterThanOrEqual(Math.min(...shares) - 1e-12);
      expect(share).toBeLessThanOrEqual(Math.max(...shares) + 1e-12);
      const several = counted.filter(({ said }) => said.length > 1);
      expect(figures.agreement).toEqual({
        messages: several.length,
        agreed: several.filter(({ said }) => said.every((one) => one === said[0])).length,
      });
    }),
    { seed: 20_261_130, numRuns: 100 },
  );
  expect(shown).toBeGreaterThan(15);
});
