import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatFlagRules,
  isReservedName,
  parseFlagRules,
  sayName,
} from '../../../src/core/runs/flag-rules.ts';
import {
  DEFAULT_TAXONOMY,
  SENTIMENTS,
  type Taxonomy,
  URGENCIES,
} from '../../../src/core/runs/taxonomy.ts';

const { categories } = DEFAULT_TAXONOMY;
const problemOf = (text: string) => {
  const parsed = parseFlagRules(text, categories);
  return parsed.kind === 'problem' ? parsed.problem : 'none';
};

test('rules are written in the words that describe them', () => {
  const words = 'high urgency\nbug, medium urgency, negative sentiment';
  expect(formatFlagRules(DEFAULT_TAXONOMY)).toBe(words);
  expect(parseFlagRules(words, categories)).toEqual({
    kind: 'rules',
    rules: DEFAULT_TAXONOMY.flagged_when,
  });
});

test('however they are spaced, in any case and order, by name or by key, once each', () => {
  const text = `
    HIGH   urgency ,
    negative sentiment,Feature  Request
    feature_request, negative sentiment\r\n\r\n`;
  expect(parseFlagRules(text, categories)).toEqual({
    kind: 'rules',
    rules: [{ urgency: 'high' }, { category: 'feature_request', sentiment: 'negative' }],
  });
});

test('no rule at all is fine: then nothing needs attention', () => {
  expect(parseFlagRules(' \n ', categories)).toEqual({ kind: 'rules', rules: [] });
});

describe('what is wrong is said by its line', () => {
  test.each([
    ['high urgency\nhigh', 'Line 2: there is no category "high".'],
    ['bug, praise', 'Line 1: there is no category "bug, praise".'],
    ['very high urgency', 'there is no category "very high urgency".'],
    ['high urgency, low urgency', 'Line 1: it names an urgency twice'],
    ['negative sentiment, positive sentiment', 'Line 1: it names a sentiment twice'],
    [',,', 'Line 1: it says nothing.'],
    ['x'.repeat(3000), 'there is no category "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…".'],
  ])('%j', (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });

  test('of many only some, and how many more', () => {
    const problem = problemOf('nonsense\n'.repeat(300));
    expect(problem).toContain('Line 4:');
    expect(problem).not.toContain('Line 5:');
    expect(problem).toContain('And 296 more.');
  });

  test('too many rules', () => {
    const many = categories.flatMap(({ name }) =>
      URGENCIES.flatMap((urgency) =>
        SENTIMENTS.map((sentiment) => `${name}, ${urgency} urgency, ${sentiment} sentiment`),
      ),
    );
    expect(problemOf(many.join('\n'))).toContain('There are 54 rules; at most 20 are possible.');
  });
});

test('whatever the categories are called, rules in words are read as they were', () => {
  const word = fc.constantFrom(
    'Bug',
    'bug',
    'a, b',
    ',a,,b',
    ',',
    'key_0',
    'high urgency',
    'ÄRGER',
    'x',
    'y, low urgency',
    '🎉',
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(word, fc.string({ minLength: 1, maxLength: 40 })), {
        minLength: 2,
        maxLength: 6,
      }),
      fc.array(
        fc.record(
          {
            category: fc.nat(5),
            urgency: fc.constantFrom(...URGENCIES),
            sentiment: fc.constantFrom(...SENTIMENTS),
          },
          { requiredKeys: [] },
        ),
        { maxLength: 8 },
      ),
      (names, rules) => {
        // What the form takes: see its test.
        const usable = [
          ...new Map(
            names.filter((name) => !isReservedName(name)).map((name) => [sayName(name), name]),
          ).values(),
        ];
        const taxonomy: Taxonomy = {
          categories: usable.map((name, n) => ({ key: `key_${n}`, name, meaning: 'x'.repeat(10) })),
          flagged_when: rules.flatMap(({ category, ...rule }) => {
            const key =
              category === undefined ? undefined : `key_${category % (usable.length || 1)}`;
            const whole = { ...(key && usable.length > 0 && { category: key }), ...rule };
            return Object.keys(whole).length > 0 ? [whole] : [];
          }),
        };
        const unlike = [
          ...new Map(taxonomy.flagged_when.map((r) => [JSON.stringify(r), r])).values(),
        ];
        expect(parseFlagRules(formatFlagRules(taxonomy), taxonomy.categories)).toEqual({
          kind: 'rules',
          rules: unlike,
        });
      },
    ),
  );
});

test('a name that a rule would read as something else is known', () => {
  expect(isReservedName('High Urgency')).toBe(true);
  expect(isReservedName('slow, negative  sentiment')).toBe(true);
  expect(isReservedName('High urgency bugs')).toBe(false);
});
