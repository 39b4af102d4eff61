import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cleanText,
  count,
  cutMiddle,
  escapeMrkdwn,
  foldLines,
  formatAtMost,
  formatDuration,
  formatUsd,
  shorten,
  toPlainText,
} from '../../src/core/text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);

/** UTF-16 units one by one, lone surrogates included. */
const illFormedText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
  .map((units) => String.fromCharCode(...units));

/** Control characters as the standard has them, apart from how the code lists them. */
const isControl = (character: string) =>
  /\p{Cc}/u.test(character) && character !== '\t' && character !== '\n';

describe('cleanText', () => {
  test.each([
    ['NUL, which ends a string in C', 'a\u0000b', 'ab'],
    ['a lone high surrogate', 'a\ud83db', 'a\ufffdb'],
    ['a lone low surrogate', 'a\ude00', 'a\ufffd'],
    ['overrides that make text read backwards', 'in\u202evoice\u202c', 'invoice'],
    ['isolates', '\u2066x\u2069', 'x'],
    ['C1 controls', 'a\u0085b\u009fc', 'abc'],
    ['carriage returns, escape and delete', 'a\r\n\u001b[31mb\u007f', 'a\n[31mb'],
  ])('takes out %s', (_what, raw, clean) => {
    expect(cleanText(raw)).toBe(clean);
  });

  test('keeps what people write: tabs, line feeds, emoji, right-to-left letters', () => {
    const text = 'one\ttwo\nשלום 👩🏽‍🚀 🇫🇷 \u200f';
    expect(cleanText(text)).toBe(text);
  });

  test('whatever comes in, what goes out is well-formed, without controls, and final', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, illFormedText), (raw) => {
        const clean = cleanText(raw);
        expect(clean.isWellFormed()).toBe(true);
        expect([...clean].filter(isControl)).toEqual([]);
        expect(cleanText(clean)).toBe(clean);
      }),
    );
  });
});

describe('toPlainText', () => {
  const nameOf = (user: string) => (user === 'U0ANA' ? 'Ana Gomez' : undefined);

  test.each([
    ['a person whose name is known', 'hi <@U0ANA>', 'hi @Ana Gomez'],
    ['a person by the label', '<@U0BOB|bob> said', '@bob said'],
    ['a person that nothing is known of', '<@U0BOB> said', '@someone said'],
    ['a channel', 'see <#C0123|general>', 'see #general'],
    ['a channel without its name', 'see <#C0123>', 'see #a-channel'],
    ['a broadcast', '<!here> look', '@here look'],
    ['a broadcast with its label', '<!channel|@channel> look', '@channel look'],
    ['a group', '<!subteam^S01|@support> look', '@support look'],
    ['a group without its name', '<!subteam^S01> look', '@a-group look'],
    ['a date', 'due <!date^1392734382^{date}|Feb 18, 2014>', 'due Feb 18, 2014'],
    ['a date without words', 'due <!date^1392734382^{date}>', 'due a date'],
    ['an address', '<mailto:ana@acme.example|ana@acme.example>', 'ana@acme.example'],
    ['a bare link', 'at <https://acme.example/a?b=1&amp;c=2>', 'at https://acme.example/a?b=1&c=2'],
    [
      'a link with a label, whose address stays in sight',
      '<https://evil.example|https://bank.example>',
      'https://bank.example (https://evil.example)',
    ],
    [
      'a link whose label is its address',
      '<https://a.example|https://a.example>',
      'https://a.example',
    ],
    ['entities', '1 &lt; 2 &amp;&amp; 3 &gt; 2', '1 < 2 && 3 > 2'],
    ['entities of entities, once', '&amp;lt;b&amp;gt;', '&lt;b&gt;'],
    ['escaped tokens, which were typed as text', '&lt;!channel&gt;', '<!channel>'],
    ['an opening bracket that nothing closes', 'a <@U0ANA', 'a <@U0ANA'],
    ['brackets in brackets', '<<@U0ANA>>', '<@Ana Gomez>'],
    ['empty brackets', 'a <> b', 'a  b'],
  ])('reads %s', (_what, raw, plain) => {
    expect(toPlainText(raw, nameOf)).toBe(plain);
  });

  test('gives escaped text back as it was typed', () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        expect(toPlainText(escapeMrkdwn(typed), nameOf)).toBe(typed.trim());
      }),
    );
  });
});

test('escapeMrkdwn leaves no character that Slack would parse as a token', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(escapeMrkdwn(text)).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
    }),
  );
  expect(escapeMrkdwn('<!here> & &amp;')).toBe('&lt;!here&gt; &amp; &amp;amp;');
});

