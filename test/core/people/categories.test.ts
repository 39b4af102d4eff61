import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActiveAct } from '../../../src/core/people/acts.ts';
import { decideAlso } from '../../../src/core/people/categories.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';

const KEYS = DEFAULT_TAXONOMY.categories.map(({ key }) => key);

/** `bug`, `bug also praise`, `bug also nothing`: what a person says. */
function said(...told: string[]): Pick<ActiveAct, 'kind' | 'category' | 'also'>[] {
  return told.map((words) => {
    const [category = '', also] = words.split(' also ');
    const second = also === undefined ? null : also === 'nothing' ? '' : also;
    return { kind: 'correct', category, also: second };
  });
}

const decide = (claude: string | null, ...told: string[]) => {
  const [first] = claude === null ? [] : said(claude);
  const base = first && { category: first.category ?? '', also: first.also || null };
  return decideAlso(base ?? null, said(...told), DEFAULT_TAXONOMY);
};

describe('the second category', () => {
  test.each<[string, string | null, string[], string | null]>([
    ['is Claude’s where nobody has spoken', 'bug also praise', [], 'praise'],
    ['stays when the first one is corrected', 'bug also praise', ['question'], 'praise'],
    ['stays when the first one is confirmed', 'bug also praise', ['bug'], 'praise'],
    ['swaps with the first one when that is corrected to it', 'bug also praise', ['praise'], 'bug'],
    ['swaps back', 'bug also praise', ['praise', 'bug'], 'praise'],
    ['is what a person says', 'bug also praise', ['bug also question'], 'question'],
    ['is what a person says where there was none', 'bug', ['bug also question'], 'question'],
    ['is none when a person says so', 'bug also praise', ['bug also nothing'], null],
    ['stays none after that', 'bug also praise', ['bug also nothing', 'question'], null],
    ['is the last one said', 'bug', ['bug also praise', 'bug also question'], 'question'],
    [
      'swaps with what people had corrected',
      'bug',
      ['usability also praise', 'praise'],
      'usability',
    ],
    ['is never the first one', 'bug', ['bug also bug', 'praise'], null],
    ['is hidden on noise', 'bug also praise', ['noise'], null],
    ['is there again when it is feedback after all', 'bug also praise', ['noise', 'bug'], 'praise'],
    ['is never noise', 'noise', ['bug also noise'], null],
    ['is not the noise that it was taken for', 'noise', ['bug'], null],
    ['is a person’s where Claude has said nothing', null, ['bug also praise'], 'praise'],
    ['is none where nobody says one', null, ['bug', 'praise'], null],
  ])('%s', (_name, claude, told, also) => {
    expect(decide(claude, ...told)).toBe(also);
  });

  test('is another category than the first, and neither is noise, whatever is said', () => {
    const key = fc.constantFrom(...KEYS);
    const one = fc.oneof(
      key,
      fc.tuple(key, fc.constantFrom(...KEYS, 'nothing')).map((pair) => pair.join(' also ')),
    );
    fc.assert(
      fc.property(fc.option(one), fc.array(one, { minLength: 1, maxLength: 5 }), (claude, told) => {
        const also = decide(claude, ...told);
        const category = said(told.at(-1) ?? '')[0]?.category;
        if (also === null) return;
        expect(also).not.toBe(category);
        expect([also, category]).not.toContain('noise');
      }),
    );
  });
});
