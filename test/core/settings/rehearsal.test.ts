import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_TAXONOMY, type Taxonomy } from '../../../src/core/runs/taxonomy.ts';
import {
  type Candidate,
  chooseSample,
  compareVerdicts,
  type Judged,
  type RehearsedMessage,
  SAMPLE_SIZE,
} from '../../../src/core/settings/rehearsal.ts';

const ts = (n: number) => `${1_700_000_000 + n}.000100`;

const candidates = (
  sizes: Record<string, number>,
  more: Partial<Candidate> = {},
  first = 0,
): Candidate[] =>
  Object.entries(sizes)
    .flatMap(([category, size]) => Array<string>(size).fill(category))
    .map((category, n) => ({
      ...{ channel: 'C1', ts: ts(first + n), category, corrected: false },
      ...more,
    }));

const countBy = (sample: Candidate[]) =>
  Object.fromEntries(
    [...Map.groupBy(sample, ({ category }) => category)].map(([key, some]) => [key, some.length]),
  );

describe('the sample', () => {
  test('forty messages, of every category, and more of the larger ones', () => {
    const sample = chooseSample(candidates({ bug: 300, praise: 95, question: 4, noise: 1 }));
    expect(countBy(sample)).toEqual({ bug: 29, praise: 9, question: 1, noise: 1 });
  });

  test('the newest of each category, the newest of all first', () => {
    const all = candidates({ bug: 50, praise: 50 });
    const sample = chooseSample(all.toReversed()).map((one) => one.ts);
    expect(sample).toEqual(
      [...all.slice(30, 50), ...all.slice(80)].map((one) => one.ts).toReversed(),
    );
  });

  test('all that people have corrected, however old or rare', () => {
    const corrected = candidates({ usability: 15 }, { corrected: true });
    const sample = chooseSample([...candidates({ bug: 200 }, {}, 100), ...corrected]);
    expect(countBy(sample)).toEqual({ bug: 25, usability: 15 });
    expect(sample.filter((one) => one.corrected)).toHaveLength(15);
  });

  test('more corrected ones than there is room for are divided like the others', () => {
    const corrected = candidates({ bug: 60, praise: 20 }, { corrected: true });
    const sample = chooseSample([...corrected, ...candidates({ noise: 90 }, {}, 100)]);
    expect(countBy(sample)).toEqual({ bug: 30, praise: 10 });
  });

  test('few seats beside the corrected ones: the newest categories have them', () => {
    const corrected = candidates({ bug: 38 }, { corrected: true });
    const sample = chooseSample([...corrected, ...candidates({ a: 1, b: 1, c: 1 }, {}, 100)]);
    expect(countBy(sample)).toEqual({ bug: 38, b: 1, c: 1 });
  });

  test('it has as many messages as there are, up to forty, each once, in whatever order they come', () => {
    const one = fc.record({
      category: fc.constantFrom('bug', 'praise', 'question', 'noise'),
      corrected: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 120 }), fc.nat(), (some, seed) => {
        const all = some.map((each, n) => ({ channel: 'C1', ts: ts(n), ...each }));
        const sample = chooseSample(all);
        expect(sample).toHaveLength(Math.min(SAMPLE_SIZE, all.length));
        expect(new Set(sample.map((each) => each.ts)).size).toBe(sample.length);
        const left = all.filter((each) => each.corrected && !sample.includes(each));
        if (left.length > 0) expect(sample.every((each) => each.corrected)).toBe(true);
        const turned = seed % Math.max(1, all.length);
        const inOtherOrder = [...all.slice(turned), ...all.slice(0, turned)];
        expect(chooseSample(inOtherOrder)).toEqual(sample);
      }),
    );
  });
});

