import { expect, test } from 'vitest';
import { startOfWeek } from '../../../src/core/calendar.ts';
import { composeSummary } from '../../../src/core/digest/digest.ts';
import { composeWeek, median, type WeekFacts } from '../../../src/core/digest/week.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';
import { renderWeek } from '../../../src/slack/blocks/digest/week.ts';
import { flattenBlocks } from '../../../src/slack/blocks/flatten.ts';
import { digestOf, published, renderContext, theme } from '../../slack/blocks/digest/digests.ts';

const FROM = Date.parse('2024-11-10T23:00:00Z');
const TO = Date.parse('2024-11-17T23:00:00Z');

const weekOf = (
  counts: Record<string, [now: number, before: number]>,
  more: Partial<WeekFacts> = {},
) => {
  const about = { kind: 'span' as const, from: FROM, to: TO };
  const { summary } = digestOf([published(1)], { about, writtenAt: TO });
  const { categories: _c, comparedWith: _w, chart: _h, taxonomy: _t, ...facts } = summary;
  const entries = Object.entries(counts);
  const week = composeSummary(
    {
      ...facts,
      total: entries.reduce((sum, [, [now]]) => sum + now, 0),
      countByCategory: new Map(entries.map(([key, [now]]) => [key, now])),
      before: {
        span: { from: FROM - (TO - FROM), to: FROM },
        countByCategory: new Map(entries.map(([key, [, before]]) => [key, before])),
      },
      days: [],
      dailyCounts: new Map(),
    },
    DEFAULT_TAXONOMY,
  );
  const nothing = { resolved: 0, reporters: [], dismissed: [], medianClaimMs: null };
  return { summary: week, ...nothing, ...more };
};

const kindsOf = (facts: WeekFacts) => composeWeek(facts).map(({ kind }) => kind);

test('says nothing of what did not happen', () => {
  expect(kindsOf(weekOf({ bug: [3, 3] }))).toEqual([]);
});

test('the biggest mover is the category that changed most, and by three at least', () => {
  const moverOf = (facts: WeekFacts) =>
    composeWeek(facts).flatMap((part) =>
      part.kind === 'mover' ? [[part.counted.category.key, part.by]] : [],
    );
  expect(moverOf(weekOf({ bug: [3, 5], praise: [9, 9] }))).toEqual([]);
  expect(moverOf(weekOf({ bug: [3, 9], praise: [9, 4], noise: [90, 1] }))).toEqual([['bug', -6]]);
});

test.each([
  [[], null],
  [[5], 5],
  [[9, 1, 5], 5],
  [[1, 9, 5, 3], 4],
])('the median of %j is %j', (values, middle) => {
  expect(median(values)).toBe(middle);
});

test.each([
  ['2024-11-18T08:00:00Z', 'Europe/Paris', '2024-11-17T23:00:00.000Z'],
  ['2024-11-17T22:59:00Z', 'Europe/Paris', '2024-11-10T23:00:00.000Z'],
  ['2024-11-17T23:00:00Z', 'Europe/Paris', '2024-11-17T23:00:00.000Z'],
  // The clocks change on Sunday 3 November.
  ['2024-11-08T12:00:00Z', 'America/New_York', '2024-11-04T05:00:00.000Z'],
  ['2024-11-03T12:00:00Z', 'America/New_York', '2024-10-28T04:00:00.000Z'],
])('at %s in %s the week began at %s', (at, timeZone, start) => {
  expect(new Date(startOfWeek(Date.parse(at), timeZone)).toISOString()).toBe(start);
});

test('is told in a few lines', () => {
  const facts = weekOf(
    { bug: [12, 3], praise: [2, 2] },
    {
      resolved: 14,
      reporters: ['U0ANA', 'U0BOB', 'U0SAMI', null, null].map((author, n) => ({
        author,
        authorName: author ? null : `Customer ${n}`,
      })),
      dismissed: [
        { reason: 'known', messages: 4 },
        { reason: 'as_meant', messages: 2 },
        { reason: null, messages: 1 },
      ],
      medianClaimMs: 7_500_000,
    },
  );
  facts.summary.themes = [
    theme(1, { trend: 'new', title: 'Export fails' }),
    theme(2, { trend: 'new', title: 'Login <!here>' }),
    theme(3, { trend: 'growing' }),
    theme(4, { trend: 'quiet' }),
    theme(5, { trend: 'steady' }),
  ];
  const { text, blocks } = renderWeek(facts, renderContext);
  expect(text).toBe('Last week, 11 Nov to 17 Nov: 14 messages (▲9 vs the week before)');
  expect(
    flattenBlocks(text, blocks)
      .replace(/<[^|>]*\|([^>]*)>/g, '[$1]')
      .split('\n'),
  ).toEqual([
    text,
    '• New themes: [Export fails], [Login &lt;!here&gt;]',
    '• Growing: [Theme 3]',
    '• Gone quiet: [Theme 4]',
    '• Resolved: 14 messages, reported by Ana Gomez, Bob &lt;!here&gt;, سامي and 2 others',
    '• Dismissed: 4 known, 2 works as meant, 1 without a reason',
    '• Median time to claim: 2 h 5 min',
    '• Biggest change: :bug: Bug ▲9',
  ]);
});
