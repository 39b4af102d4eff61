import { describe, expect, test } from 'vitest';
import {
  DEFAULT_TAXONOMY,
  describeFlagRule,
  findFlagRule,
  SENTIMENTS,
  type Taxonomy,
  taxonomySchema,
  URGENCIES,
} from '../../../src/core/runs/taxonomy.ts';

const category = (more: object = {}) => ({
  key: 'bug',
  name: 'Bug',
  emoji: 'bug',
  meaning: 'Something is broken.',
  ...more,
});
const noise = { key: 'noise', name: 'Noise', meaning: 'Nothing to learn from.' };

/** What a team reads that wrote such a file. */
function problems(taxonomy: unknown): string[] {
  const parsed = taxonomySchema.safeParse(taxonomy);
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => [...path, message].join(' '));
}

test('the default taxonomy is one that could stand in a file', () => {
  expect(taxonomySchema.parse(DEFAULT_TAXONOMY)).toEqual(DEFAULT_TAXONOMY);
});

describe('a taxonomy file is refused in words that tell how to mend it', () => {
  test.each<[string, unknown, RegExp]>([
    [
      'a key with capitals',
      { categories: [category({ key: 'Bug' }), noise], flagged_when: [] },
      /^categories 0 key .*lower-case letters, digits and _/,
    ],
    [
      'an emoji with colons',
      { categories: [category({ emoji: ':bug:' }), noise], flagged_when: [] },
      /^categories 0 emoji .*without colons, such as bug/,
    ],
    [
      'a category twice',
      { categories: [category(), category({ emoji: 'x' })], flagged_when: [] },
      /the category bug stands twice/,
    ],
    [
      'an emoji twice',
      { categories: [category(), category({ key: 'crash' })], flagged_when: [] },
      /the emoji bug stands twice/,
    ],
    [
      'a rule for a category that is not there',
      { categories: [category(), noise], flagged_when: [{ category: 'crash' }] },
      /flagged_when: no category crash/,
    ],
    [
      'a rule that would flag everything',
      { categories: [category(), noise], flagged_when: [{}] },
      /^flagged_when 0 a rule names at least one thing/,
    ],
    [
      'a word that does not exist',
      { categories: [category(), noise], flagged_when: [{ urgency: 'urgent' }] },
      /^flagged_when 0 urgency .*"low"\|"medium"\|"high"/,
    ],
    [
      'a misspelt field',
      { categories: [category({ emojii: 'bug' }), noise], flagged_when: [] },
      /^categories 0 .*"emojii"/,
    ],
    ['a single category', { categories: [category()], flagged_when: [] }, /^categories .*2/],
    ['no rules', { categories: [category(), noise] }, /^flagged_when /],
    ['an empty file', null, /expected object/],
  ])('%s', (_what, taxonomy, words) => {
    expect(problems(taxonomy)).toEqual([expect.stringMatching(words)]);
  });

  test('all at once, when there are several', () => {
    const bad = category({ key: 'Bug', emoji: ':bug:', meaning: 'short' });
    expect(problems({ categories: [bad, noise], flagged_when: [] })).toHaveLength(3);
  });
});

test('two categories may go without an emoji', () => {
  const spam = { ...noise, key: 'spam' };
  expect(problems({ categories: [noise, spam], flagged_when: [] })).toEqual([]);
});

describe('what is flagged', () => {
  test('by default: whatever is urgent, and bugs that annoy somebody who cannot go on', () => {
    const flagged = [];
    for (const { key } of DEFAULT_TAXONOMY.categories) {
      for (const urgency of URGENCIES) {
        for (const sentiment of SENTIMENTS) {
          if (findFlagRule(DEFAULT_TAXONOMY, { category: key, urgency, sentiment })) {
            flagged.push(`${key} ${urgency} ${sentiment}`);
          }
        }
      }
    }
    const urgent = ['bug', 'feature_request', 'usability', 'praise', 'question'].flatMap((key) =>
      SENTIMENTS.map((sentiment) => `${key} high ${sentiment}`),
    );
    expect(flagged.toSorted()).toEqual([...urgent, 'bug medium negative'].toSorted());
  });

  test('a rule fits only when everything that it names fits', () => {
    const taxonomy: Taxonomy = {
      categories: [category(), noise],
      flagged_when: [{ category: 'bug', sentiment: 'negative' }],
    };
    const find = (sentiment: 'negative' | 'neutral') =>
      findFlagRule(taxonomy, { category: 'bug', urgency: 'low', sentiment });
    expect(find('negative')).toBe(taxonomy.flagged_when[0]);
    expect(find('neutral')).toBeUndefined();
  });

  test('noise never, not even by a rule that names it', () => {
    const taxonomy: Taxonomy = {
      categories: [category(), noise],
      flagged_when: [{ category: 'noise' }, { urgency: 'high' }],
    };
    const judgement = { urgency: 'high', sentiment: 'negative' } as const;
    expect(findFlagRule(taxonomy, { category: 'noise', ...judgement })).toBeUndefined();
    expect(findFlagRule(taxonomy, { category: 'unheard_of', ...judgement })).toBeUndefined();
  });
});

test.each<[string, Taxonomy['flagged_when'][number]]>([
  ['high urgency', { urgency: 'high' }],
  [
    'feature request, medium urgency, negative sentiment',
    { category: 'feature_request', urgency: 'medium', sentiment: 'negative' },
  ],
  ['praise', { category: 'praise' }],
])('a rule reads "%s"', (words, rule) => {
  expect(describeFlagRule(DEFAULT_TAXONOMY, rule)).toBe(words);
});
