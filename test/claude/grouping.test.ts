import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildGrouping,
  GISTS_AT_ONCE,
  GROUPINGS_AT_MOST,
  measureGrouping,
  THEMES_AT_ONCE,
} from '../../src/claude/grouping.ts';
import { nanoUsdOf } from '../../src/claude/pricing.ts';
import { GIST_LENGTH } from '../../src/core/runs/verdict.ts';
import { gistId, readGrouping, themeId } from '../../src/core/themes/grouping.ts';

const MODEL = 'claude-haiku-5-5';
const USAGE = { input_tokens: 900, output_tokens: 60 };

const answered = (json: unknown, more: object = {}) => ({
  model: MODEL,
  stop_reason: 'end_turn',
  content: [{ type: 'text', text: typeof json === 'string' ? json : JSON.stringify(json) }],
  usage: USAGE,
  ...more,
});
const read = (groups: unknown, given = { gists: 4, themes: [12, 7] }) =>
  readGrouping(answered({ groups }), given);

describe('the request', () => {
  const input = {
    gists: Array.from({ length: GISTS_AT_ONCE }, (_, n) =>
      `${n}`.repeat(GIST_LENGTH).slice(0, GIST_LENGTH),
    ),
    themes: Array.from({ length: THEMES_AT_ONCE }, (_, id) => ({
      id: 1e15 - id,
      title: 'x'.repeat(GIST_LENGTH),
    })),
  };

  test('is never larger than what is reckoned with', () => {
    const size = JSON.stringify(buildGrouping(input, MODEL, { redact: true })).length;
    const { requests, characters } = measureGrouping(MODEL, GISTS_AT_ONCE, THEMES_AT_ONCE);
    expect(requests).toBe(1);
    expect(size).toBeLessThanOrEqual(characters);
  });

  test('is none for one message, and never more than so many', () => {
    expect(measureGrouping(MODEL, 1, 50)).toMatchObject({ requests: 0, gists: 0, characters: 0 });
    expect(measureGrouping(MODEL, 2, 50)).toMatchObject({ requests: 1, gists: 2 });
    expect(measureGrouping(MODEL, 1e6, 50)).toMatchObject({
      requests: GROUPINGS_AT_MOST,
      gists: GROUPINGS_AT_MOST * GISTS_AT_ONCE,
    });
  });

  test('does not think, and keeps every text in its tag', () => {
    const nasty = fc.array(
      fc.constantFrom('<', '>', '/', 'gist', 'theme', ' id="t1"', '"', '&lt;', '\n', 'x'),
    );
    fc.assert(
      fc.property(fc.array(nasty, { maxLength: 9 }), nasty, (gists, title) => {
        const lines = gists.map((pieces) => pieces.join(''));
        const params = buildGrouping(
          { gists: lines, themes: [{ id: 3, title: title.join('') }] },
          MODEL,
          { redact: true },
        );
        expect(params.thinking).toEqual({ type: 'disabled' });
        const content = params.messages.map((message) => message.content).join('');
        expect(content.split('<').length - 1).toBe(2 * (lines.length + 1));
        expect(content.match(/<gist id="g\d+">/g)?.length ?? 0).toBe(lines.length);
      }),
    );
  });
});

describe('the answer', () => {
  test('is groups of what was given', () => {
    expect(
      read([
        { gists: ['g2', 'g1'], themes: [] },
        { gists: ['g4'], themes: ['t12', 't7'] },
      ]),
    ).toEqual({
      kind: 'groups',
      groups: [
        { gists: [1, 0], themes: [] },
        { gists: [3], themes: [12, 7] },
      ],
      strays: 0,
      usage: expect.objectContaining(USAGE),
    });
  });

  test.each([
    ['an unknown gist', [{ gists: ['g1', 'g2', 'g5'], themes: [] }], 1],
    ['an unknown theme', [{ gists: ['g1', 'g2'], themes: ['t99'] }], 1],
    ['an id of the other kind', [{ gists: ['g1', 'g2', 't12'], themes: ['g3'] }], 2],
    ['an id twice', [{ gists: ['g1', 'g2', 'g2'], themes: [] }], 1],
    [
      'an id in two groups',
      [
        { gists: ['g1', 'g2'], themes: [] },
        { gists: ['g2', 'g1'], themes: [] },
      ],
      2,
    ],
    ['a number for an id', [{ gists: ['g1', 'g2', '1'], themes: ['12'] }], 2],
  ])('loses %s, and keeps the rest', (_what, groups, strays) => {
    expect(read(groups)).toMatchObject({ groups: [{ gists: [0, 1], themes: [] }], strays });
  });

  test('says nothing of one gist alone, nor of themes without a gist', () => {
    const groups = [
      { gists: ['g1'], themes: [] },
      { gists: [], themes: ['t12', 't7'] },
      { gists: [], themes: [] },
    ];
    expect(read(groups)).toMatchObject({ kind: 'groups', groups: [] });
  });

  test.each([
    ['a refusal', answered({}, { stop_reason: 'refusal', content: [] })],
    ['a cut answer', answered('{"groups":[{"gis', { stop_reason: 'max_tokens' })],
    ['no JSON', answered('I think that')],
    ['another shape', answered({ groups: [['g1', 'g2']] })],
    ['no text', answered({}, { content: [] })],
  ])('that is %s is no good, and billed', (_what, message) => {
    expect(readGrouping(message, { gists: 2, themes: [] })).toEqual({
      kind: 'bad',
      reason: expect.any(String),
      usage: expect.objectContaining(USAGE),
    });
  });

  test('may be anything: nothing gets through that was not given, and nothing twice', () => {
    const id = fc.oneof(fc.nat(6).map(gistId), fc.nat(6).map(themeId), fc.string({ maxLength: 4 }));
    const group = fc.record({ gists: fc.array(id), themes: fc.array(id) });
    fc.assert(
      fc.property(fc.oneof(fc.array(group), fc.anything()), (groups) => {
        const reading = read(groups);
        if (reading.kind === 'bad') return;
        const gists = reading.groups.flatMap((one) => one.gists);
        const themes = reading.groups.flatMap((one) => one.themes);
        expect(new Set(gists).size).toBe(gists.length);
        expect(new Set(themes).size).toBe(themes.length);
        for (const index of gists) expect([0, 1, 2, 3]).toContain(index);
        for (const theme of themes) expect([12, 7]).toContain(theme);
      }),
    );
    for (const message of [null, 7, {}, { content: 3 }]) {
      expect(readGrouping(message, { gists: 2, themes: [] }).kind).toBe('bad');
    }
  });

  test('costs twice what it would in a batch', () => {
    expect(nanoUsdOf(MODEL, USAGE, 'standard')).toBe(2 * (nanoUsdOf(MODEL, USAGE) ?? 0));
  });
});