test.each([
  [
    'From: Lena Brandt\nAcme, plan: Team \n\n We were charged twice.',
    'From: Lena Brandt · Acme, plan: Team · We were charged twice.',
  ],
  ['It crashes.\nEvery time!\n', 'It crashes. Every time! '],
  ['one line', 'one line'],
])('the lines of %j stay apart on one', (text, line) => {
  expect(foldLines(text)).toBe(line);
});

describe('shorten', () => {
  test('leaves a text that fits as it is, on one line', () => {
    expect(shorten('  one\n\n two\tthree ', 20)).toBe('one two three');
  });

  test('cuts between words where one ends near the limit', () => {
    expect(shorten('the export fails on large boards', 23)).toBe('the export fails on…');
  });

  test('cuts inside a word that is as long as the text', () => {
    expect(shorten('x'.repeat(50), 10)).toBe(`${'x'.repeat(9)}…`);
  });

  test.each([
    ['skin tones', '👍🏽'],
    ['families', '👩‍👩‍👧‍👦'],
    ['flags', '🇫🇷'],
    ['keycaps', '1️⃣'],
    ['letters with marks', 'ñ̃'],
  ])('never cuts through %s', (_what, character) => {
    for (let length = 1; length < 40; length++) {
      const short = shorten(character.repeat(30), length);
      const whole = Math.floor((length - 1) / character.length);
      expect(short).toBe(`${character.repeat(whole)}…`);
    }
  });

  test('is never longer than asked for and cuts only between whole characters', () => {
    const characters = (text: string) =>
      [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].map(
        ({ segment }) => segment,
      );
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 120 }), (text, length) => {
        const short = shorten(text, length);
        expect(short.length).toBeLessThanOrEqual(length);
        expect(short.isWellFormed()).toBe(true);
        const line = text.replace(/\s+/g, ' ').trim();
        if (short === line) return;
        expect(short.endsWith('…')).toBe(true);
        const kept = characters(short.slice(0, -1));
        expect(characters(line).slice(0, kept.length)).toEqual(kept);
      }),
      { numRuns: 300 },
    );
  });
});

describe('cutMiddle', () => {
  test('leaves a text that fits as it is', () => {
    expect(cutMiddle('x'.repeat(100), 100)).toBe('x'.repeat(100));
  });

  test('keeps the beginning and the end, and says how much is missing', () => {
    const text = `${'a'.repeat(500)}${'b'.repeat(500)}`;
    expect(cutMiddle(text, 100)).toBe(
      `${'a'.repeat(75)}\n[… 900 characters left out …]\n${'b'.repeat(25)}`,
    );
  });

  test('stays well-formed when the cut falls into an emoji', () => {
    const cut = cutMiddle(`x${'😀'.repeat(1000)}`, 100);
    expect(cut.isWellFormed()).toBe(true);
  });
});

test.each([
  [0, '$0.00'],
  [0.00004, 'less than $0.0001'],
  [0.0031, '$0.0031'],
  [0.25, '$0.2500'],
  [1.2, '$1.20'],
  [12.345, '$12.35'],
])('%d dollars read %s', (usd, words) => {
  expect(formatUsd(usd)).toBe(words);
});

test.each([
  [0, 'at most about $0.00'],
  [0.00004, 'at most about $0.0001'],
  [0.00311, 'at most about $0.0032'],
  [0.0043, 'at most about $0.0043'],
  [0.25, 'at most about $0.2500'],
])('at most %d dollars read %s', (usd, words) => {
  expect(formatAtMost(usd)).toBe(words);
});

test.each([
  [400, '0 s'],
  [45_000, '45 s'],
  [59_600, '1 min'],
  [7 * 60_000, '7 min'],
  [59.6 * 60_000, '1 h'],
  [125 * 60_000, '2 h 5 min'],
  [47 * 3_600_000, '47 h'],
  [72 * 3_600_000, '3 days'],
])('%d ms read %s', (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});

test.each([
  [0, '0 messages'],
  [1, '1 message'],
  [2, '2 messages'],
  [12_345, '12,345 messages'],
])('%d of them read %s', (n, words) => {
  expect(count(n, 'message')).toBe(words);
});

test('count takes an irregular plural', () => {
  expect([count(1, 'reply', 'replies'), count(3, 'reply', 'replies')]).toEqual([
    '1 reply',
    '3 replies',
  ]);
});