describe('the comparison', () => {
  const billing = {
    key: 'billing',
    name: 'Billing',
    emoji: 'moneybag',
    meaning: 'What it costs, and how it is paid.',
  };
  const before = DEFAULT_TAXONOMY;
  const after: Taxonomy = {
    categories: [...before.categories.filter(({ key }) => key !== 'usability'), billing],
    flagged_when: [{ category: 'billing' }, { urgency: 'high' }],
  };
  const judged = (category: string, more: Partial<Judged> = {}): Judged => ({
    ...{ category, urgency: 'low', sentiment: 'neutral' },
    ...more,
  });
  const message = (
    n: number,
    was: Judged | null,
    is: Judged | null,
    people: string | null = null,
  ): RehearsedMessage => ({ channel: 'C1', ts: ts(n), before: was, after: is, people });
  const compare = (...messages: RehearsedMessage[]) => compareVerdicts(messages, { before, after });

  test('what flips: worse first, then better, then what nobody can say; each the newest first', () => {
    const { compared, flips } = compare(
      message(1, judged('bug'), judged('bug')),
      message(2, judged('bug'), judged('question')),
      message(3, judged('bug'), judged('billing'), 'bug'),
      message(4, judged('bug'), judged('praise'), 'praise'),
      message(5, judged('bug'), judged('question'), 'bug'),
      message(6, judged('bug'), judged('question'), 'praise'),
      message(7, judged('praise'), judged('bug'), 'praise'),
    );
    expect(compared).toBe(7);
    expect(flips.map(({ effect, from, to, ts: at }) => [effect, from, to, at])).toEqual([
      ['worse', 'praise', 'bug', ts(7)],
      ['worse', 'bug', 'question', ts(5)],
      ['better', 'bug', 'praise', ts(4)],
      ['open', 'bug', 'billing', ts(3)],
      ['unsaid', 'bug', 'question', ts(6)],
      ['unsaid', 'bug', 'question', ts(2)],
    ]);
  });

  test('corrections count where both sets of categories have what people said', () => {
    const { corrections } = compare(
      message(1, judged('bug'), judged('bug'), 'bug'),
      message(2, judged('praise'), judged('bug'), 'bug'),
      message(3, judged('bug'), judged('praise'), 'bug'),
      message(4, judged('praise'), judged('question'), 'bug'),
      // Its category is gone: the new ones cannot be right.
      message(5, judged('usability'), judged('bug'), 'usability'),
      // People could not choose what is new.
      message(6, judged('bug'), judged('billing'), 'bug'),
      // The old ones could not be right.
      message(7, judged('bug'), judged('billing'), 'billing'),
      message(8, judged('bug'), judged('praise')),
    );
    expect(corrections).toEqual({ compared: 4, rightBefore: 2, rightAfter: 2 });
  });

  test('flags go by the rules of each side, also where the category stays', () => {
    const annoyed = judged('bug', { urgency: 'medium', sentiment: 'negative' });
    const urgent = judged('bug', { urgency: 'high' });
    const { flags, flips } = compare(
      message(1, annoyed, annoyed),
      message(2, urgent, urgent),
      message(3, judged('question'), judged('billing')),
      message(4, judged('question'), judged('question')),
      message(5, annoyed, judged('noise', { urgency: 'high' })),
    );
    expect(flags).toEqual({
      before: 3,
      after: 2,
      opened: [{ channel: 'C1', ts: ts(3) }],
      closed: [
        { channel: 'C1', ts: ts(5) },
        { channel: 'C1', ts: ts(1) },
      ],
    });
    expect(flips).toHaveLength(2);
  });

  test('a message without a usable answer counts nowhere else', () => {
    expect(
      compare(
        message(1, null, judged('bug', { urgency: 'high' }), 'bug'),
        message(2, judged('bug', { urgency: 'high' }), null, 'bug'),
      ),
    ).toEqual({
      compared: 0,
      unanswered: 2,
      flips: [],
      flags: { before: 0, after: 0, opened: [], closed: [] },
      corrections: { compared: 0, rightBefore: 0, rightAfter: 0 },
    });
  });
});
