import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findExcerpt, foldText, isIndexable, parseTerms } from '../../src/core/search.ts';

test.each([
  ['export safari', ['export', 'safari']],
  ['  Export,  SAFARI! ', ['export', 'safari']],
  ['"dark mode" save', ['dark mode', 'save']],
  ['“Dark  Mode” «Café»', ['dark mode', 'cafe']],
  ['crash* AND NOT (save)', ['crash', 'and', 'not', 'save']],
  ['text:crash', ['text:crash']],
  ['c++ a-b', ['c++', 'a-b']],
  [':fire: 🔥', ['fire', '🔥']],
  ['"unclosed quote', ['unclosed', 'quote']],
  ['?! ***', ['?!', '***']],
  ['save save SAVE', ['save']],
  ['崩溃 버그', ['崩溃', foldText('버그')]],
  ['""', []],
  ['', []],
])('“%s” looks for %j', (typed, terms) => {
  expect(parseTerms(typed)).toEqual(terms);
});

test('too many words, and too long ones, are cut', () => {
  expect(parseTerms(Array.from({ length: 50 }, (_, n) => `word${n}`).join(' '))).toHaveLength(8);
  expect(parseTerms('x'.repeat(5000))).toEqual(['x'.repeat(80)]);
});

test('property: whatever is typed, terms are well-formed, folded and not empty', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (typed) => {
      for (const term of parseTerms(typed)) {
        expect(term.trim()).not.toBe('');
        expect(term.isWellFormed()).toBe(true);
        expect(term).not.toMatch(/["“”„«»]/);
      }
    }),
  );
});

test('case, accents and forms of letters make no difference', () => {
  expect(foldText('Crème BRÛLÉE')).toBe('creme brulee');
  expect(foldText('ﬁle')).toBe('file');
  expect(foldText('İstanbul')).toBe('istanbul');
  expect(foldText('ｆｕｌｌ')).toBe('full');
});

test('what is shorter than three signs is not in the index, whatever its length in code units', () => {
  expect(isIndexable('ab')).toBe(false);
  expect(isIndexable('🔥🔥')).toBe(false);
  expect(isIndexable('abc')).toBe(true);
});

test('an excerpt shows the words around what was looked for', () => {
  const text = `${'lorem ipsum '.repeat(30)}the export fails on Safari ${'dolor '.repeat(50)}`;
  const excerpt = findExcerpt(text, ['export']);
  expect(excerpt).toMatch(/^… .*the export fails on Safari/);
  expect(excerpt?.length).toBeLessThan(110);
  expect(findExcerpt(text, ['dark mode'])).toBeUndefined();
  expect(findExcerpt('We want a dark mode', ['dark mode'])).toBe('We want a dark mode');
  expect(findExcerpt(`${'很'.repeat(500)}崩溃了${'很'.repeat(500)}`, ['崩溃'])).toMatch(
    /^… 很+崩溃了很/,
  );
});
