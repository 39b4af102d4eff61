import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  countPrivate,
  findPrivate,
  redact,
  redactAndCut,
} from '../../../src/core/privacy/redact.ts';
import { KINDS, type Span } from '../../../src/core/privacy/span.ts';
import { type Case, readCases } from './cases.ts';

/** What is replaced before a text leaves, measured on labelled texts. */

const cases = readCases();
const GOOD = 0.98;

const same = (one: Span) => (other: Span) =>
  one.kind === other.kind && one.start === other.start && one.end === other.end;

/** Right are those finds that have the kind and the very borders of their label. */
function measure(kind: string) {
  const of = (spans: Span[]) => spans.filter((span) => span.kind === kind);
  const sums = { labelled: 0, found: 0, right: 0 };
  for (const { text, spans } of cases) {
    const found = of(findPrivate(text));
    sums.labelled += of(spans).length;
    sums.found += found.length;
    sums.right += found.filter((span) => spans.some(same(span))).length;
  }
  const { labelled, found, right } = sums;
  return { kind, labelled, found, precision: right / found, recall: right / labelled };
}

test('the labelled texts are many, of each kind, and many have nothing to replace', () => {
  expect(cases.length).toBeGreaterThanOrEqual(200);
  expect(new Set(cases.map(({ lang }) => lang)).size).toBeGreaterThanOrEqual(10);
  expect(cases.filter(({ spans }) => spans.length === 0).length).toBeGreaterThanOrEqual(70);
  for (const kind of KINDS) expect(measure(kind).labelled, kind).toBeGreaterThanOrEqual(12);
});

test('precision and recall of each kind', () => {
  const table = KINDS.map(measure);
  for (const { kind, labelled, found, precision, recall } of table) {
    console.info(
      `${kind.padEnd(7)} ${labelled} labelled, ${found} found: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`,
    );
  }
  expect(table.filter(({ precision, recall }) => !(precision >= GOOD && recall >= GOOD))).toEqual(
    [],
  );
});

test.each(cases.map((one): [string, Case] => [one.text, one]))('%j', (text, { spans }) => {
  const said = (of: Span[]) =>
    of.map(({ kind, start, end }) => `${kind}: ${text.slice(start, end)}`);
  expect(said(findPrivate(text))).toEqual(said(spans));
});

test.each(['feedback', 'channel'])('nothing is replaced in the sample messages: %s', (name) => {
  const file = path.join(import.meta.dirname, '../../../sim/feedback', `${name}.jsonl`);
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines.length).toBeGreaterThan(40);
  const texts = lines.map((line) => (JSON.parse(line) as { text: string }).text);
  expect(texts.filter((text) => redact(text) !== text)).toEqual([]);
});

test('a text keeps all else, and is not replaced twice', () => {
  const text = 'Ann <ann@example.com> says: 10.0.0.12 is down,\n  call +1 415 555 2671!';
  expect(redact(text)).toBe('Ann <[email]> says: [ip] is down,\n  call [phone]!');
  for (const one of cases) expect(redact(redact(one.text))).toBe(redact(one.text));
});

test('what overlaps is replaced as a whole, by the kind that comes first', () => {
  expect(redact('password: ann@example.com1')).toBe('password: [key]');
  expect(redact('https://x.example.com/?access_token=4111111111111111')).toBe(
    'https://x.example.com/?access_token=[key]',
  );
});

const SECRETS = ['ann.gomez@example.com', '+33 6 12 34 56 78', '4111 1111 1111 1111', '10.0.0.12'];
const KEY = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0B\n'.repeat(60)}-----END PRIVATE KEY-----`;

test('a long text loses its middle, and no half of what is private stays at the cut', () => {
  const secret = fc.constantFrom(...SECRETS, KEY);
  const size = fc.constantFrom(600, 3_000, 20_000, 40_000);
  const place = fc.integer({ min: -40, max: 40 });
  fc.assert(
    fc.property(secret, size, place, fc.boolean(), (planted, characters, offset, atHead) => {
      const filler = 'word '.repeat(characters / 5);
      const length = 400;
      const cut = atHead ? length * 0.75 : filler.length - length * 0.25;
      const at = Math.max(0, Math.round(cut) + offset - Math.floor(planted.length / 2));
      const text = `${filler.slice(0, at)} ${planted} ${filler.slice(at)}`;
      const shown = redactAndCut(text, length);
      expect(shown.length).toBeLessThanOrEqual(length + 200);
      expect(shown).toContain('characters left out');
      const rest = shown.replace(/\[… \d+ characters left out …\]/, '').replace(/\[\w+\]/g, '');
      expect(rest).toMatch(/^[word\s]*$/);
    }),
    { numRuns: 300 },
  );
});

test('the end of a private key is replaced where its beginning is missing, or was cut out', () => {
  const [, ...rest] = KEY.split('\n');
  expect(redact(`it ends so:\n${rest.join('\n')}\nright?`)).toBe('it ends so:[key]\nright?');
  const longKey = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0B\n'.repeat(400)}-----END PRIVATE KEY-----`;
  const shown = redactAndCut(`${'word '.repeat(4_000)}${longKey} ok`, 400);
  expect(shown).not.toContain('MII');
  expect(shown).toMatch(/ok$/);
});

test('a short text is only redacted, and a text of placeholders stays within its length', () => {
  expect(redactAndCut('Write to ann@example.com', 400)).toBe('Write to [email]');
  expect(redactAndCut('a@b.io '.repeat(5_000), 400).length).toBeLessThan(600);
});

test('each kind is counted', () => {
  const text = 'a@example.com, b@example.com or +33 6 12 34 56 78';
  expect([...countPrivate(text)]).toEqual([
    ['email', 2],
    ['phone', 1],
  ]);
});

test('texts without an end are done in time that grows with them', () => {
  for (const piece of [
    '1 ',
    '1.2.',
    '+1 ',
    '06 12 34 56 78 ',
    '1::',
    'a@b.',
    'DE89 ',
    'ab-',
    '(',
  ]) {
    const text = piece.repeat(40_000 / piece.length);
    // A pattern that tries every way of matching would never get to this line.
    expect(redact(text).length).toBeLessThanOrEqual(text.length * 2);
  }
});
