import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Piece, parseMrkdwn } from '../../../sim/web/src/parse-mrkdwn.ts';

/** The parsed text in short form: markup in brackets with its kind. */
function show(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => {
      switch (piece.kind) {
        case 'text':
          return piece.text;
        case 'code':
        case 'preformatted':
          return `[${piece.kind} ${piece.text}]`;
        case 'link':
          return `[link ${piece.url} ${piece.label}]`;
        case 'user':
          return `[user ${piece.id}]`;
        case 'channel':
          return `[channel ${piece.id} ${piece.label}]`;
        case 'broadcast':
          return `[broadcast ${piece.label}]`;
        case 'date':
          return `[date ${piece.seconds} ${piece.format} ${piece.fallback}]`;
        case 'emoji':
          return `[emoji ${piece.name}]`;
        default:
          return `[${piece.kind} ${show(piece.pieces)}]`;
      }
    })
    .join('');
}

test.each([
  ['*b* _i_ ~s~ `c`', '[bold b] [italic i] [strike s] [code c]'],
  ['*b _i_ b*', '[bold b [italic i] b]'],
  ['2*3*4, snake_case_name, * no *', '2*3*4, snake_case_name, * no *'],
  ['`a *b* &lt;c&gt;` ', '[code a *b* <c>] '],
  ['```\nx *y* <https://a.example|a>\n```z', '[preformatted x *y* a\n]z'],
  ['a &lt;b&gt; &amp;lt; &amp;amp;', 'a <b> &lt; &amp;'],
  ['&gt; one\n&gt; two\nthree', '[quote one\ntwo]three'],
  ['> as an app writes it', '[quote as an app writes it]'],
  ['<https://x.example/?a=1&amp;b=2|a &amp; b>', '[link https://x.example/?a=1&b=2 a & b]'],
  ['<mailto:a@b.example>', '[link mailto:a@b.example a@b.example]'],
  ['<javascript:alert(1)|x>', '<javascript:alert(1)|x>'],
  [
    '<@U1> <#C1|general> <!here> <!subteam^S1|@team>',
    '[user U1] [channel C1 general] [broadcast @here] [broadcast @team]',
  ],
  ['<!date^1700000000^{date} at {time}|then>', '[date 1700000000 {date} at {time} then]'],
  [':bug::+1::skin-tone-2: 10:30', '[emoji bug][emoji +1::skin-tone-2] 10:30'],
  ['', ''],
])('%s', (text, shown) => {
  expect(show(parseMrkdwn(text))).toBe(shown);
});

test('any text is parsed quickly, and no plain words are lost', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab *_~`<>|:&;!@#\n') }), (text) => {
      expect(Array.isArray(parseMrkdwn(text))).toBe(true);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'abc äß.,-') }), (text) => {
      expect(show(parseMrkdwn(text))).toBe(text);
    }),
  );
  expect(show(parseMrkdwn('*a '.repeat(5000)))).toContain('*a');
});
