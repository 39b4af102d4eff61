import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkGist } from '../../../src/core/runs/gist.ts';
import { GIST_LENGTH } from '../../../src/core/runs/verdict.ts';

describe('a gist that shares a word with its message stays', () => {
  test.each([
    ['CSV export fails since Monday', 'Since the update the export has been failing for us'],
    ['Crashes when a photo is added', 'app crashed as soon as I attached photos to the report'],
    ['Synchronisation dauert zu lange', 'das synchronisieren dauert ja ewig, jeden Tag aufs Neue'],
    ['Le mode sombre manque', 'Il n’y a toujours pas de thème SOMBRE dans cette application'],
    ['Wünscht eine Übersicht', 'Eine ubersicht aller Termine waere sehr schoen fuer uns'],
    [
      'ダークモードが欲しい',
      'そろそろダークモードに対応してほしいです。夜は画面がまぶしくて使えません',
    ],
    ['Export fails', 'See <https://example.com/x|the page about export> and what it says there'],
  ])('%s', (gist, text) => {
    expect(checkGist(gist, text)).toBe(gist);
  });
});

describe('a gist without a word of its message', () => {
  test('gives way to what the message says, on one line', () => {
    const text = 'The invoice shows\nthe wrong address &amp; nobody answers <@U0ANA>';
    expect(checkGist('Login does not work', text)).toBe(
      'The invoice shows the wrong address & nobody answers @someone',
    );
  });

  test('shares none only because both have short words', () => {
    const text = 'It is on a PC of my own that I cannot see the calendar';
    expect(checkGist('It is on a Mac', text)).toMatch(/^It is on a PC/);
  });

  test.each([
    'same here',
    '+1 for that',
    '',
    '<@U0ANA> <#C0A|general>',
    '😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀',
  ])('stays where the message says little of its own: %s', (text) => {
    expect(checkGist('The export to PDF fails', text)).toBe('The export to PDF fails');
  });
});

test('is never longer than a gist may be, and never empty for one that was not', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }),
      (gist, text) => {
        const shown = checkGist(gist, text);
        expect(shown === gist || shown.length <= GIST_LENGTH).toBe(true);
        expect(shown).not.toBe('');
      },
    ),
  );
});

test('a message of the greatest length is compared at its beginning', () => {
  expect(checkGist('Export fails', `${'x '.repeat(20_000)}export`)).toMatch(/^x x x/);
});
