import shortcodes from 'emojibase-data/en/shortcodes/iamcal.json' with { type: 'json' };
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_EMOJI } from '../../../src/core/people/acts.ts';
import { canonicalEmoji, EMOJI_NAME } from '../../../src/core/people/emoji.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';

/** The names of each emoji that Slack has. */
const slackEmoji = Object.values(shortcodes as Record<string, string | string[]>).map((names) =>
  [names].flat(),
);

/** Emoji that Slack tells apart and people do not. */
const ALIKE = [
  ['white_check_mark', 'heavy_check_mark', 'ballot_box_with_check'],
  ['no_good', 'woman-gesturing-no', 'man-gesturing-no'],
  ['question', 'grey_question'],
];

test("all names of each of Slack's emoji mean the same", () => {
  const torn = slackEmoji.filter((names) => new Set(names.map(canonicalEmoji)).size > 1);
  expect(torn).toEqual([]);
});

test('emoji that differ mean different things, but for those that nobody tells apart', () => {
  const meanings = Map.groupBy(slackEmoji, ([name = '']) => canonicalEmoji(name));
  const merged = [...meanings.values()].filter((emoji) => emoji.length > 1);
  expect(merged.map((emoji) => emoji.flat().toSorted()).toSorted()).toEqual(
    ALIKE.map((names) => names.toSorted()).toSorted(),
  );
});

test('a meaning is named by a name that Slack has', () => {
  const known = new Set(slackEmoji.flat());
  const unknown = [...known].filter((name) => !known.has(canonicalEmoji(name)));
  expect(unknown).toEqual([]);
});

test('every name that Slack has can be written in a setting, and every default is one', () => {
  expect(slackEmoji.flat().filter((name) => !EMOJI_NAME.test(name))).toEqual([]);
  const defaults = [
    ...Object.values(DEFAULT_EMOJI),
    ...DEFAULT_TAXONOMY.categories.flatMap(({ emoji }) => emoji ?? []),
  ];
  expect(defaults.filter((name) => !slackEmoji.flat().includes(name))).toEqual([]);
});

test.each([
  ['thumbsup', '+1'],
  ['+1::skin-tone-3', '+1'],
  ['thumbsup::skin-tone-6', '+1'],
  ['man-gesturing-no::skin-tone-2', 'no_good'],
  ['heavy_check_mark', 'white_check_mark'],
])('%s is %s', (name, meaning) => {
  expect(canonicalEmoji(name)).toBe(meaning);
});

test("a team's own emoji stand for themselves", () => {
  for (const name of ['shipit', 'constructor', '__proto__', '了解']) {
    expect(canonicalEmoji(name)).toBe(name);
  }
});

test('what a name means is not looked up twice, whatever it is', () => {
  const names = fc.oneof(fc.string(), fc.constantFrom(...slackEmoji.flat()));
  fc.assert(
    fc.property(names, (name) => {
      expect(canonicalEmoji(canonicalEmoji(name))).toBe(canonicalEmoji(name));
    }),
  );
});
